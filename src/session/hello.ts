// The hello: the first bytes of both ends, sent without waiting for the other's. A magic that no text
// begins with, the oldest and the newest version of the protocol that the end speaks, and lines of
// text: "name: value value".

import { ManifoldError } from "../base/index.ts";
import { greetingError } from "./greeting.ts";
import { helloTextMax } from "./limits.ts";

/** 0x93 begins no UTF-8 text; CR LF is damaged by whatever translates line ends. */
export const magic = Uint8Array.from(Buffer.from("\x93MFOLD\r\n", "latin1"));

/** The versions of the protocol that this build speaks. */
export const oldestVersion = 1;
export const newestVersion = 1;

const fixedBytes = magic.length + 4;
const nameForm = /^[a-z][a-z0-9-]{0,31}$/;
const valueForm = /^[!-~]{1,64}$/;

/** Which end began: the one that the user started, or the one that was called. */
export type Side = "initiator" | "acceptor";

/** Sets of named strings: what an end can do. Values stand in order of preference. */
export type Capabilities = Readonly<Record<string, readonly string[]>>;

/** What an end says of itself first. */
export interface Hello {
  readonly oldest: number;
  readonly newest: number;
  readonly side: Side;
  /** Program and version, for messages: "manifold/0.1.0". */
  readonly program: string;
  /** Silence that this end tolerates, in milliseconds; 0 = any. */
  readonly timeoutMs: number;
  readonly capabilities: Capabilities;
}

/** Returns the bytes of a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  const lines = [
    `side: ${hello.side}`,
    `program: ${hello.program}`,
    `timeout: ${hello.timeoutMs}`,
    ...Object.entries(hello.capabilities).map(([name, values]) => `${name}: ${values.join(" ")}`),
  ];
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
  const bytes = new Uint8Array(fixedBytes + text.length);
  bytes.set(magic);
  bytes.set([hello.oldest, hello.newest, text.length & 0xff, text.length >>> 8], magic.length);
  bytes.set(text, fixedBytes);
  return bytes;
}

/** Reads a hello out of bytes that come in pieces. */
export class HelloReader {
  private readonly label: string;
  private bytes: Uint8Array = new Uint8Array(0);
  /** What came behind the hello. */
  rest: Uint8Array = new Uint8Array(0);

  constructor(label: string) {
    this.label = label;
  }

  /** True when something has come. */
  get hasBegun(): boolean {
    return this.bytes.length > 0;
  }

  /** Takes the next bytes; returns the hello when it is whole. Throws ManifoldError when it is none. */
  push(bytes: Uint8Array): Hello | undefined {
    const all = new Uint8Array(this.bytes.length + bytes.length);
    all.set(this.bytes);
    all.set(bytes, this.bytes.length);
    this.bytes = all;
    if (!isMagic(all)) {
      const error = greetingError(this.label, all, false);
      if (error !== undefined) throw error;
      return undefined;
    }
    if (all.length < fixedBytes) return undefined;
    const length = (all[fixedBytes - 2] as number) + (all[fixedBytes - 1] as number) * 0x100;
    if (length > helloTextMax) {
      throw this.broken(`hello of ${length} bytes, the limit is ${helloTextMax}`);
    }
    if (all.length < fixedBytes + length) return undefined;
    this.rest = all.subarray(fixedBytes + length);
    return this.parse(all, length);
  }

  /** What is wrong when nothing more comes: a greeting without a line's end, or a hello that broke off. */
  cutOff(): ManifoldError | undefined {
    return isMagic(this.bytes) ? undefined : greetingError(this.label, this.bytes, true);
  }

  private parse(all: Uint8Array, length: number): Hello {
    const [oldest = 0, newest = 0] = all.subarray(magic.length);
    if (oldest === 0 || oldest > newest) {
      throw this.broken(`hello with versions ${oldest} to ${newest}`);
    }
    const text = Buffer.from(all.subarray(fixedBytes, fixedBytes + length)).toString("latin1");
    const fields = new Map<string, string[]>();
    for (const line of text.split("\n").slice(0, -1)) {
      const [name = "", ...words] = line.split(/: ?| /);
      const isLine = nameForm.test(name) && words.every((word) => valueForm.test(word));
      if (!isLine || fields.has(name)) throw this.broken("hello with a line that is none");
      fields.set(name, words);
    }
    if (text !== "" && !text.endsWith("\n")) throw this.broken("hello without the end of its text");
    return { oldest, newest, ...this.fieldsOf(fields) };
  }

  private fieldsOf(fields: Map<string, string[]>): Omit<Hello, "oldest" | "newest"> {
    const side = fields.get("side")?.[0];
    const timeout = fields.get("timeout")?.[0] ?? "0";
    if (side !== "initiator" && side !== "acceptor") throw this.broken("hello without a side");
    if (!/^[0-9]{1,12}$/.test(timeout)) throw this.broken("hello with a timeout that is no number");
    const program = fields.get("program")?.join(" ") ?? "";
    for (const name of ["side", "timeout", "program"]) fields.delete(name);
    // Without a prototype: a peer names these.
    const capabilities = Object.assign(Object.create(null), Object.fromEntries(fields));
    return { side, program, timeoutMs: Number(timeout), capabilities };
  }

  private broken(what: string): ManifoldError {
    return new ManifoldError("protocol-data", `${this.label}: ${what}`);
  }
}

function isMagic(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, magic.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== magic[i]) return false;
  return true;
}
