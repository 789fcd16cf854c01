// The conversation of docs/design/session.md: a run that pulls two files out of a file system in memory, as its bytes
// and in words. `node --import tsx test/sync/far/conversation.ts` prints that part of the page.

import { pathToFileURL } from "node:url";
import { memoryFileSystem } from "../../../src/fs/index.ts";
import type { Channel } from "../../../src/transport/index.ts";
import { file, fileSystemPlace, readTree, treeOf, writeTree } from "../../support/index.ts";
import { runFar, surroundings } from "./far-rig.ts";

const lanes = ["control", "news", "request", "listing", "content"];
const columns = 96;
const firstFlag = 0x10;
const laneMask = 0x0f;

/** A piece that one end sends: the hello, or a frame. */
interface Piece {
  readonly from: "client" | "agent";
  readonly bytes: Buffer;
}

/** Runs the example and returns the pieces in the order in which they were sent. Throws if it did not do what it is to do. */
export async function converse(): Promise<readonly Piece[]> {
  const fs = memoryFileSystem();
  const root = fs.openRoot("/");
  const place = fileSystemPlace(fs, root);
  const old = file("The old text.\n", { mtime: 1_500_000_000 });
  const text = file("The new text, which is longer.\n", { mtime: 1_700_000_000 });
  const source = { "d/": { hello: file("hi\n", { mtime: 1_600_000_000 }) }, text };
  writeTree(place, treeOf({ "src/": source, "dst/": { text: old } }));
  const then = 1_600_000_000n * 10n ** 9n;
  for (const path of ["src/d", "src", "dst"]) place.setTimes(path, then, then);
  const pieces: Piece[] = [];
  const record = (from: Piece["from"]) => (channel: Channel) => {
    const send = channel.send.bind(channel);
    let isHello = true;
    channel.send = (...given) => {
      pieces.push(
        ...(isHello ? [Buffer.from(given[0])] : framesOf(given[0])).map((bytes) => ({
          from,
          bytes,
        })),
      );
      isHello = false;
      send(...given);
    };
    return channel;
  };
  const around = {
    umask: 0o022,
    euid: 0,
    egid: 0,
    groups: [],
    workingDirectory: "/",
    fileSystem: fs,
  };
  const argv = ["-a", "--numeric-ids", "host:/src/", "/dst/"];
  const wrap = { client: record("client"), agent: record("agent") };
  const { client, agent } = await runFar(argv, wrap, surroundings(around));
  const copied = readTree(place).entries.get("dst/d/hello")?.size;
  if (client.exit !== 0 || agent.exit !== 0 || copied !== 3)
    throw new Error("the example does not work");
  return pieces;
}

/** Cuts what was sent into frames; all messages of the example are short. */
function framesOf(bytes: Uint8Array): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [kind = 0, low = 0, high = 0] = bytes.subarray(at);
    const header = kind < 0x40 && (kind & firstFlag) !== 0 ? 8 : 4;
    const end = at + header + low + high * 256;
    frames.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return frames;
}

/** Returns the part of the page that shows the pieces. */
export function formatConversation(pieces: readonly Piece[]): string {
  return pieces.map(formatPiece).join("\n");
}

function formatPiece({ from, bytes }: Piece): string {
  const [kind = 0] = bytes;
  if (kind === 0x93) {
    const text = bytes.subarray(12).toString("latin1").trimEnd().split("\n");
    return block(`${from}: hello`, bytes, text);
  }
  if (kind === 0x41) return block(`${from}: goodbye`, bytes, []);
  const lane = lanes[kind & laneMask] ?? "";
  const hasChecksum = lane !== "content";
  const message = bytes.subarray(8, bytes.length - (hasChecksum ? 4 : 0));
  return block(`${from}: ${lane}`, bytes, [diagnose(message, 0).text]);
}

function block(title: string, bytes: Buffer, words: readonly string[]): string {
  const hex = bytes.toString("hex").match(new RegExp(`.{1,${columns}}`, "g")) ?? [];
  return [`${title}`, "", "```", ...hex, ...words.map((word) => `= ${word}`), "```", ""].join("\n");
}

/** Returns an item of CBOR in diagnostic notation (RFC 8949, 8), byte strings that are items themselves as << >>. */
function diagnose(bytes: Uint8Array, at: number): { readonly text: string; readonly end: number } {
  const { major, value, end } = headAt(bytes, at);
  if (major === 0) return { text: `${value}`, end };
  if (major === 1) return { text: `${-1 - value}`, end };
  if (major === 2)
    return { text: byteStringText(bytes.subarray(end, end + value)), end: end + value };
  if (major === 4 || major === 5) return nested(bytes, end, value, major);
  if (major === 6) {
    const inner = diagnose(bytes, end);
    return { text: `${value}(${inner.text})`, end: inner.end };
  }
  return { text: ["false", "true", "null"][value - 20] ?? `simple(${value})`, end };
}

function nested(
  bytes: Uint8Array,
  from: number,
  count: number,
  major: number,
): ReturnType<typeof diagnose> {
  const texts: string[] = [];
  let at = from;
  for (let n = 0; n < count * (major - 3); n++) {
    const inner = diagnose(bytes, at);
    texts.push(inner.text);
    at = inner.end;
  }
  if (major === 4) return { text: `[${texts.join(", ")}]`, end: at };
  const pairs = Array.from({ length: count }, (_, n) => `${texts[2 * n]}: ${texts[2 * n + 1]}`);
  return { text: `{${pairs.join(", ")}}`, end: at };
}

function byteStringText(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f))
    return `'${Buffer.from(bytes).toString("latin1")}'`;
  const [first = 0] = bytes;
  if (first >> 5 === 4) {
    try {
      const inner = diagnose(bytes, 0);
      if (inner.end === bytes.length) return `<<${inner.text}>>`;
    } catch {
      // It is no item.
    }
  }
  return `h'${Buffer.from(bytes).toString("hex")}'`;
}

function headAt(bytes: Uint8Array, at: number): { major: number; value: number; end: number } {
  const first = bytes[at];
  if (first === undefined) throw new Error("ends early");
  const info = first & 31;
  if (info < 24) return { major: first >> 5, value: info, end: at + 1 };
  const width = 1 << (info - 24);
  let value = 0;
  for (let i = 1; i <= width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return { major: first >> 5, value, end: at + 1 + width };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.umask(0);
  console.log(formatConversation(await converse()));
}
