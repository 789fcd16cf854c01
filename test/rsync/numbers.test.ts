// Numbers, strings and indices, held against bytes that rsync itself sends, and against their own inverse.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IndexCoder, shortage, WireCursor, WireWriter } from "../../src/rsync/index.ts";
import { cursorOf, toHex, written } from "./bytes.ts";

const varints: readonly (readonly [number, string])[] = [
  [0, "00"],
  [1, "01"],
  [127, "7f"],
  [128, "8080"],
  [300, "812c"],
  [510, "81fe"],
  [1000, "83e8"],
  [8216, "a018"],
  [16383, "bfff"],
  [16384, "c00040"],
  [24704, "c08060"],
  [70000, "c17011"],
  [500000000, "f00065cd1d"],
  [999999999, "f0ffc99a3b"],
  [-2, "f0feffffff"],
  [-1, "f0ffffffff"],
];
const varlongs3: readonly (readonly [number, string])[] = [
  [0, "000000"],
  [1, "000100"],
  [4096, "000010"],
  [65535, "00ffff"],
  [65536, "010000"],
  [300000, "04e093"],
  [8388607, "7fffff"],
  [8388608, "80000080"],
  [2147483647, "c0ffffff7f"],
  [2147483648, "c000000080"],
  [4294967296, "c100000000"],
  [2 ** 40 - 1, "e0ffffffffff"],
  [2 ** 40, "e10000000000"],
  [2 ** 42, "e40000000000"],
  [-1, "fcffffffffffffffff"],
];
const varlongs4: readonly (readonly [number, string])[] = [
  [0, "00000000"],
  [1600000000, "5f00105e"],
  [2147483647, "7fffffff"],
  [2147483648, "8000000080"],
  [4294967295, "80ffffffff"],
  [4294967296, "8100000000"],
  [15032385535, "83ffffff7f"],
  [-1, "f8ffffffffffffffff"],
  [-6, "f8faffffffffffffff"],
  [-86400, "f880aefeffffffffff"],
  [-(2 ** 31), "f800000080ffffffff"],
];

test("numbers have the bytes that rsync gives them", () => {
  for (const [value, digits] of varints) {
    assert.equal(toHex(written((to) => to.varint(value))), digits);
    assert.equal(cursorOf(digits).varint(), value);
  }
  for (const [value, digits] of varlongs3) {
    assert.equal(toHex(written((to) => to.varlong(value, 3))), digits);
    assert.equal(cursorOf(digits).varlong(3), value);
  }
  for (const [value, digits] of varlongs4) {
    assert.equal(toHex(written((to) => to.varlong(value, 4))), digits);
    assert.equal(cursorOf(digits).varlong(4), value);
  }
});

test("every number and string comes back, and what is cut short anywhere wants more", () => {
  const value = fc.oneof(
    fc.record({ kind: fc.constant("varint" as const), value: fc.integer() }),
    fc.record({ kind: fc.constant("varlong" as const), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant("int" as const), value: fc.integer() }),
    fc.record({ kind: fc.constant("short" as const), value: fc.integer({ min: 0, max: 65535 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 8 }),
      fc.string({ maxLength: 300, unit: "binary-ascii" }),
      (values, text) => {
        const bytes = written((to) => {
          for (const { kind, value } of values) {
            if (kind === "varlong") to.varlong(value, 3);
            else to[kind](value);
          }
          to.vstring(text);
        });
        const read = (cursor: WireCursor): unknown[] => [
          ...values.map(({ kind }) => (kind === "varlong" ? cursor.varlong(3) : cursor[kind]())),
          cursor.vstring(4095),
        ];
        assert.deepEqual(read(new WireCursor(bytes)), [...values.map(({ value }) => value), text]);
        for (let cut = 0; cut < bytes.length; cut++) {
          assert.throws(
            () => read(new WireCursor(bytes.subarray(0, cut))),
            (error) => error === shortage,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("a number that is too long is refused", () => {
  assert.throws(() => cursorOf("fcffffffffffffffff").varint(), /too long/);
  assert.throws(() => cursorOf("fcffffffffffffffffff").varlong(4), /too long/);
  assert.throws(() => cursorOf("fb00ffffffffffffff7f").varlong(3), /beyond all files/);
});

test("indices have the bytes that rsync gives them, and come back", () => {
  const steps: readonly (readonly [number, string])[] = [
    [0, "01"],
    [1, "01"],
    [2, "01"],
    [255, "fd"],
    [256, "01"],
    [600, "fe0158"],
    [600, "fe0000"],
    [40000, "fe80409c00"],
    [39999, "fe803f9c00"],
    [-1, "00"],
    [-2, "ff01"],
    [-101, "ff63"],
    [-102, "ff01"],
    [-103, "ff01"],
    [-3, "fffe80030000"],
    [70000, "fe7531"],
  ];
  const [to, from] = [new IndexCoder(), new IndexCoder()];
  for (const [index, digits] of steps) {
    const writer = new WireWriter();
    to.write(writer, index);
    assert.equal(toHex(writer.take()), digits);
    assert.equal(from.read(cursorOf(digits)), index);
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 })), (indices) => {
      const [writer, one, other] = [new WireWriter(), new IndexCoder(), new IndexCoder()];
      for (const index of indices) one.write(writer, index);
      const cursor = new WireCursor(writer.take());
      for (const index of indices) assert.equal(other.read(cursor), index);
      assert.equal(cursor.left, 0);
    }),
  );
});

test("an index that is cut short changes no state", () => {
  const coder = new IndexCoder();
  assert.throws(
    () => coder.read(cursorOf("ff")),
    (error) => error === shortage,
  );
  assert.throws(
    () => coder.read(cursorOf("fe80409c")),
    (error) => error === shortage,
  );
  assert.equal(coder.read(cursorOf("01")), 0);
});
