// Pins that what is written is what is read, however the bytes are cut, compressed and mirrored,
// and that the same value always gives the same bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ChangesetReader,
  ChangesetWriter,
  hasCompression,
  ListedDirectory,
  OrderedDirectory,
  orderKind,
  teeSink,
  verifyChangeset,
} from "../../src/changeset/index.ts";
import { changesetArbitrary, listingArbitrary } from "./arbitrary.ts";
import { bytesOf, headerOf, type SequenceValue, valuesOf } from "./sample.ts";

const numRuns = process.env.MANIFOLD_LONG ? 5000 : 150;

function assertRoundTrip(value: SequenceValue, pieceBytes: number): void {
  const bytes = bytesOf(value);
  const [header, ...records] = valuesOf(bytes, pieceBytes);
  const trailer = records.pop() as { complete: boolean };
  assert.deepEqual(header, value.header);
  assert.deepEqual(records, value.records);
  assert.equal(trailer.complete, true);
  assert.deepEqual(bytesOf(value), bytes);
}

test("a changeset is read as it was written, however its bytes are cut", () => {
  fc.assert(
    fc.property(changesetArbitrary, fc.integer({ min: 1, max: 200 }), (value, pieceBytes) => {
      assertRoundTrip(value, pieceBytes);
    }),
    { numRuns },
  );
});

test("a listing is read as it was written, however its bytes are cut", () => {
  fc.assert(
    fc.property(listingArbitrary, fc.integer({ min: 1, max: 200 }), (value, pieceBytes) => {
      assertRoundTrip(value, pieceBytes);
    }),
    { numRuns },
  );
});

const file = { mode: 0o100644, size: 10, mtime: 1 };
const content: SequenceValue = {
  header: headerOf({ hasData: true, digest: "blake3" }),
  records: [
    {
      type: "directory",
      path: "",
      orders: [
        { kind: orderKind.add, name: "a", after: file },
        { kind: orderKind.change, name: "b", before: { ...file, size: 20 }, after: file },
        { kind: orderKind.move, name: "c", after: file, basis: { path: "x", size: 10 } },
        { kind: orderKind.add, name: "d", after: file },
      ],
    },
    {
      type: "data",
      index: 0,
      tokens: [{ kind: "literal", bytes: Uint8Array.from([1, 2, 3]) }],
      digest: undefined,
    },
    {
      type: "data",
      index: 0,
      tokens: [{ kind: "literal", bytes: Uint8Array.from([4, 5, 6, 7, 8, 9, 10]) }],
      digest: new Uint8Array(32).fill(1),
    },
    {
      type: "data",
      index: 1,
      tokens: [
        { kind: "copy", offset: 15, length: 5 },
        { kind: "literal", bytes: Uint8Array.from([9]) },
        { kind: "copy", offset: 0, length: 4 },
      ],
      digest: new Uint8Array(32).fill(2),
    },
    { type: "data", index: 2, tokens: [{ kind: "all" }], digest: new Uint8Array(32).fill(3) },
    {
      type: "data",
      index: 3,
      tokens: [{ kind: "literal", bytes: Uint8Array.from([1]) }],
      digest: null,
    },
  ],
};

test("content is read as it was written: pieces, copies, whole bases, content that failed", () => {
  for (const compression of ["none", "deflate"] as const) {
    const value = { ...content, header: { ...content.header, compression } };
    for (const pieceBytes of [1, 7, 100_000]) assertRoundTrip(value, pieceBytes);
  }
});

test("zstd works where Node has it", (t) => {
  if (!hasCompression("zstd")) {
    t.skip("this Node has no zstd (22.15 and later do)");
    return;
  }
  assertRoundTrip({ ...content, header: { ...content.header, compression: "zstd" } }, 5);
});

test("signatures are read as they were written, in runs", () => {
  const index = 0;
  const shape = { index, basisLength: 2500, blockLength: 1000, strongLength: 2 };
  assertRoundTrip(
    {
      header: headerOf(),
      records: [
        {
          type: "directory",
          path: "d",
          orders: [
            { kind: orderKind.change, name: "b", before: { ...file, size: 2500 }, after: file },
          ],
        },
        {
          type: "signature",
          ...shape,
          firstBlock: 0,
          weak: Uint32Array.from([1, 0xffff_ffff]),
          strong: Uint8Array.from([1, 2, 3, 4]),
        },
        {
          type: "signature",
          ...shape,
          firstBlock: 2,
          weak: Uint32Array.from([7]),
          strong: Uint8Array.from([5, 6]),
        },
      ],
    },
    11,
  );
});

test("signatures of a listing go by the entries of the whole directory, and follow all of them", () => {
  const listed = new ListedDirectory();
  listed.reset("big", true);
  for (let i = 0; i < 70_000; i++) {
    listed.columns.add(`n${String(i).padStart(6, "0")}`, i === 3 ? 0o120777 : 0o100600);
    listed.columns.size[i] = i;
  }
  listed.columns.setLinkTarget(3, "x");
  const header = { ...headerOf(), kind: "listing" as const, hasData: false };
  const signatureOf = (index: number, basisLength: number) => ({
    ...{ index, basisLength, blockLength: 70_000, strongLength: 2, firstBlock: 0 },
    weak: Uint32Array.of(index),
    strong: Uint8Array.of(1, 2),
  });
  const written = (records: readonly ReturnType<typeof signatureOf>[]): Buffer => {
    const pieces: Uint8Array[] = [];
    const writer = new ChangesetWriter(header, (bytes) => void pieces.push(bytes.slice()));
    writer.listing(listed);
    for (const record of records) writer.signature(record);
    writer.finish({ complete: true, exit: 0 });
    return Buffer.concat(pieces);
  };
  const read = (bytes: Uint8Array): unknown[] => {
    const reader = new ChangesetReader();
    reader.push(bytes);
    const found: unknown[] = [];
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      if (record.type === "signature") found.push([record.index, [...record.weak]]);
    }
    reader.finish();
    return found;
  };
  const last = signatureOf(69_999, 69_999);
  assert.deepEqual(read(written([signatureOf(2, 2), last])), [
    [2, [2]],
    [69_999, [69_999]],
  ]);
  const wrong = { code: "changeset-invalid" };
  for (const [record, message] of [
    [signatureOf(3, 3), /entry 3 is no file/],
    [signatureOf(70_000, 9), /entry 70000 is no file/],
    [signatureOf(5, 6), /the basis has 5 bytes/],
  ] as const) {
    assert.throws(() => written([record]), { ...wrong, message });
  }
  assert.throws(() => written([last, signatureOf(2, 2)]), { ...wrong, message: /2 after 69999/ });
});

test("a directory with more entries than a record has goes on in the next one", () => {
  const orders = new OrderedDirectory();
  orders.reset("big");
  for (let i = 0; i < 70_000; i++) {
    const name = Buffer.from(`n${String(i).padStart(6, "0")}`);
    const row = orders.addRow(orderKind.add, name, 0, name.length);
    orders.before.columns.mode[row] = 0;
    orders.after.columns.mode[row] = 0o100600;
  }
  const pieces: Uint8Array[] = [];
  const sink = (bytes: Uint8Array): void => void pieces.push(bytes.slice());
  const writer = new ChangesetWriter(headerOf(), sink);
  for (let from = 0; from < orders.count; ) from = writer.orders("directory", orders, from);
  writer.finish({ complete: true, exit: 0 });
  const counts: [boolean, number][] = [];
  const reader = new ChangesetReader();
  reader.push(Buffer.concat(pieces));
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.type === "directory") counts.push([record.isContinued, record.orders.count]);
    if (record.type === "trailer") assert.equal(record.trailer.totals.directories, 1);
  }
  reader.finish();
  assert.ok(counts.length > 1, "one record was enough");
  assert.deepEqual(
    counts.map(([isContinued]) => isContinued),
    counts.map((_, n) => n > 0),
  );
  assert.equal(
    counts.reduce((sum, [, count]) => sum + count, 0),
    70_000,
  );
});

test("a tee gets the same bytes as the sink beside it", () => {
  const [one, two]: [Uint8Array[], Uint8Array[]] = [[], []];
  const writer = new ChangesetWriter(
    headerOf(),
    teeSink(
      (bytes) => one.push(bytes.slice()),
      (bytes) => two.push(bytes.slice()),
    ),
  );
  writer.finish({ complete: false, exit: 23 });
  assert.deepEqual(Buffer.concat(one), Buffer.concat(two));
  const { trailer } = verifyChangeset([Buffer.concat(one)]);
  assert.deepEqual([trailer.complete, trailer.exit], [false, 23]);
});
