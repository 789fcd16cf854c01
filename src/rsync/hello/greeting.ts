// The lines with which a conversation with an rsync daemon begins: greetings, modules, how they are refused.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { authDigests } from "./auth.ts";

/** Protocols that are spoken: rsync 3.0 and later. */
export const protocolMin = 30;
export const protocolMax = 32;

/** What a daemon or its client says first. */
export interface Greeting {
  readonly protocol: number;
  /** Digests for passwords, strongest first; undefined = none were named. */
  readonly digests: readonly string[] | undefined;
}

/** Returns the line, with its end. */
export function formatGreeting(protocol = protocolMax): ByteString {
  return `@RSYNCD: ${protocol}.0 ${authDigests.join(" ")}\n`;
}

const greetingForm = /^@RSYNCD: (\d{1,4})(?:\.(\d{1,4}))?((?: [!-~]{1,32}){0,32}) *$/;

/** Reads a line without its end. Throws a protocol error when it is none, or of a protocol that nobody here speaks. */
export function parseGreeting(line: ByteString, label: string): Greeting {
  const [, major, minor, names = ""] = greetingForm.exec(line) ?? [];
  if (major === undefined) {
    throw new ManifoldError("protocol-version", `${label} does not greet as an rsync daemon does`);
  }
  // A version of a release that was still being made is worth one less.
  const protocol = Number(major) - (Number(minor ?? 0) > 0 ? 1 : 0);
  return {
    protocol: agreeOnProtocol(protocol, protocolMax, label),
    digests: names === "" ? undefined : names.trim().split(" "),
  };
}

/** Returns the protocol for two ends. Throws when theirs is too old, or nonsense. */
export function agreeOnProtocol(theirs: number, ours: number, label: string): number {
  if (theirs >= protocolMin && theirs <= 40) return Math.min(theirs, ours);
  const speaks = theirs >= 20 && theirs <= 40 ? `rsync's protocol ${theirs}` : "no rsync protocol";
  throw new ManifoldError(
    "protocol-version",
    `${label} speaks ${speaks}; manifold speaks ${protocolMin} to ${protocolMax}, as rsync does from 3.0.0 on`,
  );
}

/** What a daemon answers to the name of a module. */
export type DaemonAnswer =
  | { readonly kind: "ok" }
  | { readonly kind: "exit" }
  | { readonly kind: "password"; readonly challenge: ByteString }
  | { readonly kind: "refused"; readonly says: ByteString }
  /** The message of the day, or a module in a list. */
  | { readonly kind: "text"; readonly line: ByteString };

/** Reads a line without its end. Nothing but a few words is taken for anything other than text. */
export function parseAnswer(line: ByteString): DaemonAnswer {
  if (line === "@RSYNCD: OK") return { kind: "ok" };
  if (line === "@RSYNCD: EXIT") return { kind: "exit" };
  if (line.startsWith("@RSYNCD: AUTHREQD ")) return { kind: "password", challenge: line.slice(18) };
  if (line.startsWith("@ERROR")) return { kind: "refused", says: line.replace(/^@ERROR:? ?/, "") };
  return { kind: "text", line };
}

/** Returns a module's line in a list, with its end. */
export function formatModule(name: ByteString, comment: ByteString): ByteString {
  return `${name.padEnd(15)}\t${comment}\n`;
}
