// Pins that parts which are found and are not there after all cost bytes, and no content: files of the target that change
// meanwhile, and a source's end that lies about its chunks or about what it was told.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { after, before, describe, it, test } from "node:test";
import { Chunker, ChunkList, chunkSizes } from "../../../src/delta/index.ts";
import { type FileSystem, openFileSystem } from "../../../src/fs/index.ts";
import { blake3 } from "../../../src/hash/index.ts";
import {
  chunkListBytesMax,
  encodeChunkList,
  lane,
  type OpenPeer,
  type Segment,
} from "../../../src/session/index.ts";
import type { ItemEvent } from "../../../src/tree/index.ts";
import { noise, type TemporaryFolder, temporaryFolder } from "../../support/index.ts";
import { runFar, surroundings } from "./far-rig.ts";
import {
  body,
  content,
  playSource,
  type Script,
  type Scripted,
  sayTree,
} from "./scripted-source.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

/** The machine's door, which tells before a file is opened. */
function doorTelling(opens: (name: string) => void): FileSystem {
  return new Proxy(openFileSystem(), {
    get: (inner, key: keyof FileSystem) => {
      const value = inner[key];
      if (typeof value !== "function") return value;
      if (key !== "openRead") return value.bind(inner);
      return (...given: Parameters<FileSystem["openRead"]>) => {
        opens(given[1]);
        return inner.openRead(...given);
      };
    },
  });
}

/** Pulls a file of parts, while something happens to one of them when it is opened for the `at`th time. */
async function pullWhile(
  at: number,
  happens: (path: string) => void,
): Promise<{ readonly opened: number; readonly lines: readonly string[] }> {
  using folder = temporaryFolder();
  for (const name of ["source", "target"]) mkdirSync(folder.at(name));
  const [a, b] = [noise(1, 60_000), noise(2, 30_000)];
  writeFileSync(folder.at("target/a"), a);
  writeFileSync(folder.at("target/b"), b);
  const files = { a: b.subarray(0, -100), joined: Buffer.concat([b, a]), last: b.subarray(1000) };
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(folder.at(`source/${name}`), bytes);
    utimesSync(folder.at(`source/${name}`), 1_700_000_000, 1_700_000_000);
  }
  let opened = 0;
  const fileSystem = doorTelling((name) => {
    if (name === "b" && ++opened === at) happens(folder.at("target/b"));
  });
  const argv = ["-ai", "--content-index", `host:${folder.at("source")}/`, folder.at("target/")];
  const { client, events, stalled } = await runFar(
    argv,
    {},
    surroundings({ fileSystem }),
    surroundings(),
  );
  assert.deepEqual([client.exit, stalled], [0, false], `${at}: ${JSON.stringify(events)}`);
  for (const [name, bytes] of Object.entries(files)) {
    assert.deepEqual(
      readFileSync(folder.at(`target/${name}`)),
      bytes,
      `${name}, opened ${at} times`,
    );
  }
  const items = events.filter((event): event is ItemEvent => event.type === "item");
  // The time of the top changes with what happens in it.
  return { opened, lines: items.map(({ path }) => path).filter((path) => path !== ".") };
}

describe("a file with parts of others", () => {
  const changes: Readonly<Record<string, (path: string) => void>> = {
    "is another by then": (path) => writeFileSync(path, noise(3, 30_000)),
    "is shorter by then": (path) => writeFileSync(path, "short"),
    "is gone by then": (path) => rmSync(path),
  };
  for (const [name, happens] of Object.entries(changes)) {
    it(`comes whole where one of those ${name}, and is told in its place`, async () => {
      const { opened, lines } = await pullWhile(0, happens);
      assert.ok(opened >= 2, "it is cut, and read");
      for (let at = 1; at <= opened; at++) {
        assert.deepEqual((await pullWhile(at, happens)).lines, lines, `opened ${at} times`);
      }
    });
  }
});

const known = noise(5, 40_000);
const wanted = noise(6, 50_000);
const bits = 10;

/** The list of chunks of bytes, as a source's end says it of row 0. */
function chunksOf(bytes: Uint8Array, row = 0, cut = 0): Scripted {
  const read = (into: Uint8Array, offset: number, length: number, position: number): number => {
    const part = bytes.subarray(position, position + length);
    into.set(part, offset);
    return part.length;
  };
  return listed(new Chunker(chunkSizes(2 ** bits)).cut(read, bytes.length), row, cut);
}

function listed(list: ChunkList, row = 0, cut = 0): Scripted {
  const room = new Uint8Array(chunkListBytesMax(list.count));
  const bytes = room.subarray(0, encodeChunkList(list, room, 0) - cut);
  return { file: { row, kind: "chunks", size: wanted.length, length: bytes.length }, bytes };
}

/** A file that is made of these segments; `bytes`: of the literal ones. */
function built(segments: readonly Segment[], bytes: Uint8Array, whole: Uint8Array): Scripted {
  const state = { row: 0, size: wanted.length, mtime: 1000, mtimeNanos: 0, position: 0 };
  return { file: { ...state, kind: "segments", digest: blake3(whole), segments }, bytes };
}

const whole: Scripted = built([{ kind: "literal", length: wanted.length }], wanted, wanted);

/** Pushes the one file, whose content the target has not got, to a target that has `known`. */
async function push(
  folder: TemporaryFolder,
  answers: { readonly chunks: Scripted; readonly content: Scripted },
): Promise<{ readonly told: string; readonly asked: readonly boolean[] }> {
  mkdirSync(folder.at("target"));
  writeFileSync(folder.at("target/known"), known);
  const asked: boolean[] = [];
  const script: Script = {
    options: ["--content-index"],
    walk: (peer) => sayTree(peer, body([{ name: "a", size: wanted.length }])),
    answer: (peer: OpenPeer, { id, isForChunks }) => {
      asked.push(isForChunks);
      const again = asked.filter((one) => !one).length > 1;
      const said = isForChunks ? answers.chunks : again ? whole : answers.content;
      peer.send(lane.content, content(id, [said]));
    },
  };
  const { told } = await playSource(folder.at("target"), script);
  return { told, asked };
}

describe("a source's end that", () => {
  const huge = new ChunkList();
  huge.addKnown(wanted.length, new Uint8Array(8));
  const held = (length: number): Segment => ({ kind: "held", length });
  const literal: Segment = { kind: "literal", length: wanted.length };
  // The list says that the file begins like the one that the target has.
  const lying = chunksOf(Buffer.concat([known, wanted.subarray(known.length)]));
  const refused: Readonly<Record<string, readonly [Scripted, Scripted, RegExp]>> = {
    "tells chunks of another length": [chunksOf(known), whole, /do not make up the file/],
    "tells chunks that are cut off": [chunksOf(wanted, 0, 3), whole, /do not make up the file/],
    "tells one chunk that is too long": [listed(huge), whole, /do not make up the file/],
    "tells chunks of another file": [chunksOf(wanted, 7), whole, /nobody asked for/],
    "sends content for chunks": [whole, whole, /nobody asked for/],
    "sends chunks for content": [chunksOf(wanted), chunksOf(wanted), /nobody asked for/],
    "leaves out more than the target holds": [
      lying,
      built([held(wanted.length)], new Uint8Array(0), wanted),
      /left out what it was to send/,
    ],
    "leaves out what lies behind": [
      lying,
      built([{ ...literal, length: 45_000 }, held(5000)], wanted.subarray(0, 45_000), wanted),
      /left out what it was to send/,
    ],
  };
  for (const [name, [chunks, answer, error]] of Object.entries(refused)) {
    it(`${name} ends the run`, async () => {
      using folder = temporaryFolder();
      const { told } = await push(folder, { chunks, content: answer });
      assert.match(told, /^protocol-data: /);
      assert.match(told, error);
      assert.equal(existsSync(folder.at("target/a")), false);
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
    });
  }

  it("tells chunks of what the file is not is asked for all of it", async () => {
    using folder = temporaryFolder();
    const front = known.length - 8 * 1024;
    const answer = built(
      [held(front), { kind: "literal", length: wanted.length - front }],
      wanted.subarray(front),
      wanted,
    );
    const { told, asked } = await push(folder, { chunks: lying, content: answer });
    assert.equal(told, "exit 0");
    assert.deepEqual(asked, [true, false, false]);
    assert.deepEqual(readFileSync(folder.at("target/a")), wanted);
  });
});

test("parts that nobody was told of are no parts", async () => {
  using folder = temporaryFolder();
  // Nothing of it is found, so that nothing is told to be held.
  const answer = built([{ kind: "held", length: wanted.length }], new Uint8Array(0), wanted);
  const { told } = await push(folder, { chunks: chunksOf(wanted), content: answer });
  assert.equal(told, "exit 23");
  assert.equal(existsSync(folder.at("target/a")), false);
});
