// A cache of a million files (a fifth of that without MANIFOLD_LONG=1): what it takes in memory, and that all are found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DigestFile, RootDigests } from "../../src/cache/index.ts";
import { placeOf, Scene, stateOf } from "./scene.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 1_000_000 : 200_000;

/** A digest that tells the number of its state. */
function numbered(number: number, into: Uint8Array): Uint8Array {
  new DataView(into.buffer).setUint32(4, number);
  return into;
}

test(`of ${count} files all are found, by an index of at most 24 bytes a file and no object for any`, () => {
  using scene = new Scene();
  const place = placeOf(scene.fs, scene.handle);
  const digest = new Uint8Array(32);
  scene.run((digests) => {
    for (let i = 1; i <= count; i++) digests.remember(stateOf(i), numbered(i, digest), place);
  });
  const heap = process.memoryUsage().heapUsed;
  const file = scene.open();
  assert.ok(file instanceof DigestFile, String(file));
  assert.ok(file.shared.index.byteLength <= 24 * count, `${file.shared.index.byteLength} bytes`);
  const one = new RootDigests(file.shared);
  // Files next to one another, and then files all over the place.
  for (const step of [1, 7919]) {
    for (let i = 0, number = 1; i < count; i++, number = 1 + ((number - 1 + step) % count)) {
      assert.ok(one.find(stateOf(number)), `${number}`);
      assert.equal(new DataView(one.found.buffer).getUint32(4), number);
      if (step > 1 && i > 20_000) break;
    }
  }
  assert.ok(process.memoryUsage().heapUsed - heap < 64 * 2 ** 20);
  file.close();
});
