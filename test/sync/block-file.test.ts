// A target's copy of a stream: every block is where it belongs, in whatever order they come.

import assert from "node:assert/strict";
import { readSync } from "node:fs";
import { test } from "node:test";
import { BlockFile } from "../../src/sync/cast/block-file.ts";
import { Choice } from "../support/index.ts";

const blockBytes = 1408;

test("blocks are where they belong, in whatever order they come", () => {
  for (let seed = 0; seed < 20; seed++) {
    const choice = new Choice(seed);
    const blocks = 1 + choice.below(1500);
    const bytes = new Choice(seed + 100).bytes(blocks * blockBytes);
    const length = bytes.length - choice.below(blockBytes);
    const file = new BlockFile(blockBytes);
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
    assert.equal(readSync(file.descriptor, there, 0, there.length, 0), length);
    assert.equal(Buffer.compare(there.subarray(0, length), bytes.subarray(0, length)), 0);
    file.close();
  }
});
