// What lanes and owners say to one another survives the way, and nothing else is understood.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { ListedDirectory } from "../../src/changeset/index.ts";
import { ChunkList, computeSignature } from "../../src/delta/index.ts";
import {
  askedDigestBytes,
  chunkListBytesMax,
  decodeChunkList,
  decodeContentBody,
  decodeControl,
  decodeDirectory,
  decodeListingMessage,
  decodeNews,
  decodeRemoved,
  decodeRequest,
  decodeSentFiles,
  decodeWanted,
  decodeWishes,
  encodeChunkList,
  encodeContent,
  encodeControl,
  encodeDirectory,
  encodeNews,
  encodeRemoved,
  encodeRequest,
  encodeSentFiles,
  encodeWanted,
  hasRow,
  type RowDigests,
  rowBits,
  type SentFile,
  setRow,
  understand,
} from "../../src/session/index.ts";
import { Directory } from "../../src/tree/index.ts";

const mutations = process.env.MANIFOLD_LONG ? 20_000 : 2000;

const sampleDigests = {
  first: 2,
  bits: Uint8Array.of(9),
  digests: Buffer.alloc(2 * askedDigestBytes, "ab"),
};

function sampleDirectory(count = 40): Uint8Array {
  const columns = new Directory();
  for (let i = 0; i < count; i++) {
    const row = columns.add(`file${String(i).padStart(6, "0")}`, i % 7 === 0 ? 0o120777 : 0o100644);
    for (const column of ["size", "mtime", "atime", "ctime", "crtime", "blocks"] as const) {
      columns[column][row] = i * 1000;
    }
    for (const column of ["mtimeNanos", "uid", "gid", "devMajor", "devMinor"] as const) {
      columns[column][row] = i;
    }
    for (const column of ["inoHigh", "inoLow", "nlink", "rdevMajor", "rdevMinor"] as const) {
      columns[column][row] = 0;
    }
    for (const column of ["ctimeNanos", "atimeNanos", "crtimeNanos"] as const)
      columns[column][row] = 0;
    if (i % 7 === 0) columns.setLinkTarget(row, "../there");
  }
  const listing = new ListedDirectory(columns);
  listing.path = "a/b";
  listing.users.set(3, "somebody");
  return encodeDirectory({
    path: "a/b",
    top: "a",
    isWhole: true,
    listing,
    self: undefined,
    hasInodes: true,
    absent: ["gone"],
    events: [{ type: "note", topic: "nonreg", level: 1, text: "skipping" }],
    digests: count < 6 ? undefined : sampleDigests,
  });
}

function sampleWishes(): Uint8Array {
  const basis = Buffer.alloc(5000, 7);
  const read = (into: Uint8Array, offset: number, length: number, position: number): number =>
    basis.copy(into, offset, position, position + length);
  return encodeWanted([
    {
      row: 1,
      digest: undefined,
      known: [],
      signature: undefined,
      inPlace: false,
      piece: undefined,
    },
    {
      row: 2,
      digest: Buffer.alloc(32, 1),
      known: [Buffer.alloc(16, 2), Buffer.alloc(16, 3)],
      signature: undefined,
      inPlace: true,
      piece: { position: 70_000, length: 4096 },
    },
    {
      row: 3,
      digest: undefined,
      known: [],
      signature: computeSignature({ read, fileLength: 5000 }),
      inPlace: false,
      piece: undefined,
    },
    {
      row: 4,
      digest: undefined,
      known: [Buffer.alloc(16, 5)],
      signature: undefined,
      inPlace: false,
      piece: undefined,
      held: [0, 100, 4096, 70_000],
    },
  ]);
}

function sampleContent(compresses: boolean): Uint8Array {
  const bytes = Buffer.alloc(3000, "abc");
  const digest = Buffer.alloc(32, 9);
  const state = { size: 3700, mtime: -5, mtimeNanos: 7, position: 0 };
  const records = encodeSentFiles([
    { row: 0, kind: "same", number: 2 },
    { row: 1, kind: "problem", operation: "open", errno: 13, message: undefined },
    {
      row: 2,
      kind: "segments",
      ...state,
      digest,
      segments: [
        { kind: "literal", length: 2970 },
        { kind: "basis", offset: 700, length: 700 },
        { kind: "held", length: 30 },
      ],
    },
    { row: 3, kind: "whole", ...state, size: 10, length: 10 },
    { row: 4, kind: "chunks", size: 70_000, length: 20 },
  ]);
  return Buffer.concat(encodeContent({ digest, records, bytes }, compresses));
}

/** Content as text. */
function shownContent(message: Uint8Array): string {
  const { digest, records, bytes } = decodeContentBody(message);
  const files = decodeSentFiles(records, bytes.length).files;
  return JSON.stringify([...files.map(shownFile), hexOf(digest), hexOf(bytes)]);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A file as text. */
function shownFile(file: SentFile): string {
  return JSON.stringify(file.kind === "segments" ? { ...file, digest: hexOf(file.digest) } : file);
}

describe("a record", () => {
  it("of a directory of any size comes back as it was", () => {
    for (const count of [0, 1, 40, 40_000]) {
      const columns = new Directory();
      const record = decodeDirectory(sampleDirectory(count), columns);
      assert.equal(columns.count, count);
      assert.deepEqual([record.path, record.top, record.isWhole], ["a/b", "a", true]);
      assert.deepEqual(record.absent, ["gone"]);
      assert.equal(record.events.length, 1);
      if (count === 0) continue;
      assert.equal(hasRow(record.digests, 5), count > 5);
      const last = count - 1;
      assert.equal(columns.name(last), `file${String(last).padStart(6, "0")}`);
      assert.equal(columns.mtime[last], last * 1000);
      assert.equal(columns.devMajor[last], last);
      assert.equal(columns.linkTargets.get(0), "../there");
      assert.equal(record.listing.users.get(3), "somebody");
    }
  });

  it("of much content goes compressed if that is of use, and as it is if a part of it says that it is not", () => {
    const random = seededRandom(5);
    const noise = Uint8Array.from({ length: 200_000 }, () => random.uint32());
    const text = Uint8Array.from(noise, (byte) => 97 + (byte % 8));
    for (const [bytes, isPacked] of [
      [noise, false],
      [text, true],
    ] as const) {
      const sent = { digest: new Uint8Array(32), records: encodeSentFiles([]).slice(), bytes };
      const [head, body] = encodeContent(sent, true);
      assert.equal(body.length < bytes.length, isPacked);
      const opened = decodeContentBody(Buffer.concat([head, body]));
      assert.deepEqual(new Uint8Array(opened.bytes), bytes);
    }
  });

  it("of wishes and of content comes back as it was, compressed or not", () => {
    const wishes = decodeWanted(sampleWishes(), 10);
    assert.deepEqual(
      wishes.map(({ row, inPlace }) => [row, inPlace]),
      [
        [1, false],
        [2, true],
        [3, false],
        [4, false],
      ],
    );
    assert.equal(wishes[2]?.signature?.count, 8);
    assert.deepEqual(
      wishes.map(({ known }) => known.map(([byte]) => byte)),
      [[], [2, 3], [], [5]],
    );
    const [plain, packed] = [sampleContent(false), sampleContent(true)];
    assert.ok(packed.length < plain.length / 5);
    assert.equal(shownContent(packed), shownContent(plain));
    const files = decodeSentFiles(decodeContentBody(plain).records, 3000).files;
    assert.deepEqual(
      files.map(({ kind }) => kind),
      ["same", "problem", "segments", "whole", "chunks"],
    );
    assert.deepEqual(files[4], { row: 4, kind: "chunks", size: 70_000, length: 20 });
    assert.deepEqual(files[0], { row: 0, kind: "same", number: 2 });
  });

  it("of a question about many files, and of its answer, comes back as it was", () => {
    const rows = rowBits(3, 12);
    for (const row of [3, 9, 14]) setRow(rows, row);
    const question = { ...rows, digests: Buffer.alloc(3 * askedDigestBytes, "abc") };
    const wishes = decodeWishes(encodeWanted([], question), 15);
    assert.deepEqual(
      Array.from({ length: 20 }, (_, row) => row).filter((row) => hasRow(question, row)),
      [3, 9, 14],
    );
    assert.deepEqual(wishes.files, []);
    assert.equal(wishes.question?.first, 3);
    assert.equal(Buffer.compare(wishes.question.bits, rows.bits), 0);
    assert.equal(Buffer.compare(wishes.question.digests, question.digests), 0);
    const { files, same } = decodeSentFiles(encodeSentFiles([], rows), 0);
    assert.deepEqual([files, same?.first, same && [...same.bits]], [[], 3, [...rows.bits]]);
    const ask = (count: number, more: Partial<RowDigests>): unknown =>
      decodeWishes(encodeWanted([], { ...question, ...more }), count);
    assert.throws(() => ask(14, {}), /rows/);
    assert.throws(() => ask(3, {}), /first row/);
    assert.throws(() => ask(15, { bits: new Uint8Array(3) }), /rows/);
    assert.throws(() => ask(15, { digests: question.digests.subarray(1) }), /digests/);
  });

  it("of wishes for chunks, and of parts that are held, comes back as it was", () => {
    const plain = { digest: undefined, known: [], signature: undefined, inPlace: false };
    const piece = { position: 100, length: 900 };
    const wishes = [
      { row: 1, bits: 10, position: 2 ** 40 },
      { row: 2, ...plain, piece: undefined, held: [] },
      { row: 3, ...plain, piece, held: [0, 1, 1, 7, 300, 2 ** 40] },
      { row: 4, ...plain, known: [new Uint8Array(16)], piece: undefined, held: [5, 5] },
    ];
    assert.deepEqual(decodeWishes(encodeWanted(wishes), 10).files, wishes);
    const refused = (held: readonly number[]): void =>
      assert.throws(
        () => decodeWanted(encodeWanted([{ row: 1, ...plain, piece, held }]), 10),
        /part/,
      );
    for (const held of [[0], [0, 0], [5, 5, 9, 1], [5, 5, 0, 1]]) refused(held);
    for (const bits of [7, 21]) {
      assert.throws(() => decodeWanted(encodeWanted([{ row: 1, bits, position: 0 }]), 10), /chunk/);
    }
  });

  it("of chunks comes back as it was, and is none if it does not make up the file", () => {
    const list = new ChunkList();
    const lengths = [1, 127, 128, 8192, 2 ** 23];
    for (const [i, length] of lengths.entries()) list.addKnown(length, Buffer.alloc(8, i));
    const record = new Uint8Array(chunkListBytesMax(list.count) + 3);
    const end = encodeChunkList(list, record, 3);
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    const read = (length: number, cut: number, lengthMax = 2 ** 23): ChunkList | undefined =>
      decodeChunkList(record.subarray(3, end - cut), { bytes: length, lengthMax });
    const back = read(bytes, 0);
    assert.deepEqual(back?.freeze(), list.freeze());
    assert.equal(decodeChunkList(new Uint8Array(0), { bytes: 0, lengthMax: 1 })?.count, 0);
    for (const wrong of [bytes - 1, bytes + 1, 0]) assert.equal(read(wrong, 0), undefined);
    for (let cut = 1; cut <= end - 3; cut++) assert.equal(read(bytes, cut), undefined);
    assert.equal(read(bytes, 0, 2 ** 23 - 1), undefined);
    assert.equal(decodeChunkList(Buffer.alloc(50, 0x80), { bytes: 50, lengthMax: 99 }), undefined);
    assert.equal(decodeChunkList(new Uint8Array(9), { bytes: 0, lengthMax: 99 }), undefined);
  });

  it("of control, requests and news comes back as it was", () => {
    const start = {
      kind: "start",
      role: "source",
      personality: "manifold",
      options: ["--times", "\xff"],
      places: ["a b"],
      expansion: "home",
      rules: ["- *.o"],
      list: Uint8Array.of(1, 0),
      asked: undefined,
    } as const;
    for (const list of [start.list, undefined, { path: "\xff", from0: true }]) {
      for (const asked of [undefined, { places: ["x*"], expansion: "wildcards", list } as const]) {
        const whole = { ...start, list, asked };
        assert.deepEqual(decodeControl(encodeControl(whole)), whole);
      }
    }
    const list = { kind: "list", list: Uint8Array.of(1, 0) } as const;
    assert.deepEqual(decodeControl(encodeControl(list)), list);
    const walk = {
      kind: "walk",
      walk: 3,
      quiet: true,
      lastName: "n",
      isLone: false,
      ahead: true,
      sums: 7,
    } as const;
    assert.deepEqual(decodeRequest(encodeRequest(walk)), walk);
    assert.deepEqual(decodeRequest(encodeRequest({ kind: "busy" })), { kind: "busy" });
    for (const message of [
      { kind: "sums", columns: 5 },
      { kind: "list", directory: 70_000 },
    ] as const) {
      assert.deepEqual(decodeRequest(encodeRequest(message)), message);
    }
    const copy = {
      devMajor: 8,
      devMinor: 1,
      inoHigh: 2 ** 32 - 1,
      inoLow: 7,
      ctime: -3,
      ctimeNanos: 9,
    };
    for (const machine of [undefined, "mark"]) {
      const files = { rows: [0, 3], copies: [copy, { ...copy, inoLow: 8 }] };
      const remove = { kind: "remove", id: 1, directory: 2, ...files, machine } as const;
      assert.deepEqual(decodeRequest(encodeRequest(remove)), remove);
    }
    const events = [
      { type: "delete", path: "p", mode: 0o100644 },
      { type: "problem", path: "p", role: "target", operation: "open", errno: 2, exit: 23 },
      {
        type: "file-progress",
        path: "p",
        done: 1,
        size: 2,
        finished: true,
        index: 3,
        toCheck: 4,
        total: 5,
      },
    ] as const;
    assert.deepEqual(decodeRemoved(encodeRemoved(events)), events);
    const news = decodeNews(
      encodeNews({ events, counters: [], scanComplete: true, end: { kind: "ended", exit: 3 } }),
    );
    assert.deepEqual(news.events, events);
    assert.deepEqual(news.end, { kind: "ended", exit: 3 });
  });
});

describe("a damaged record", () => {
  const samples: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
    ["directory", sampleDirectory(), (bytes) => decodeDirectory(bytes, new Directory())],
    ["wishes", sampleWishes(), (bytes) => decodeWanted(bytes, 10)],
    [
      "wish for chunks",
      encodeWanted([{ row: 1, bits: 12, position: 70_000 }]),
      (bytes) => decodeWishes(bytes, 10),
    ],
    [
      "question",
      encodeWanted([], { first: 1, bits: Uint8Array.of(5), digests: new Uint8Array(32) }),
      (bytes) => decodeWishes(bytes, 10),
    ],
    [
      "answer",
      encodeSentFiles([], { first: 1, bits: Uint8Array.of(5) }).slice(),
      (bytes) => decodeSentFiles(bytes, 0),
    ],
    ["content", sampleContent(true), shownContent],
    [
      "request",
      encodeRequest({
        kind: "fetch",
        id: 1,
        directory: 2,
        bytes: 3,
        body: sampleWishes(),
        signature: 4,
      }),
      decodeRequest,
    ],
    ["listing", Uint8Array.of(0x84, 1, 1, 0x80, 0), decodeListingMessage],
    ["control", encodeControl({ kind: "failed", code: "usage", message: "m" }), decodeControl],
  ];
  for (const [what, sample, decode] of samples) {
    it(`(${what}) is understood or refused, and nothing else`, () => {
      const edit = fc.record({
        at: fc.nat(sample.length - 1),
        byte: fc.nat(255),
        cut: fc.option(fc.nat(sample.length), { freq: 5 }),
      });
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
          let bytes = sample.slice();
          for (const { at, byte, cut } of edits) {
            if (at < bytes.length) bytes[at] = byte;
            if (cut !== null) bytes = bytes.slice(0, cut);
          }
          try {
            understand(what, () => decode(bytes));
          } catch (error) {
            assert.ok(error instanceof ManifoldError, String(error));
            assert.equal(error.code, "protocol-data");
          }
        }),
        { numRuns: Math.ceil(mutations / samples.length) },
      );
    });
  }
});
