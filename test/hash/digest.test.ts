// Digests agree with published vectors, however the bytes come in, with and without native code.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import {
  blake3,
  blockHash,
  createDigest,
  type Digest,
  type DigestName,
  digestLengths,
  isDigestName,
  portableBlake3,
  prepareDigest,
  sameDigest,
  strongDigestName,
} from "../../src/hash/index.ts";

before(async () => {
  for (const name of Object.keys(digestLengths)) await prepareDigest(name);
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// From the BLAKE3 project's test_vectors.json: input byte i is i modulo 251; first 32 bytes.
const blake3Vectors: [number, string][] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [2, "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63"],
  [3, "e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f"],
  [1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"],
  [2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"],
  [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"],
  [102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"],
];
const vectorInput = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => index % 251);

// RFC 1321 A.5 and FIPS 180 examples for "abc".
const abcVectors: [DigestName, string][] = [
  ["md5", "900150983cd24fb0d6963f7d28e17f72"],
  ["sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"],
  ["sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"],
];

function digestOf(digest: Digest, bytes: Uint8Array, cuts: readonly number[] = []): Uint8Array {
  let start = 0;
  for (const end of [...cuts, bytes.length].sort((left, right) => left - right)) {
    digest.update(bytes, start, end);
    start = end;
  }
  return digest.digest();
}

test("blake3 and portableBlake3 give the project's official vectors", () => {
  for (const [length, expected] of blake3Vectors) {
    const bytes = vectorInput(length);
    assert.equal(hex(blake3(bytes)), expected, `one-shot, ${length} bytes`);
    assert.equal(hex(digestOf(createDigest("blake3"), bytes)), expected, `digest, ${length}`);
    assert.equal(hex(digestOf(portableBlake3(), bytes)), expected, `portable, ${length} bytes`);
  }
});

test("every digest gives its published result for abc and has its published length", () => {
  for (const [name, expected] of abcVectors) {
    const digest = createDigest(name);
    assert.equal(digest.name, name);
    assert.equal(digest.length, expected.length / 2);
    assert.equal(digestLengths[name], expected.length / 2);
    assert.equal(hex(digestOf(digest, Buffer.from("abc"))), expected);
  }
});

test("a digest does not depend on how the bytes are cut", () => {
  const names = Object.keys(digestLengths) as DigestName[];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.uint8Array({ maxLength: 5000, size: "max" }),
      fc.array(fc.nat(5000), { maxLength: 6 }),
      (name, bytes, rawCuts) => {
        const cuts = rawCuts.map((cut) => Math.min(cut, bytes.length));
        const whole = digestOf(createDigest(name), bytes);
        assert.deepEqual(digestOf(createDigest(name), bytes, cuts), whole);
        if (name === "blake3") assert.deepEqual(digestOf(portableBlake3(), bytes, cuts), whole);
      },
    ),
    { numRuns: 100 },
  );
});

test("blockHash writes a truncated digest at its place and nothing else", () => {
  const names = Object.keys(digestLengths) as DigestName[];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.uint8Array({ maxLength: 3000, size: "max" }),
      fc.nat(3000),
      fc.nat(3000),
      fc.nat(32),
      (name, bytes, left, right, wanted) => {
        const start = Math.min(left, right, bytes.length);
        const end = Math.min(Math.max(left, right), bytes.length);
        const length = Math.min(wanted, digestLengths[name]);
        const target = new Uint8Array(40).fill(0xee);
        blockHash(name)(target, 3, length, bytes, start, end);
        const expected = new Uint8Array(40).fill(0xee);
        const whole = digestOf(createDigest(name), bytes.subarray(start, end));
        expected.set(whole.subarray(0, length), 3);
        assert.deepEqual(target, expected);
      },
    ),
    { numRuns: 200 },
  );
});

test("names of digests are known, other words are not", () => {
  assert.ok(isDigestName("blake3"));
  assert.ok(!isDigestName("toString"));
  assert.ok(!isDigestName("md4"));
  assert.ok(isDigestName(strongDigestName()));
});

test("digests are the same only if every byte and the length are", () => {
  const one = Uint8Array.of(1, 2, 3);
  assert.ok(sameDigest(one, Uint8Array.of(1, 2, 3)));
  for (const other of [[1, 2, 4], [0, 2, 3], [1, 2], [1, 2, 3, 0], []]) {
    assert.equal(sameDigest(one, Uint8Array.from(other)), false);
  }
});
