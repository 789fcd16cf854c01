// What more connections of a run are known by: a token that only the run's two ends know, on both sides of
// the machine on which the run's agent waits for them.

import { keyedDigest } from "../../hash/index.ts";
import { joinTokenBytes } from "../../session/index.ts";

/** How long either side of a join may take for each step: both are on one machine. */
export const joinMs = 60_000;

/** Returns bytes that nobody can guess. */
export function randomToken(): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(joinTokenBytes));
}

/** Returns the name under which the run's agent listens: it does not tell the token. */
export function joinName(token: Uint8Array): string {
  return `manifold-${hex(keyedDigest(token, text("name")).subarray(0, 16))}`;
}

/** Returns what whoever listens under the name answers to 16 fresh bytes in hexadecimal digits: it knows the token. */
export function joinProof(token: Uint8Array, nonce: string): string {
  return hex(keyedDigest(token, text("proof"), text(nonce)));
}

/** What such bytes look like. */
export const nonceForm = /^[0-9a-f]{32}$/;

/** Returns such bytes. */
export function randomNonce(): string {
  return hex(randomToken());
}

function text(words: string): Uint8Array {
  return Buffer.from(words, "latin1");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
