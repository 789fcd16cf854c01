// A large file that comes from many sources, as lanes get it: in pieces that are there, or not at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PullOrder } from "../../../src/source/index.ts";
import { LargeFile } from "../../../src/sync/mirror/large-file.ts";
import type { PartStore } from "../../../src/sync/mirror/part-store.ts";

const size = 1000;

/** A file of which everything has come; `isThere` says whether it can be read. */
function scene(isThere: () => boolean) {
  const calls: string[] = [];
  const lost: string[] = [];
  let order: PullOrder | undefined;
  const part: PartStore = {
    kept: [],
    write: () => undefined,
    read: (_position, into) => {
      into.fill(7);
      return isThere();
    },
    prove: () => undefined,
    close: (removes) => calls.push(removes ? "removed" : "kept"),
  };
  const puller = {
    add: (added: PullOrder) => {
      order = added;
      return {
        isReady: () => true,
        fail: (why: string) => {
          calls.push("given up");
          added.ended(why);
        },
      };
    },
  };
  const entry = { name: "large", kind: "file", size } as const;
  const room = (length: number): Uint8Array => new Uint8Array(length);
  const file = new LargeFile("large", entry, part, { puller, lost: (why) => lost.push(why), room });
  const take = (): Promise<Uint8Array | undefined> =>
    new Promise((resolve) => file.take(0, size, resolve));
  assert.ok(order !== undefined);
  return { file, take, calls, lost };
}

test("what cannot be read any more is lost: nobody gets zeros in its place", async () => {
  let isThere = true;
  const { take, lost } = scene(() => isThere);
  assert.deepEqual(await take(), new Uint8Array(size).fill(7));
  isThere = false;
  assert.equal(await take(), undefined);
  isThere = true;
  assert.equal(await take(), undefined, "it stays lost");
  assert.deepEqual(lost, ["what has come of it cannot be read any more"]);
});

test("nothing more comes of a file that is closed, and nobody is told that it was lost", () => {
  const { file, calls, lost } = scene(() => true);
  file.close();
  file.close();
  assert.deepEqual(calls, ["given up", "kept"]);
  assert.deepEqual(lost, []);
});
