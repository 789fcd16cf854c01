// How a conversation begins: lines, passwords, arguments, capabilities, names of algorithms.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ArgumentReader,
  authResponse,
  blockChecksum,
  capabilityWord,
  checksumOf,
  chooseAuthDigest,
  chooseChecksum,
  chooseCompression,
  compat,
  encodeArguments,
  formatGreeting,
  isStrongEnough,
  parseAnswer,
  parseGreeting,
  wantedBits,
} from "../../src/rsync/index.ts";
import { toHex } from "./bytes.ts";

test("greetings are read, and the lower protocol is spoken", () => {
  const digests = ["sha512", "sha256", "sha1", "md5", "md4"];
  const line = `@RSYNCD: 32.0 ${digests.join(" ")}`;
  assert.deepEqual(parseGreeting(line, "host"), { protocol: 32, digests });
  assert.deepEqual(parseGreeting("@RSYNCD: 31.0", "host"), { protocol: 31, digests: undefined });
  // A protocol that was still being made.
  assert.equal(parseGreeting("@RSYNCD: 31.14", "host").protocol, 30);
  assert.equal(parseGreeting("@RSYNCD: 40.0", "host").protocol, 32);
  assert.equal(parseGreeting(formatGreeting().trimEnd(), "host").protocol, 32);
  assert.throws(() => parseGreeting("@RSYNCD: 29.0", "host"), /host speaks rsync's protocol 29/);
  assert.throws(() => parseGreeting("@RSYNCD: 99", "host"), /no rsync protocol/);
  for (const line of [
    "SSH-2.0-x",
    "",
    "@RSYNCD: ",
    "@RSYNCD: x",
    `@RSYNCD: 32.0${" a".repeat(99)}`,
  ]) {
    assert.throws(() => parseGreeting(line, "host"), /does not greet/);
  }
});

test("a daemon's answers are told apart, and what is none of them is text", () => {
  assert.deepEqual(parseAnswer("@RSYNCD: OK"), { kind: "ok" });
  assert.deepEqual(parseAnswer("@RSYNCD: EXIT"), { kind: "exit" });
  assert.deepEqual(parseAnswer("@RSYNCD: AUTHREQD abc"), { kind: "password", challenge: "abc" });
  assert.deepEqual(parseAnswer("@ERROR: Unknown module 'x'"), {
    kind: "refused",
    says: "Unknown module 'x'",
  });
  for (const line of ["@RSYNCD: OK ", "Welcome", "", " @ERROR"]) {
    assert.deepEqual(parseAnswer(line), { kind: "text", line });
  }
});

test("passwords are proven as rsync does it", () => {
  assert.equal(authResponse("md5", "sekrit", "CHALLENGE"), "dxugjwI1cMftWJTfseSkgw");
  assert.equal(
    authResponse("sha512", "sekrit", "CHALLENGE"),
    "HEDRw1TxLwmptHLgS4pR7SaB9Pt10EadMW/jgb2hVnVzRK69yZEU45KQFDnIfpDmhgRIUdwWx31n12JQwYKu1Q",
  );
  assert.equal(chooseAuthDigest(["md5", "sha512"], "host"), "sha512");
  assert.equal(chooseAuthDigest(undefined, "host"), "md5");
  assert.throws(() => chooseAuthDigest(["md4"], "host"), /md4 only/);
  assert.deepEqual(
    ["sha512", "sha256", "sha1", "md5", "md4", "none"].map((least) =>
      isStrongEnough("sha1", least),
    ),
    [false, false, true, true, true, false],
  );
});

test("arguments come back, wherever they are cut", () => {
  const words = ["--server", "--sender", "-logDtpre.iLfxCvu", ".", "data/"];
  const bytes = Buffer.from(encodeArguments(words), "latin1");
  assert.equal(bytes.toString("latin1"), "--server\0--sender\0-logDtpre.iLfxCvu\0.\0data/\0\0");
  for (let cut = 0; cut < bytes.length; cut++) {
    const reader = new ArgumentReader();
    assert.equal(reader.feed(bytes.subarray(0, cut)), -1);
    assert.equal(
      reader.feed(Buffer.concat([bytes.subarray(cut), Buffer.from("x")])),
      bytes.length - cut,
    );
    assert.deepEqual(reader.words, words);
  }
  assert.throws(() => new ArgumentReader().feed(new Uint8Array(6000).fill(0x61)), /too long/);
  assert.throws(() => new ArgumentReader().feed(Buffer.from("a\0".repeat(16_001))), /too many/);
});

test("the letters of capabilities ask for the bits that servers answer", () => {
  assert.equal(wantedBits(".LsfxCIvu"), 0x1fe);
  assert.equal(wantedBits(".iLsfxCIvu"), 0x1ff);
  assert.equal(wantedBits(capabilityWord(true)) & compat.incremental, compat.incremental);
  assert.equal(
    wantedBits(capabilityWord(false)) & (compat.incremental | compat.inPlacePartialDir),
    0,
  );
});

test("of algorithms the first that both have is taken", () => {
  assert.equal(chooseChecksum("xxh128 xxh3 xxh64 md5 md4 sha1 none", "host"), "md5");
  assert.equal(chooseChecksum("sha1", "host"), "sha1");
  assert.equal(chooseCompression("zstd lz4 zlibx zlib none", "host"), "zlibx");
  assert.throws(() => chooseChecksum("md4\n", "host"), /it has md4\?, manifold has/);
});

test("checksums are seeded as rsync seeds them", () => {
  const data = Buffer.from("hello world\n");
  const block = (name: "md5" | "sha1", seed: number, seedFirst = true): string => {
    const sum = new Uint8Array(name === "md5" ? 16 : 20);
    blockChecksum({ name, seed, seedFirst })(sum, 0, sum.length, data, 0, data.length);
    return toHex(sum);
  };
  assert.equal(block("md5", 1), "ec085114c10a471b4d3d5c9004cd6884");
  assert.equal(block("md5", -5), "60859597158770447793998cc660bb8c");
  assert.equal(block("md5", 1, false), "75b61940b38f7bf3f4bd3546778302df");
  assert.equal(block("md5", -5, false), "ca6c089dd327a0e81e087525313b98ae");
  assert.equal(block("md5", 0), "6f5902ac237024bdd0c176cb93063dc4");
  assert.equal(block("sha1", 1), "aa5d6f7ae193bce86a6a58cc8c200620855c6afe");
  assert.equal(block("sha1", -5, false), "29d89868070957d59b2ac1f433ad173eb63ebae4");
  assert.equal(toHex(checksumOf({ name: "md5" }, data)), "6f5902ac237024bdd0c176cb93063dc4");
  assert.equal(
    toHex(checksumOf({ name: "sha1" }, data)),
    "22596363b3de40b06f981fb85d82312e8c0ed511",
  );
});
