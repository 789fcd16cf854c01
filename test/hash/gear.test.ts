// The gear hash: both kernels against the definition, byte by byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gearMaskOf, openGearKernel } from "../../src/hash/index.ts";

const numRuns = process.env.MANIFOLD_LONG === "1" ? 2000 : 200;
const kernels = { webassembly: openGearKernel(8192), javascript: openGearKernel(8192, true) };

/** The word that the table has for a byte: what one byte makes of the hash 0. */
function gearOf(kernel: (typeof kernels)["javascript"], byte: number): number {
  kernel.bytes[kernel.start] = byte;
  // No bit of a word is always set: a mask of all bits stops only at 0.
  assert.equal(kernel.find(kernel.start, kernel.start + 1, 0, -1), 0);
  return kernel.lastHash();
}

test("both kernels have one table, of 256 different words", () => {
  const tables = Object.values(kernels).map((kernel) =>
    Array.from({ length: 256 }, (_, byte) => gearOf(kernel, byte)),
  );
  assert.deepEqual(tables[0], tables[1]);
  assert.equal(new Set(tables[0]).size, 256);
  // Two ends must agree on it, whatever their versions: it never changes.
  assert.deepEqual(tables[0]?.slice(0, 3), [1684164658, -641697380, -1355403760]);
});

for (const [name, kernel] of Object.entries(kernels)) {
  test(`finds the first byte after which the hash has none of the mask's bits (${name})`, () => {
    const gear = Array.from({ length: 256 }, (_, byte) => gearOf(kernel, byte));
    const cases = fc.record({
      bytes: fc.uint8Array({ maxLength: 600 }),
      first: fc.integer(),
      bits: fc.integer({ min: 1, max: 12 }),
      skip: fc.nat(20),
    });
    fc.assert(
      fc.property(cases, ({ bytes, first, bits, skip }) => {
        const at = kernel.start + skip;
        const end = at + bytes.length;
        kernel.bytes.set(bytes, at);
        const mask = gearMaskOf(bits);
        let hash = first | 0;
        let wanted = 0;
        for (let i = 0; i < bytes.length && wanted === 0; i++) {
          hash = (2 * hash + (gear[bytes[i] as number] as number)) | 0;
          if ((hash & mask) === 0) wanted = at + i + 1;
        }
        assert.equal(kernel.find(at, end, first | 0, mask), wanted);
        if (wanted === 0) assert.equal(kernel.lastHash(), hash);
      }),
      { numRuns },
    );
  });
}

test("a byte has left the hash after 32 more", () => {
  const kernel = kernels.webassembly;
  const hashOf = (bytes: Uint8Array): number => {
    kernel.bytes.set(bytes, kernel.start);
    kernel.find(kernel.start, kernel.start + bytes.length, 0, -1);
    return kernel.lastHash();
  };
  const bytes = Uint8Array.from({ length: 33 }, (_, i) => (i * 37) % 251);
  const hash = hashOf(bytes);
  bytes[0] = 99;
  assert.equal(hashOf(bytes), hash);
  const others = Array.from({ length: 256 }, (_, byte) => {
    bytes[1] = byte;
    return hashOf(bytes);
  });
  assert.equal(new Set(others).size, 2);
});
