// A piece of a large file, matched together with what lies around it and cut: the segments make the
// piece again, and a block that an end of the piece divides is found.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeSignature } from "../../src/delta/index.ts";
import { ContentRoom } from "../../src/sync/apply/content-room.ts";
import { cutSegments, keepLiterals, matchSegments } from "../../src/sync/apply/match-segments.ts";

const blockLength = 700;

function bytesOf(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed * 2 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    bytes[i] = state >> 16;
  }
  return bytes;
}

function signatureOf(basis: Buffer): ReturnType<typeof computeSignature> {
  return computeSignature({
    read: (into, offset, length, at) => basis.copy(into, offset, at, at + length),
    fileLength: basis.length,
    blockLength,
    strongLength: 8,
  });
}

const input = fc.record({
  seed: fc.nat(1000),
  blocks: fc.integer({ min: 1, max: 20 }),
  inserted: fc.nat(40),
  at: fc.nat(10_000),
  from: fc.nat(9000),
  length: fc.nat(9000),
});

test("segments of a piece make the piece again", () => {
  fc.assert(
    fc.property(input, ({ seed, blocks, inserted, at, from, length }) => {
      const basis = bytesOf(seed, blocks * blockLength + 13);
      const cut = Math.min(at, basis.length);
      const whole = Buffer.concat([
        basis.subarray(0, cut),
        bytesOf(seed + 7, inserted),
        basis.subarray(cut),
      ]);
      const signature = signatureOf(basis);
      const all = matchSegments({ bytes: whole, position: 0 }, { signature, inPlace: false });
      const [start, stop] = [
        Math.min(from, whole.length),
        Math.min(from + length, whole.length),
      ] as const;
      const segments = cutSegments(all, start, stop);
      const room = new ContentRoom(new Uint8Array(new SharedArrayBuffer(whole.length + 5)));
      room.used = 5;
      room.bytes.set(whole, 5);
      keepLiterals(room, 5 + start, segments);
      const literals = Buffer.from(room.filled.subarray(5));
      const made: Buffer[] = [];
      let next = 0;
      for (const segment of segments) {
        if (segment.kind === "basis") {
          made.push(basis.subarray(segment.offset, segment.offset + segment.length));
        } else {
          made.push(literals.subarray(next, next + segment.length));
          next += segment.length;
        }
      }
      assert.equal(next, literals.length);
      assert.ok(Buffer.concat(made).equals(whole.subarray(start, stop)));
    }),
    { numRuns: process.env.MANIFOLD_LONG ? 5000 : 200 },
  );
});

test("a block that an end of the piece divides is not sent", () => {
  const basis = bytesOf(3, 10 * blockLength);
  const shifted = Buffer.concat([Buffer.from("new"), basis]);
  const signature = signatureOf(basis);
  const all = matchSegments({ bytes: shifted, position: 0 }, { signature, inPlace: false });
  const piece = cutSegments(all, 1000, 3000);
  assert.deepEqual(piece, [{ kind: "basis", offset: 997, length: 2000 }]);
});
