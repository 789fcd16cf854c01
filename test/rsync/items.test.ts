// Requests and answers: headers, sums, tokens, statistics, filter rules; there and back, captured, and hostile.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { computeSignature } from "../../src/delta/index.ts";
import { loadLz4, loadZstd } from "../../src/native/index.ts";
import {
  basisLength,
  blockChecksum,
  compat,
  DeflatedTokenReader,
  decodeDeletions,
  decodeItemHeader,
  decodeStatistics,
  decodeSumHead,
  type Expander,
  encodeBlock,
  encodeDeletions,
  encodeFilterList,
  encodeItemHeader,
  encodeLiteral,
  encodeStatistics,
  encodeSumHead,
  encodeSums,
  encodeTokensEnd,
  FilterListReader,
  FramedWriter,
  FrameSplitter,
  flushMark,
  headOf,
  IndexCoder,
  Inflater,
  needsFlushMarks,
  type Packing,
  PlainTokenReader,
  packedBytes,
  SumReader,
  spokenCompressions,
  WireBuffer,
  WireCursor,
  WireWriter,
  writeBlockRun,
  writeDeflated,
  writePacked,
} from "../../src/rsync/index.ts";
import { hasXattrPart } from "../../src/rsync/item/item-header.ts";
import { Lz4Expander, lz4Blocks } from "../../src/rsync/item/lz4.ts";
import {
  decodeWantedXattrs,
  decodeXattrValues,
  encodeWantedXattrs,
  encodeXattrValues,
} from "../../src/rsync/item/xattr-values.ts";
import { ZstdExpander, zstdFrame } from "../../src/rsync/item/zstd.ts";
import { cursorOf, hex, toHex, written } from "./bytes.ts";

test("headers of items have the bytes that rsync gives them, and come back", () => {
  const items = [
    { index: 0, flags: 0x6000, basis: undefined, name: undefined },
    { index: 2, flags: 0xa000, basis: undefined, name: undefined },
    { index: 3, flags: 0xb800, basis: 0x83, name: "big.bix" },
  ];
  const writer = new WireWriter();
  const indices = new IndexCoder();
  for (const item of items) encodeItemHeader(writer, indices, item);
  const bytes = writer.take();
  assert.equal(
    toHex(bytes),
    `01006002 00a001 00b883 07${Buffer.from("big.bix").toString("hex")}`.replaceAll(" ", ""),
  );
  const cursor = new WireCursor(bytes);
  const back = new IndexCoder();
  for (const item of items) assert.deepEqual(decodeItemHeader(cursor, back.read(cursor)), item);
  const terms = { list: { xattrs: true, protocol: 31 }, compat: compat.keepsXattrRequests };
  assert.equal(hasXattrPart(terms, 0x5100), true);
  assert.equal(hasXattrPart({ ...terms, compat: 0 }, 0x5100), false);
  assert.equal(hasXattrPart({ ...terms, compat: 0 }, 0x1100), true);
  assert.equal(hasXattrPart({ ...terms, dryRun: true }, 0x1100), false);
});

test("long values of attributes that are asked for come back, and places outside of a set are refused", () => {
  const writer = new WireWriter();
  encodeWantedXattrs(writer, [1, 3, 300]);
  const value = new Uint8Array(40).fill(7);
  encodeXattrValues(writer, new Map([[2, value]]));
  const cursor = new WireCursor(writer.take());
  assert.deepEqual(decodeWantedXattrs(cursor), [1, 3, 300]);
  assert.deepEqual(decodeXattrValues(cursor), new Map([[2, value]]));
  assert.equal(cursor.left, 0);
  for (const bad of ["f0ffffffff", "f000000001"]) {
    assert.throws(() => decodeWantedXattrs(cursorOf(bad)), /attribute/);
    assert.throws(() => decodeXattrValues(cursorOf(bad)), /attribute/);
  }
  assert.throws(() => decodeXattrValues(cursorOf("01 01 00 00")), /nobody could ask/);
});

test("sums of blocks are rsync's, and come back wherever they are cut", () => {
  // rsync -t --cc=md5 --checksum-seed=1 of a file of 2500 bytes, of which these are the sums' head.
  const head = decodeSumHead(cursorOf("04000000 bc020000 02000000 90010000"), 16);
  assert.deepEqual(head, { count: 4, blockLength: 700, strongLength: 2, remainder: 400 });
  assert.equal(basisLength(head), 2500);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5000 }),
      fc.integer({ min: 1, max: 99 }),
      (basis, cut) => {
        const signature = computeSignature({
          read: (into, offset, length, position) => {
            const part = basis.subarray(position, position + length);
            into.set(part, offset);
            return part.length;
          },
          fileLength: basis.length,
          strongLength: 3,
          hash: blockChecksum({ name: "md5", seed: 7, seedFirst: true }),
        });
        const bytes = written((to) => {
          encodeSumHead(to, headOf(signature));
          encodeSums(to, signature);
        });
        const buffer = new WireBuffer(1 << 20);
        let reader: SumReader | undefined;
        let isComplete = false;
        for (let at = 0; at < bytes.length; at += cut) {
          buffer.feed(bytes.subarray(at, at + cut), (cursor) => {
            reader ??= new SumReader(decodeSumHead(cursor, 16));
            isComplete = reader.read(cursor);
            return false;
          });
        }
        assert.ok(isComplete);
        if (basis.length > 0) assert.deepEqual(reader?.signature, signature);
      },
    ),
    { numRuns: 50 },
  );
});

test("heads of sums that are out of all bounds are refused", () => {
  const heads: readonly (readonly [string, RegExp])[] = [
    ["ffffffff bc020000 02000000 00000000", /count of blocks is -1/],
    ["01000000 00000000 02000000 00000000", /block's length is 0/],
    ["01000000 01000200 02000000 00000000", /block's length is 131073/],
    ["01000000 bc020000 11000000 00000000", /sum's length is 17/],
    ["01000000 bc020000 02000000 bd020000", /last block's length is 701/],
    ["ffffff7f bc020000 10000000 00000000", /bytes of sums/],
  ];
  for (const [digits, says] of heads)
    assert.throws(() => decodeSumHead(cursorOf(digits), 16), says);
});

/** Returns what tokens say, fed in pieces. */
function tokens(
  bytes: Uint8Array,
  count: number,
  cut: number,
  expander?: Expander,
): (number | string)[] {
  const said: (number | string)[] = [];
  const literal: number[] = [];
  const flush = (): void => {
    if (literal.length > 0) said.push(toHex(Uint8Array.from(literal.splice(0))));
  };
  const sink = {
    literal: (part: Uint8Array) => void literal.push(...part),
    block: (number: number) => {
      flush();
      said.push(number);
    },
  };
  const reader =
    expander === undefined
      ? new PlainTokenReader(sink, count)
      : new DeflatedTokenReader(sink, count, expander);
  const buffer = new WireBuffer(64);
  let isOver = false;
  for (let at = 0; at < bytes.length; at += cut) {
    buffer.feed(bytes.subarray(at, at + cut), (cursor) => {
      if (isOver) return false;
      isOver = !reader.read(cursor);
      return !isOver;
    });
  }
  assert.ok(isOver);
  flush();
  return said;
}

const expanders: Readonly<Record<Packing["name"], () => Expander>> = {
  zstd: () => new ZstdExpander(),
  lz4: () => new Lz4Expander(),
  zlibx: () => new Inflater(),
  zlib: () => new Inflater(),
};

for (const name of spokenCompressions())
  if (name !== "none")
    test(`tokens packed by ${name} come through wherever they are cut`, () => comesThrough(name));

/** One file does not know of another, and nothing is left behind. */
async function comesThrough(name: Packing["name"]): Promise<void> {
  const token = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 9 }));
  const inflater = expanders[name]();
  let warnings = 0;
  const count = (): number => warnings++;
  process.on("warning", count);
  fc.assert(
    fc.property(fc.array(token), fc.integer({ min: 1, max: 50 }), (all, cut) => {
      const writer = new FramedWriter(new Uint8Array(100_000), 0);
      const expected: (number | string)[] = [];
      for (const one of all) {
        const last = expected.at(-1);
        if (typeof one === "number") {
          writeBlockRun(writer, 0, one + 1);
          for (let number = 0; number <= one; number++) expected.push(number);
        } else {
          const packing = { name, level: undefined };
          const isJoined = typeof last === "string" && needsFlushMarks(packing);
          if (isJoined) writeDeflated(writer, flushMark);
          writePacked(writer, one, packing);
          if (typeof last === "string") expected[expected.length - 1] = last + toHex(one);
          else expected.push(toHex(one));
        }
      }
      writer.byte(0);
      writer.end();
      const stream: number[] = [];
      const splitter = new FrameSplitter({
        data: (part) => void stream.push(...part),
        message: () => assert.fail("There is none."),
      });
      splitter.feed(writer.bytes.subarray(0, writer.used));
      assert.deepEqual(tokens(Uint8Array.from(stream), 10, cut, inflater), expected);
    }),
    { numRuns: 100 },
  );
  await setImmediate();
  process.off("warning", count);
  assert.equal(warnings, 0, "Nothing is left behind by what has been inflated.");
  assert.throws(() => tokens(hex("4003ffffff00"), 0, 1, inflater), /cannot be decompressed/);
  assert.throws(() => tokens(hex("2000000000"), 0, 1, inflater), /block's number is 0/);
  assert.throws(() => tokens(hex("2101000000ffff"), 9, 1, inflater), /block's number is 65536/);
  assert.throws(() => tokens(hex("22"), 9, 1, inflater), /a token is 34/);
  inflater.close?.();
}

test("what cannot be compressed takes no more room than is made for it", () => {
  const bytes = randomBytes(100_000);
  for (const name of spokenCompressions()) {
    if (name === "none") continue;
    const room = packedBytes(bytes.length, 1) + 1000;
    const packed = new FramedWriter(new Uint8Array(room), 0);
    writePacked(packed, bytes, { name, level: 9 });
    packed.end();
    assert.ok(packed.used > bytes.length && packed.used <= room, name);
  }
});

test("blocks of lz4 are no longer than a chunk may be", (t) => {
  if (loadLz4() === undefined) {
    t.skip("there is no liblz4 here");
    return;
  }
  const lengths: number[] = [];
  lz4Blocks(randomBytes(100_000), (block) => lengths.push(block.length));
  assert.ok(lengths.every((length) => length <= 0x3fff));
  assert.ok(lengths.length >= 100_000 / 0x3fff);
});

test("a chunk that expands to much is handed on piece by piece", (t) => {
  if (loadZstd() === undefined) {
    t.skip("there is no libzstd here");
    return;
  }
  const expander = new ZstdExpander();
  expander.take(zstdFrame(new Uint8Array(50_000_000), undefined));
  let [pieces, bytes] = [0, 0];
  for (let piece = expander.next(); piece !== undefined; piece = expander.next()) {
    assert.ok(piece.length <= 131_072);
    pieces++;
    bytes += piece.length;
    if (bytes >= 30_000_000) expander.close();
  }
  assert.ok(pieces > 200 && bytes < 31_000_000, "what is closed brings nothing more");
});

test("tokens come through wherever they are cut", () => {
  const token = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 9 }));
  fc.assert(
    fc.property(fc.array(token), fc.integer({ min: 1, max: 50 }), (all, cut) => {
      const bytes = written((to) => {
        for (const one of all)
          typeof one === "number" ? encodeBlock(to, one) : encodeLiteral(to, one);
        encodeTokensEnd(to);
      });
      const expected: (number | string)[] = [];
      for (const one of all) {
        const last = expected.at(-1);
        if (typeof one === "number") expected.push(one);
        else if (typeof last === "string") expected[expected.length - 1] = last + toHex(one);
        else expected.push(toHex(one));
      }
      assert.deepEqual(tokens(bytes, 10, cut), expected);
    }),
    { numRuns: 100 },
  );
  const long = written((to) => encodeLiteral(to, new Uint8Array(70_000)));
  assert.equal(toHex(long.subarray(0, 4)), "00800000");
});

test("a block that the basis does not have is refused", () => {
  assert.throws(() => tokens(hex("fbffffff 00000000"), 4, 9), /block's number is 4/);
  assert.throws(() => tokens(hex("00000080 00000000"), 4, 9), /block's number/);
  assert.throws(() => tokens(hex("ffffffff 00000000"), 0, 9), /block's number is 0/);
});

test("statistics, counts of deletions and filter rules come back", () => {
  const statistics = {
    bytesRead: 71,
    bytesWritten: 237,
    totalSize: 37,
    listBuildMs: 1,
    listTransferMs: 0,
  };
  const bytes = written((to) => encodeStatistics(to, statistics));
  assert.equal(toHex(bytes), "00470000ed00002500000100000000");
  assert.deepEqual(decodeStatistics(new WireCursor(bytes)), statistics);
  const counts = { files: 3, directories: 1, links: 0, devices: 0, specials: 0 };
  const deletions = written((to) => encodeDeletions(to, counts));
  assert.equal(toHex(deletions), "0301000000");
  assert.deepEqual(decodeDeletions(new WireCursor(deletions)), counts);
  const rules = written((to) => encodeFilterList(to, ["- *.bak"]));
  assert.equal(toHex(rules), "070000002d202a2e62616b00000000");
  const reader = new FilterListReader();
  const cursor = new WireCursor(rules);
  while (reader.read(cursor));
  assert.deepEqual(reader.rules, ["- *.bak"]);
  assert.throws(
    () => new FilterListReader().read(cursorOf("00140000")),
    /length of a rule is 5120/,
  );
});
