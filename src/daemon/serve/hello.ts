// The first line each way on a connection with a daemon: what the client wants, and whether it gets it.
// The conversation proper begins where these end.

import { type ByteString, ManifoldError } from "../../base/index.ts";

/** What a client may ask for. */
export type Wish =
  | { readonly kind: "module"; readonly name: ByteString }
  | { readonly kind: "list" }
  | { readonly kind: "pair"; readonly proof: Uint8Array };

const form = /^manifold\/1 (?:(list)|module ([ -.0-~\x80-\xff]+)|pair ([0-9a-f]{64}))$/;

/** Returns the line, without its end. */
export function formatWish(wish: Wish): ByteString {
  if (wish.kind === "list") return "manifold/1 list";
  if (wish.kind === "module") return `manifold/1 module ${wish.name}`;
  return `manifold/1 pair ${Buffer.from(wish.proof).toString("hex")}`;
}

/** Reads the line. Throws ManifoldError ("protocol-data"). */
export function parseWish(line: ByteString): Wish {
  const [, list, name, proof] = form.exec(line) ?? [];
  if (list !== undefined) return { kind: "list" };
  if (name !== undefined) return { kind: "module", name };
  if (proof !== undefined) return { kind: "pair", proof: Buffer.from(proof, "hex") };
  throw new ManifoldError("protocol-data", "The first line asks for nothing that exists here");
}

/** Returns the line that answers: what comes with a yes, or why not. */
export function formatAnswer(ok: boolean, text: ByteString): ByteString {
  return `${ok ? "ok" : "no"} ${text.replace(/[^ -~\x80-\xff]/g, "?")}`;
}

/** Reads the answer; returns what comes with a yes. Throws ManifoldError ("start-client") with what a no says. */
export function parseAnswer(line: ByteString, place: string): ByteString {
  const [, word, text = ""] = /^(ok|no) (.*)$/s.exec(line) ?? [];
  if (word === "ok") return text;
  const says = word === "no" ? text.replace(/[^ -~\x80-\xff]/g, "?") : "it is no manifold";
  throw new ManifoldError("start-client", `${place}: ${says}`);
}
