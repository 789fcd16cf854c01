// A large file that comes piece by piece: read in order, begun anew in the middle, and with answers that come at
// the worst moment, every byte is the right one and nobody waits for what has come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errno } from "../../../src/base/index.ts";
import type { FileSystem } from "../../../src/fs/index.ts";
import { Answer, type ItemHeader, noSums, type WireEntry } from "../../../src/rsync/index.ts";
import { decodeWanted, Slabs } from "../../../src/session/index.ts";
import type { FarSource } from "../../../src/sync/conduct/far-ends.ts";
import { FarStreams } from "../../../src/sync/conduct/far-streams.ts";
import type { TreeNode } from "../../../src/sync/conduct/tree-node.ts";
import { PushContent } from "../../../src/sync/far/push-content.ts";
import type { PushDirectory } from "../../../src/sync/far/push-directory.ts";
import { RsyncMessage } from "../../../src/sync/far/rsync-message.ts";
import { openArrived } from "../../../src/sync/lane/arrived-content.ts";
import { ArrivingFile } from "../../../src/sync/lane/arriving-file.ts";
import { FeedReader } from "../../../src/sync/tasks/content-feed.ts";
import { type ReadTask, streamPieceBytes } from "../../../src/sync/tasks/far-tasks.ts";
import type { ApplyTask } from "../../../src/sync/tasks/tasks.ts";
import { contentBody } from "./scripted-source.ts";

const key = { node: 1, from: 0 };
const pieces = 6;
const size = (pieces - 1) * streamPieceBytes + 1000;

/** Returns the answer for the piece with this number: its bytes are all that number. */
function answer(number: number): Uint8Array {
  const position = number * streamPieceBytes;
  const length = Math.min(streamPieceBytes, size - position);
  const bytes = new Uint8Array(length).fill(number);
  const state = { size, mtime: 5, mtimeNanos: 0, position };
  return contentBody([{ file: { row: 0, kind: "whole", ...state, length }, bytes }]);
}

/** Returns the answer that a piece cannot be read. */
function refusal(): Uint8Array {
  const problem = { kind: "problem", operation: "read", message: undefined } as const;
  return contentBody([{ file: { row: 0, ...problem, errno: errno.EIO }, bytes: new Uint8Array() }]);
}

/** A stream, what it has asked for and was not answered, and the lane's end of it. */
function scene(fails: (number: number) => boolean = () => false) {
  const asked: (() => void)[] = [];
  let given = 0;
  let next = 0;
  const source: Pick<FarSource, "carriers" | "slabs" | "piece" | "signature" | "drop"> = {
    carriers: 1,
    slabs: new Slabs(),
    piece: (_node, _wish, then) => {
      const number = next++;
      const bytes = (): Uint8Array => (fails(number) ? refusal() : answer(number));
      asked.push(() => then(bytes(), () => given++));
    },
    signature: () => undefined,
    drop: () => undefined,
  };
  let feed: SharedArrayBuffer | undefined;
  let held = 0;
  const submitted: unknown[] = [];
  const scheduler = {
    lanes: 2,
    hold: () => held++,
    release: () => held--,
    submit: (task: { readonly feed?: SharedArrayBuffer }) => {
      feed ??= task.feed;
      submitted.push(task);
    },
  };
  const streams = new FarStreams(
    source as unknown as FarSource,
    () => scheduler as unknown as ReturnType<ConstructorParameters<typeof FarStreams>[1]>,
  );
  const wish = {
    row: 0,
    size,
    start: 0,
    digest: undefined,
    known: [],
    signature: undefined,
    inPlace: false,
    changes: 0,
  };
  const begin = (from: number): void => {
    const task = { ...key, from } as unknown as ApplyTask;
    streams.begin({} as TreeNode, { task, wish }, 0, 1);
  };
  begin(key.from);
  assert.ok(feed !== undefined);
  const feedReader = new FeedReader(feed);
  const open = (pull: (position: number) => void): ArrivingFile => {
    let looks = 0;
    const check = (): void => assert.ok(++looks < 3, "it waits for what has come");
    const parts = { feed: feedReader, start: 0, pull, check };
    const open = (): number => assert.fail("it has no basis");
    const basis = {
      ...{ fs: {} as FileSystem, name: "large", open, openStanding: open },
      digestName: "blake3" as const,
    };
    return new ArrivingFile(parts, 0, basis);
  };
  const pulled = (position: number): void =>
    streams.pulled({ kind: "pull", ...key, position, taken: feedReader.taken });
  const restart = (at = 0): void => {
    next = at;
  };
  const counts = () => ({ given, held, submitted: submitted.length });
  return { streams, asked, begin, open, pulled, restart, counts };
}

function firstByte(file: ArrivingFile, number: number): number | undefined {
  return file.at(number * streamPieceBytes)[0];
}

test("pieces come in order, a few ahead, and all of them are given back", () => {
  const { streams, asked, open, pulled, counts } = scene();
  const file = open((position) => {
    pulled(position);
    for (const answerNow of asked.splice(0)) answerNow();
  });
  for (let n = 0; n < pieces; n++) assert.equal(firstByte(file, n), n);
  assert.equal(file.at(size).length, 0);
  streams.applied(key);
  assert.equal(counts().given, pieces);
});

test("a reading that begins anew gets its piece, though both places were taken meanwhile", () => {
  const { asked, open, pulled, restart } = scene();
  let isAgain = false;
  const file = open((position) => {
    if (isAgain) {
      isAgain = false;
      // An answer of the first reading takes the place that has just become free.
      asked.shift()?.();
      restart();
      pulled(position);
      for (const answerNow of asked.splice(0).reverse()) answerNow();
      return;
    }
    pulled(position);
    for (const answerNow of asked.splice(0, asked.length - 2)) answerNow();
  });
  assert.equal(firstByte(file, 1), 1);
  isAgain = true;
  assert.equal(firstByte(file, 0), 0);
  assert.equal(file.isTorn, false);
});

test("a piece that came and was of no use is asked for again by whoever wants it again", () => {
  let fails = true;
  const { asked, open, pulled, restart } = scene((number) => number === 2 && fails);
  const file = open((position) => {
    pulled(position);
    for (const answerNow of asked.splice(0)) answerNow();
  });
  assert.equal(firstByte(file, 1), 1);
  // Whoever cannot copy it in one go tries once more by reading.
  assert.throws(() => file.at(2 * streamPieceBytes), { code: "EIO" });
  fails = false;
  restart(2);
  for (let n = 2; n < pieces; n++) assert.equal(firstByte(file, n), n);
  assert.equal(file.isTorn, false);
});

test("of many large files only a few take memory at a time, and the run waits for all", () => {
  const { streams, begin, counts } = scene();
  const files = 1000;
  for (let from = 1; from < files; from++) begin(from);
  let { submitted } = counts();
  assert.ok(submitted <= 4, `${submitted} files are under way`);
  for (let from = 0; from < files; from++) {
    assert.equal(counts().held, files - submitted);
    streams.applied({ node: key.node, from });
    submitted = counts().submitted;
    assert.ok(submitted <= from + 5);
  }
  assert.deepEqual(counts(), { given: 0, held: 0, submitted: files });
});

test("a message of files is whole, however long what stands ahead of their bytes is", () => {
  for (const segments of [0, 3, 500]) {
    const slabs = new Slabs();
    const message = new RsyncMessage(slabs, 10, 2);
    const entry = { mtime: 5, mtimeNanos: 6 } as WireEntry;
    message.begin();
    const literals: number[] = [];
    for (let i = 0; i < segments; i++) {
      message.literal(Uint8Array.of(i, i + 1));
      message.literal(Uint8Array.of(i + 2));
      literals.push(i & 255, (i + 1) & 255, (i + 2) & 255);
      message.copy(i * 1000, 10);
      message.copy(i * 1000 + 10, 10);
    }
    message.endFile(7, entry, Uint8Array.of(1));
    message.begin();
    message.literal(Uint8Array.of(1, 2, 3));
    message.endFile(8, entry, Uint8Array.of(2));
    const { files, bytes } = openArrived(message.finish(), "md5");
    const [first, second] = files.map(({ file }) => file);
    if (segments > 0) {
      assert.equal(first?.kind, "segments");
      const found = (first as { readonly segments: readonly unknown[] }).segments;
      assert.equal(found.length, 2 * segments);
      assert.deepEqual(found.slice(-2), [
        { kind: "literal", length: 3 },
        { kind: "basis", offset: (segments - 1) * 1000, length: 20 },
      ]);
    }
    const state = { size: 3, mtime: 5, mtimeNanos: 6, position: 0, length: 3 };
    assert.deepEqual(second, { row: 8, kind: "whole", ...state, sum: Uint8Array.of(2) });
    assert.deepEqual([...bytes], [...literals, 1, 2, 3]);
  }
});

test("large files that a receiving rsync asks for are read no further than there is room for", () => {
  const bytes = 30_000_000;
  const directory = { columns: { size: new Float64Array(20).fill(bytes) }, kept: {} };
  const tasks: ReadTask[] = [];
  let held = 0;
  let gone = 0;
  const content = new PushContent({
    sums: { name: "md5", listName: "md5", seed: 0, seedFirst: true },
    ...{ packing: undefined, inPlace: false, sumsAll: false, inPlacePartials: false },
    submit: (task) => tasks.push(task),
    // What the other end does not take waits here.
    backlog: () => gone,
    done: () => assert.fail("nothing leaves"),
  });
  for (let row = 0; row < 20; row++) {
    const answer = new Answer({ index: row } as ItemHeader, noSums, undefined, () => {
      gone = row === 0 ? answer.pieces.reduce((sum, { frames }) => sum + frames.length, 0) : gone;
    });
    content.ask({ directory: directory as unknown as PushDirectory, row, answer });
  }
  content.goOn();
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    const { id, room } = task;
    held += room.buffer.byteLength;
    const { position, length } = decodeWanted(task.body, 20)[0]?.piece ?? assert.fail();
    const { row } = decodeWanted(task.body, 20)[0] ?? assert.fail();
    const reached = Math.min(bytes, position + length);
    const read = { start: 0, end: reached - position, literal: reached - position, matched: 0 };
    const piece = {
      row,
      position,
      reached,
      size: bytes,
      sum: undefined,
      failed: undefined,
      ...read,
    };
    const framed = [{ ...piece, isLiteralFirst: true, isLiteralLast: true }];
    content.answered({ kind: "read", id, head: nothing, body: nothing, room, framed });
  }
  assert.ok(held > 16e6 && held < 60e6, `${held} bytes lie here, of ${20 * bytes}`);
});

const nothing = new Uint8Array(0);
