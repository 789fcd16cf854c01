// Pins that byte strings keep every byte, and that paths split and join without loss.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  baseName,
  fromBytes,
  fromText,
  joinPath,
  parentPath,
  seededRandom,
  toBytes,
  toText,
} from "../../src/base/index.ts";

test("toBytes() of fromBytes() gives every byte back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(toBytes(fromBytes(bytes)), bytes);
    }),
  );
});

test("byte strings compare in byte order", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      const [left, right] = [fromBytes(a), fromBytes(b)];
      const order = left < right ? -1 : left > right ? 1 : 0;
      assert.equal(order, Buffer.compare(a, b));
    }),
  );
});

test("toText() of fromText() gives well-formed text back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(toText(fromText(text)), text);
    }),
  );
});

test("a path is its parent joined with its base name", () => {
  const name = fc.stringMatching(/^[a-z.]{1,8}$/);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (components) => {
      const path = components.join("/");
      assert.equal(joinPath(parentPath(path), baseName(path)), path);
    }),
  );
});

test("seededRandom() gives the same numbers for the same seed", () => {
  const numbers = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.uint32());
  };
  assert.deepEqual(numbers(42), numbers(42));
  assert.notDeepEqual(numbers(42), numbers(43));
});
