// Two machines that have never met come to know each other by a code that a person carries from one to the
// other. Each proves that it knows the code without telling it, by an HMAC over what both see of this one
// connection: its secret (RFC 8446, 7.5) and both keys. Somebody in the middle has two connections with
// different secrets and keys, so neither side's proof is of use to him; and the code is too long to be
// found from a proof (100 bits).
//
// The server keeps the invitation in a file that only grows: each attempt is a line, written before the
// proof is looked at, so that attempts at the same moment all count, and "used" is first once.

import { type ByteString, type Clock, ManifoldError } from "../../base/index.ts";
import { appendToFile, removeSmallFile, replaceSmallFile } from "../../fs/index.ts";
import { equalDigests, keyedDigest } from "../../hash/index.ts";
import { makeRoomFor, named, readLines } from "./line-file.ts";

/** Crockford's base 32: no letter looks like a digit. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const codeLength = 20;
const codeForm = /^[0-9A-HJKMNP-TV-Z]{20}$/;

/** How long a code is good for, and how many proofs may be tried against it. */
export const pairingMsMax = 10 * 60 * 1000;
/** Enough for a person who mistypes; an attacker gains nothing from any number. */
export const pairingAttemptsMax = 10;

/** Makes a code, four groups of five. */
export function makeCode(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(codeLength));
  // 256 is a multiple of 32: every character is equally likely.
  const letters = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
  return letters.replace(/.{5}(?=.)/g, "$&-");
}

/** Returns the code's characters as they were made, however they were typed. Throws a usage error for what is no code. */
export function readCode(typed: string): string {
  const code = typed.toUpperCase().replace(/[-\s]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (codeForm.test(code)) return code;
  throw new ManifoldError("usage", `A pairing code has ${codeLength} letters and digits`);
}

/** What both ends see of one connection. */
export interface Meeting {
  /** The connection's exported secret. */
  readonly secret: Uint8Array;
  readonly clientKey: string;
  readonly serverKey: string;
}

/** The label under which the secret is exported. */
export const pairingLabel = "EXPORTER-manifold-pairing";

/** Returns one side's proof that it knows the code. */
export function pairingProof(
  code: string,
  side: "client" | "server",
  meeting: Meeting,
): Uint8Array {
  const text = (value: string): Uint8Array => Buffer.from(value, "latin1");
  return keyedDigest(
    text(readCode(code)),
    text(`manifold pairing ${side}`),
    meeting.secret,
    text(meeting.clientKey),
    text(meeting.serverKey),
  );
}

/** Says whether the other side's proof is right. */
export function isProof(
  proof: Uint8Array,
  code: string,
  side: "client" | "server",
  meeting: Meeting,
): boolean {
  return equalDigests(proof, pairingProof(code, side, meeting));
}

/** Writes down an invitation, in place of one that is there. Returns its code. `name` is what the guest will be called. */
export function invite(file: ByteString, name: string, clock: Pick<Clock, "wallTime">): string {
  const code = makeCode();
  makeRoomFor(file);
  const until = Math.round(clock.wallTime() + pairingMsMax);
  named(file, () =>
    replaceSmallFile(file, `invitation ${readCode(code)} ${until} ${name}\n`, 0o600),
  );
  return code;
}

/** How an attempt ended. */
export type PairingResult =
  | { readonly ok: true; readonly name: string; readonly proof: Uint8Array }
  | { readonly ok: false; readonly says: string };

/** Looks at a guest's proof. It counts as an attempt whatever comes of it; one that is right uses the code up. Throws ManifoldError. */
export function answerGuest(
  file: ByteString,
  proof: Uint8Array,
  meeting: Meeting,
  clock: Pick<Clock, "wallTime">,
): PairingResult {
  const no = { ok: false, says: "no such pairing code, or it is used up or too old" } as const;
  if (readLines(file).length === 0) return no;
  const ticket = globalThis.crypto.randomUUID();
  const note = (word: string): void => named(file, () => appendToFile(file, `${word} ${ticket}\n`));
  note("attempt");
  const lines = readLines(file);
  const [kind, code = "", until = "0", ...name] = lines[0]?.words ?? [];
  const tickets = (word: string): (string | undefined)[] =>
    lines.filter(({ words }) => words[0] === word).map(({ words }) => words[1]);
  const isFresh = kind === "invitation" && clock.wallTime() < Number(until);
  const attempt = tickets("attempt").indexOf(ticket);
  if (!isFresh || attempt < 0 || attempt >= pairingAttemptsMax) {
    if (kind !== "invitation" || !isFresh) removeSmallFile(file);
    return no;
  }
  if (!isProof(proof, code, "client", meeting)) return no;
  note("used");
  const after = readLines(file);
  const firstUse = after.find(({ words }) => words[0] === "used");
  // The file may have been replaced or removed meanwhile, and our line be the first of another one.
  if (after[0]?.words[1] !== code || firstUse?.words[1] !== ticket) return no;
  return { ok: true, name: name.join(" "), proof: pairingProof(code, "server", meeting) };
}
