// A target's copy of a stream: every block is where it belongs, in whatever order they come, and it outlives whoever
// writes it.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { describe, test } from "node:test";
import { plainRandom } from "../../src/base/index.ts";
import { openFileSystem } from "../../src/fs/index.ts";
import { BlockFile } from "../../src/sync/cast/block-file.ts";
import { HeldBlocks } from "../../src/sync/cast/held-blocks.ts";
import { NamedCopy, namelessCopy } from "../../src/sync/cast/stream-copy.ts";
import {
  StreamSums,
  stretchBlocks,
  stretchBytes,
  stretchesMax,
} from "../../src/sync/cast/stream-sums.ts";
import { formatOwner, ownRecord } from "../../src/sync/state/owner-record.ts";
import { Choice, type TemporaryFolder, temporaryFolder } from "../support/index.ts";

const blockBytes = 1408;

test("blocks are where they belong, in whatever order they come", () => {
  for (let seed = 0; seed < 20; seed++) {
    const choice = new Choice(seed);
    const blocks = 1 + choice.below(1500);
    const bytes = new Choice(seed + 100).bytes(blocks * blockBytes);
    const length = bytes.length - choice.below(blockBytes);
    const copy = namelessCopy();
    const file = new BlockFile(blockBytes, copy);
    const put = (block: number): void => {
      const at = block * blockBytes;
      file.put(block, Uint8Array.from(bytes.subarray(at, at + blockBytes)));
    };
    const missing: number[] = [];
    for (let block = 0; block < blocks; block++) {
      if (choice.percent(10)) missing.push(block);
      else put(block);
      if (missing.length > 0 && choice.percent(8)) {
        put(missing.splice(choice.below(missing.length), 1)[0] as number);
      }
    }
    for (const block of choice.shuffled(missing)) put(block);
    file.finish(length);
    const there = Buffer.alloc(bytes.length);
    assert.equal(readSync(copy.descriptor, there, 0, there.length, 0), length);
    assert.equal(Buffer.compare(there.subarray(0, length), bytes.subarray(0, length)), 0);
    copy.close();
  }
});

describe("a copy that outlives whoever writes it", () => {
  const door = openFileSystem();
  const names = (folder: TemporaryFolder): string[] =>
    existsSync(folder.at(".manifold/partial")) ? readdirSync(folder.at(".manifold/partial")) : [];

  test("waits for the next cast, or is gone without a trace, and the target's time stays", () => {
    using folder = temporaryFolder();
    utimesSync(folder.path, 1000, 1000);
    const bytes = new Choice(1).bytes(stretchBytes);
    const make = (): NamedCopy => {
      const copy = NamedCopy.make(door, folder.path);
      assert.ok(copy !== undefined);
      copy.write(bytes, 5);
      return copy;
    };
    const [left, forgotten, short] = [make(), make(), make()];
    assert.equal(NamedCopy.adopt(door, folder.path), undefined, "they are being written");
    short.truncate(stretchBytes - 1);
    for (const copy of [short, forgotten]) {
      if (copy === forgotten) copy.forget();
      copy.close();
    }
    left.close();
    assert.deepEqual(names(folder), ["stream.left"]);
    // Its writer was killed: there is a process of that number no more.
    const own = ownRecord(door, plainRandom);
    const killed = formatOwner({ ...own, start: "1" });
    renameSync(
      folder.at(".manifold/partial/stream.left"),
      folder.at(`.manifold/partial/stream.${killed}`),
    );
    const again = NamedCopy.adopt(door, folder.path);
    assert.ok(again !== undefined);
    const there = new Uint8Array(bytes.length);
    again.read(there, 5);
    assert.equal(Buffer.compare(there, bytes), 0);
    assert.equal(again.length, bytes.length + 5);
    again.forget();
    again.close();
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(statSync(folder.path).mtimeMs, 1_000_000);
  });

  test("what lies in its place and is no file of ours is left alone", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at(".manifold/partial"), { recursive: true });
    symlinkSync("/etc/passwd", folder.at(".manifold/partial/stream.left"));
    assert.equal(NamedCopy.adopt(door, folder.path), undefined);
    assert.equal(NamedCopy.adopt(door, folder.at("absent")), undefined);
    assert.throws(() => NamedCopy.make(door, folder.at("absent")), { errno: 2 });
  });
});

test("what is held is found stretch by stretch, and lies about it are refused", () => {
  const stretch = (seed: number): Uint8Array => new Choice(seed).bytes(stretchBytes);
  const [told, real] = [new StreamSums(), new StreamSums()];
  for (const seed of [1, 2, 3, 9, 5]) told.update(stretch(seed));
  const held = new HeldBlocks();
  held.tell(told.from(0));
  held.tell(told.from(3).subarray(0, 0));
  for (const seed of [1, 2]) real.update(stretch(seed));
  assert.deepEqual(held.compare(real), [{ block: 0, count: 2 * stretchBlocks }]);
  for (const seed of [3, 4, 5, 6]) real.update(stretch(seed));
  assert.deepEqual(held.compare(real), [
    { block: 2 * stretchBlocks, count: stretchBlocks },
    { block: 4 * stretchBlocks, count: stretchBlocks },
  ]);
  assert.deepEqual(held.compare(real), []);
  assert.ok(held.has({ block: 10, count: 5 }) && held.has({ block: 4 * stretchBlocks, count: 1 }));
  assert.ok(!held.has({ block: 3 * stretchBlocks, count: 1 }));
  assert.ok(!held.has({ block: 5 * stretchBlocks - 1, count: 2 }));
  assert.throws(() => held.tell(new Uint8Array(17)), /sums that cannot be/);
  assert.throws(() => held.tell(new Uint8Array(16 * stretchesMax)), /sums that cannot be/);
});
