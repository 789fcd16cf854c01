// The stream of a cast at the master: the latest part is kept, what was before is recorded again and is the same, or
// is not handed out.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Replay } from "../../src/sync/cast/replay.ts";
import { StreamFile } from "../../src/sync/cast/stream-file.ts";
import type { Steps } from "../../src/sync/verbs/steps.ts";
import { Choice } from "../support/index.ts";

const blockBytes = 1408;
const streamBytes = 9_000_001;

/** Records bytes in pieces of odd lengths, and waits now and then. */
function* record(bytes: Uint8Array, sink: (piece: Uint8Array) => void): Steps<number> {
  const choice = new Choice(5);
  // Whoever records uses the same memory again.
  const piece = new Uint8Array(300_000);
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(1 + choice.below(piece.length), bytes.length - at);
    piece.set(bytes.subarray(at, at + length));
    sink(piece.subarray(0, length));
    at += length;
    if (choice.below(4) === 0) yield Promise.resolve();
    else yield;
  }
  return 0;
}

function recorded(bytes: Uint8Array, keptBytes?: number): StreamFile {
  const file = new StreamFile(blockBytes, keptBytes);
  for (const _ of record(bytes, (piece) => file.append(piece)));
  file.finish();
  return file;
}

describe("the stream of a cast at the master", () => {
  it("keeps the latest part, block by block", () => {
    const bytes = new Choice(1).bytes(streamBytes);
    for (const kept of [blockBytes, 100_000, 3_000_000, undefined]) {
      const file = recorded(bytes, kept);
      assert.equal(file.blocks, Math.ceil(streamBytes / blockBytes));
      const into = new Uint8Array(blockBytes);
      let count = 0;
      for (let block = 0; block < file.blocks; block++) {
        if (!file.has(block)) continue;
        count++;
        file.read(block, into);
        const at = block * blockBytes;
        const there = bytes.subarray(at, at + blockBytes);
        assert.equal(Buffer.compare(into.subarray(0, there.length), there), 0);
        assert.ok(into.subarray(there.length).every((byte) => byte === 0));
      }
      const wanted = kept === undefined ? file.blocks : Math.floor(kept / blockBytes);
      assert.ok(count >= wanted && count <= wanted + 1, `${count} of ${wanted} blocks are kept`);
      file.close();
    }
  });

  it("reads blocks of any number in any order, while it grows", () => {
    const bytes = new Choice(4).bytes(blockBytes * 2000);
    const file = new StreamFile(blockBytes);
    const choice = new Choice(6);
    let [length, next] = [0, 0];
    while (next < 2000) {
      const more = Math.min(bytes.length - length, choice.below(600_000));
      file.append(bytes.subarray(length, length + more));
      length += more;
      for (let times = choice.below(200); times > 0 && next < file.blocks; times--) {
        const isNew = !choice.percent(20);
        const block = isNew ? next : choice.below(next + 1);
        const count = Math.min(1 + choice.below(choice.percent(5) ? 200 : 6), file.blocks - block);
        const into = new Uint8Array(count * blockBytes);
        file.read(block, into);
        const at = block * blockBytes;
        assert.equal(Buffer.compare(into, bytes.subarray(at, at + into.length)), 0);
        if (isNew) next += count;
      }
    }
    file.close();
  });

  it("is the same when it is recorded again, whatever is asked for and in small memory", async () => {
    const bytes = new Choice(2).bytes(streamBytes);
    const file = recorded(bytes, 100_000);
    const replay = new Replay(file, (sink) => record(bytes, sink));
    const choice = new Choice(3);
    for (let at = 0; at < streamBytes; ) {
      const into = new Uint8Array(blockBytes * (1 + choice.below(192)));
      await replay.read(at, into);
      const there = bytes.subarray(at, at + into.length);
      assert.equal(Buffer.compare(into.subarray(0, there.length), there), 0);
      assert.ok(replay.start <= at);
      at += into.length;
    }
    assert.ok(replay.start > 0, "what nobody needs any more is let go");
    replay.close();
    file.close();
  });

  it("is not handed out when the source has changed, is shorter or longer", async () => {
    const bytes = new Choice(4).bytes(streamBytes);
    const file = recorded(bytes, 100_000);
    const other = bytes.slice();
    other[5_000_000] = (other[5_000_000] as number) ^ 1;
    const into = new Uint8Array(blockBytes);
    const changed = new Replay(file, (sink) => record(other, sink));
    await changed.read(0, into);
    await assert.rejects(changed.read(5_000_000 - 100, into), /source changed/);
    const short = new Replay(file, (sink) => record(bytes.subarray(0, 8_000_000), sink));
    await assert.rejects(short.read(8_000_000 - blockBytes, into), /source changed/);
    const long = new Uint8Array(streamBytes + 5);
    long.set(bytes);
    const longer = new Replay(file, (sink) => record(long, sink));
    await assert.rejects(longer.read(streamBytes - blockBytes, into), /source changed/);
    for (const replay of [changed, short, longer]) replay.close();
    file.close();
  });
});
