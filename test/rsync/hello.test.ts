// How a conversation begins: lines, passwords, arguments, capabilities, names of algorithms.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ArgumentReader,
  authResponse,
  blockChecksum,
  type ChecksumName,
  capabilityWord,
  checksumBytes,
  checksumOf,
  chooseAuthDigest,
  chooseChecksum,
  chooseCompression,
  compat,
  encodeArguments,
  fileChecksum,
  formatGreeting,
  isStrongEnough,
  parseAnswer,
  parseGreeting,
  prepareChecksums,
  spokenCompressions,
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
  assert.equal(wantedBits(capabilityWord(true, false)) & compat.incremental, compat.incremental);
  const { inPlacePartialDir } = compat;
  assert.equal(wantedBits(capabilityWord(false, true)) & inPlacePartialDir, inPlacePartialDir);
  assert.equal(
    wantedBits(capabilityWord(false, false)) & (compat.incremental | compat.inPlacePartialDir),
    0,
  );
});

test("of algorithms the first that both have is taken", () => {
  assert.equal(chooseChecksum("xxh128 xxh3 xxh64 md5 md4 sha1 none", "host"), "xxh128");
  assert.equal(chooseChecksum("sha1 md5", "host"), "md5");
  assert.equal(chooseChecksum("sha1", "host"), "sha1");
  const spoken = spokenCompressions();
  assert.equal(chooseCompression("zstd lz4 zlibx zlib none", "host"), spoken[0]);
  assert.equal(chooseCompression("zlib zlibx none", "host"), "zlibx");
  assert.deepEqual(spoken.slice(-3), ["zlibx", "zlib", "none"]);
  assert.throws(() => chooseChecksum("md4\n", "host"), /it has md4\?, manifold has/);
});

test("checksums are seeded as rsync seeds them", async () => {
  const data = Buffer.from("hello world\n");
  const block = async (name: ChecksumName, seed: number, seedFirst = true): Promise<string> => {
    const sum = new Uint8Array(checksumBytes(name));
    await prepareChecksums({ name, listName: name, seed });
    blockChecksum({ name, seed, seedFirst })(sum, 0, sum.length, data, 0, data.length);
    return toHex(sum);
  };
  // By a seed of 1, by one of -5, and without one: those of whole files.
  const sums = [
    ["md5", "ec085114c10a471b4d3d5c9004cd6884", "60859597158770447793998cc660bb8c"],
    [
      "sha1",
      "aa5d6f7ae193bce86a6a58cc8c200620855c6afe",
      "29d89868070957d59b2ac1f433ad173eb63ebae4",
    ],
    ["md4", "3a450004ff4839d2bd78fd17948fba94", "8d2197e11346e30d73d6330b79a77ed2"],
    ["xxh64", "eb0cae72fe37a13d", "1b02824b941c4c00"],
    ["xxh3", "977883cda2671656", "a843338995dc93f0"],
    ["xxh128", "41123f6418374ae237d00eb7e8273459", "d93a14bedf7cf03224bed5de402463bf"],
  ] as const;
  const whole = {
    md5: "6f5902ac237024bdd0c176cb93063dc4",
    sha1: "22596363b3de40b06f981fb85d82312e8c0ed511",
    md4: "97668ab2f29d0115bd0d1161b9bec520",
    xxh64: "8c6d7d203be11552",
    xxh3: "de6b3cb7d47e2fd4",
    xxh128: "254448a533e7b23613cd0071d8c9faee",
  };
  for (const [name, one, minusFive] of sums) {
    assert.deepEqual([await block(name, 1), await block(name, -5)], [one, minusFive]);
    assert.equal(await block(name, 0), whole[name]);
    assert.equal(toHex(checksumOf({ name }, data)), whole[name]);
    // Files come at the same time, and blocks are summed meanwhile.
    const [file, other] = [fileChecksum({ name }), fileChecksum({ name })];
    file.update(data, 0, 5);
    other.update(data, 0, 7);
    assert.equal(await block(name, 0), whole[name]);
    file.update(data, 5);
    other.update(data, 7);
    assert.deepEqual([toHex(file.digest()), toHex(other.digest())], [whole[name], whole[name]]);
  }
  assert.equal(await block("md5", 1, false), "75b61940b38f7bf3f4bd3546778302df");
  assert.equal(await block("md5", -5, false), "ca6c089dd327a0e81e087525313b98ae");
});
