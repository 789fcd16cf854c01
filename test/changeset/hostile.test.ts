// Pins what a changeset may not say, one by one: names, numbers, order, graph, envelope (the corpus of
// hostile archives that other programs fell for).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { orderKind, verifyChangeset } from "../../src/changeset/index.ts";
import {
  bytesOf,
  headerOf,
  type OrderValue,
  type RecordValue,
  type SequenceValue,
} from "./sample.ts";

const { add, change, move, link, meta, del } = orderKind;
const file = { mode: 0o100644, size: 1, mtime: 1 };
const folder = { mode: 0o040755 };
const symlink = { mode: 0o120777, linkTarget: "/etc" };

function refused(value: SequenceValue, field: RegExp, says: RegExp): void {
  assert.throws(
    () => verifyChangeset([bytesOf(value)]),
    (error: { code?: string; message?: string; data?: { field?: string } }) => {
      assert.equal(error.code, "changeset-invalid", String(error));
      assert.match(error.data?.field ?? "", field);
      assert.match(error.message ?? "", says);
      return true;
    },
  );
}

const directory = (path: string, ...orders: OrderValue[]): RecordValue => ({
  type: "directory",
  path,
  orders,
});
const closing = (path: string, ...orders: OrderValue[]): RecordValue => ({
  type: "closing",
  path,
  orders,
});
const late = (path: string, ...orders: OrderValue[]): RecordValue => ({
  type: "late",
  path,
  orders,
});
const changeset = (...records: RecordValue[]): SequenceValue => ({ header: headerOf(), records });

const badNames = [
  "",
  ".",
  "..",
  "a/b",
  "/",
  "/abs",
  "a\0",
  ".manifold",
  ".MANIFOLD",
  ".Manifold",
  "x".repeat(256),
  "x".repeat(70_000),
];

test("names that are none are refused, in every place that has names", () => {
  for (const name of badNames) {
    refused(changeset(directory("", { kind: add, name, after: file })), /name/, /./);
    refused(changeset(closing("d", { kind: del, name: `${name}/x`, before: file })), /name/, /./);
    const entries = [{ name, ...file }];
    const header = headerOf({ kind: "listing" });
    if (name === "." || name.includes("\0")) continue;
    refused({ header, records: [{ type: "listing", path: "", entries }] }, /name/, /./);
  }
});

const badPaths = [
  "..",
  ".",
  "/",
  "/abs",
  "//x",
  "a//b",
  "a/",
  "a/.",
  "a/../../b",
  "a/..",
  "a\0b",
  "a/.manifold/b",
  ".ManiFold",
  `${"x".repeat(256)}/a`,
  "a/".repeat(2048).concat("b"),
];

test("paths that lead elsewhere are refused, in every place that has paths", () => {
  for (const path of badPaths) {
    refused(changeset(directory(path, { kind: add, name: "x", after: file })), /path/, /./);
    refused(changeset(closing(path, { kind: del, name: "x", before: file })), /path/, /./);
    const basis = { path, size: 1 };
    refused(changeset(directory("", { kind: move, name: "x", after: file, basis })), /path/, /./);
    const after = { ...file, link: path };
    refused(changeset(directory("z", { kind: link, name: "x", after })), /link/, /./);
    const before = { ...file, digest: new Uint8Array(32) };
    const gone = { kind: del, name: "x", before, continues: path };
    refused(changeset(closing("", gone)), /continues/, /./);
  }
});

test("the root cannot be linked to, moved from or deleted", () => {
  refused(
    changeset(directory("", { kind: link, name: "x", after: { ...file, link: "" } })),
    /link/,
    /root/,
  );
  const basis = { path: "", size: 1 };
  refused(changeset(directory("", { kind: move, name: "x", after: file, basis })), /path/, /root/);
  refused(changeset(closing("", { kind: del, name: "", before: folder })), /name/, /empty/);
  refused(changeset(closing("", { kind: del, name: ".", before: folder })), /name/, /no meaning/);
});

const odd = [
  "\\",
  "C:x",
  "\\\\?\\",
  "\xed\xa0\x80",
  "\xff",
  "__proto__",
  "constructor",
  "CON",
  "a:b",
  "x.",
];

test("names that are only odd are kept as they are", () => {
  const sorted = [...odd].sort();
  const orders = sorted.map((name) => ({ kind: add, name, after: file }));
  verifyChangeset([bytesOf(changeset(directory("", ...orders)))]);
});

test("numbers that are none are refused", () => {
  const states = [
    { ...file, mode: 0o777 },
    { ...file, mode: 0o170644 },
    { ...file, size: -1 },
    { ...file, size: 2 ** 53 },
    { ...file, mtimeNanos: 1e9 },
  ];
  for (const after of states) {
    refused(changeset(directory("", { kind: add, name: "x", after })), /mode|size|mtime/, /./);
  }
  const huge = { ...file, size: Number.MAX_SAFE_INTEGER };
  const two = ["a", "b"].map((name) => ({ kind: add, name, after: huge }));
  assert.throws(() => bytesOf(changeset(directory("", ...two))), /too large/);
});

test("orders whose kind does not fit what was and shall be are refused", () => {
  const bad: OrderValue[] = [
    { kind: add, name: "x" },
    { kind: add, name: "x", before: file, after: file },
    { kind: add, name: "x", after: { ...file, link: "a" } },
    { kind: add, name: "x", after: file, basis: { path: "y", size: 1 } },
    { kind: change, name: "x", after: file },
    { kind: change, name: "x", before: file },
    { kind: move, name: "x", after: file },
    { kind: move, name: "x", after: folder, basis: { path: "y", size: 1 } },
    { kind: link, name: "x", after: file },
    { kind: link, name: "x", after: { ...folder, link: "a" } },
    { kind: link, name: "x", after: { ...file, link: "x" } },
    { kind: link, name: "x", after: { ...file, link: "y" } },
    { kind: link, name: "x", after: { ...file, link: "d/y" } },
    { kind: meta, name: "x", before: file, after: symlink },
    { kind: meta, name: "x", before: file, after: { ...file, link: "a" } },
    { kind: meta, name: "x", after: file },
    { kind: del, name: "x", before: file },
    { kind: change, name: "x", before: file, after: file, continues: "y" },
    { kind: add, name: "x", after: { ...symlink, linkTarget: "" } },
    { kind: add, name: "x", after: { ...file, linkTarget: "y" } },
    { kind: add, name: "x", after: { mode: 0o120777 } },
    { kind: 0, name: "x", after: file },
    { kind: 7, name: "x", after: file },
  ];
  for (const order of bad) refused(changeset(directory("", order)), /./, /./);
  refused(changeset(closing("", { kind: add, name: "x", after: file })), /order/, /deletions/);
});

test("entries and directories out of order, or twice, are refused", () => {
  const x = { kind: add, name: "x", after: file };
  refused(changeset(directory("", x, x)), /order/, /listing order/);
  refused(changeset(directory("", x, { ...x, name: "a" })), /order/, /listing order/);
  refused(changeset(directory("", { ...x, after: folder }, x)), /order/, /listing order/);
  refused(changeset(directory("", x, { ...x, after: folder })), /order/, /stands twice/);
  const broken: RecordValue[][] = [
    [directory("b", x), directory("a", x)],
    [directory("a/b", x), directory("a", x)],
    [directory("a", x), directory("a-b", x)],
    [closing("a"), closing("a/b")],
    [closing(""), closing("a")],
    [late("a", x), directory("b", x)],
    [closing("a"), directory("b", x)],
  ];
  for (const records of broken) {
    assert.throws(() => bytesOf(changeset(...records)), { code: "changeset-invalid" });
  }
});

test("orders that contradict one another are refused", () => {
  const x = { kind: add, name: "x", after: file };
  const contradictions: [RegExp, ...RecordValue[]][] = [
    [/no directory/, directory("", x), directory("x", x)],
    [/no directory/, directory("", { ...x, after: symlink }), directory("x/y", x)],
    [/no directory/, directory("x", x), late("", x)],
    [/two orders/, directory("", x), late("", x)],
    [/two orders/, directory("", x), closing("", { kind: del, name: "x", before: file })],
    [/orders below/, directory("d", x), closing("", { kind: del, name: "d", before: folder })],
    [
      /was no directory/,
      closing("x", { kind: del, name: "y", before: file }),
      closing("", { kind: del, name: "x", before: file }),
    ],
    [/was no directory/, directory("", x), closing("x", { kind: del, name: "y", before: file })],
    [
      /was no directory/,
      directory("", { ...x, after: folder }),
      directory("x", { kind: meta, name: "y", before: file, after: file }),
    ],
    [
      /hard link needs/,
      directory("", { kind: link, name: "x", after: { ...file, link: "a" } }),
      closing("", { kind: del, name: "a", before: file }),
    ],
    [
      /stands before/,
      directory("d", { kind: link, name: "x", after: { ...file, link: "a" } }),
      late("", { ...x, name: "a" }),
    ],
  ];
  for (const [says, ...records] of contradictions) refused(changeset(...records), /./, says);
});

test("what looks like a contradiction and is none is kept", () => {
  const rotation = (name: string, path: string): OrderValue => ({
    kind: move,
    name,
    before: { ...file, digest: new Uint8Array(32) },
    after: file,
    basis: { path, size: 1 },
    continues: path,
  });
  const good: RecordValue[][] = [
    [directory("", rotation("a", "b"), rotation("b", "c"), rotation("c", "a"))],
    [
      directory("", { kind: change, name: "d", before: folder, after: file }),
      closing("d", { kind: del, name: "x", before: file }),
    ],
    [
      directory("", { kind: change, name: "d", before: file, after: folder }),
      directory("d", { kind: add, name: "x", after: file }),
    ],
    [
      directory("", {
        kind: move,
        name: "d",
        before: folder,
        after: file,
        basis: { path: "d/x", size: 1 },
      }),
    ],
  ];
  for (const records of good) verifyChangeset([bytesOf(changeset(...records))]);
});

test("a directory that could not be read gets no deletions", () => {
  const records: RecordValue[] = [
    { type: "directory", path: "d", orders: [], complete: false },
    closing("d", { kind: del, name: "x", before: file }),
  ];
  assert.throws(() => bytesOf(changeset(...records)), /could not be read/);
});

test("content that does not fit its order is refused", () => {
  const header = headerOf({ hasData: true });
  const change5 = {
    kind: change,
    name: "x",
    before: { ...file, size: 5 },
    after: { ...file, size: 5 },
  };
  const orders = directory("", { kind: add, name: "a", after: { ...file, size: 2 } }, change5);
  const digest = new Uint8Array(32);
  const literal = (length: number) => ({ kind: "literal", bytes: new Uint8Array(length) }) as const;
  const copy = (offset: number, length: number) => ({ kind: "copy", offset, length }) as const;
  const all = { kind: "all" } as const;
  const bad: RecordValue[][] = [
    [{ type: "data", index: 2, tokens: [], digest }],
    [{ type: "data", index: 0, tokens: [literal(1)], digest }],
    [{ type: "data", index: 0, tokens: [literal(3)], digest: undefined }],
    [{ type: "data", index: 0, tokens: [all], digest }],
    [{ type: "data", index: 0, tokens: [copy(0, 2)], digest }],
    [{ type: "data", index: 1, tokens: [copy(1, 5)], digest }],
    [{ type: "data", index: 1, tokens: [literal(1), all], digest }],
    [{ type: "data", index: 0, tokens: [literal(1)], digest: undefined }],
    [
      { type: "data", index: 1, tokens: [all], digest },
      { type: "data", index: 0, tokens: [literal(2)], digest },
    ],
    [
      { type: "data", index: 1, tokens: [all], digest },
      { type: "data", index: 1, tokens: [all], digest },
    ],
  ];
  for (const data of bad) {
    assert.throws(() => bytesOf({ header, records: [orders, ...data] }), {
      code: "changeset-invalid",
    });
  }
  assert.throws(() => bytesOf(changeset(orders, ...(bad[5] as RecordValue[]))), /there is none/);
});

/** Builds a file around a hand-made frame. */
function framed(frame: Buffer): Uint8Array {
  const header = bytesOf({ header: headerOf({ compression: "deflate" }), records: [] });
  const end = header.indexOf(0x83, 10);
  return Buffer.concat([header.subarray(0, end), frame]);
}

test("compressed frames become no longer than they say, and no longer than the limit", () => {
  const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
  const head = Buffer.from([0x83, 0x08, 0x5a, 0, 0, 0, 0]);
  head.writeUInt32BE(bomb.length, 3);
  const lengths = ["1a00100000", "1a00100001", "1a04000000", "00", "01"];
  const before = process.memoryUsage.rss();
  for (const length of lengths) {
    const frame = Buffer.concat([head, bomb, Buffer.from(length, "hex")]);
    assert.throws(() => verifyChangeset([framed(frame)]), { code: "changeset-invalid" }, length);
  }
  assert.ok(process.memoryUsage.rss() - before < 64 * 1024 * 1024, "memory grew");
});

test("another version, an unknown record, a missing or changed trailer are refused", () => {
  const bytes = Buffer.from(
    bytesOf(changeset(directory("", { kind: add, name: "x", after: file }))),
  );
  const version = Buffer.from(bytes);
  version[10] = 2;
  assert.throws(() => verifyChangeset([version]), /version 2, this build reads version 1/);
  const start = bytes.indexOf(Buffer.from([0x83, 0x01]));
  for (const kind of [0x00, 0x0a, 0x17, 0x18, 0x40]) {
    const unknown = Buffer.from(bytes);
    unknown[start + 1] = kind;
    assert.throws(() => verifyChangeset([unknown]), /record kind/);
  }
  const twice = Buffer.concat([bytes, bytes.subarray(start)]);
  assert.throws(() => verifyChangeset([twice]), /bytes follow it/);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
  assert.throws(() => verifyChangeset([flipped]), /not what was written/);
});

test("totals that lie are refused though every digest is right", () => {
  const bytes = Buffer.from(
    bytesOf(changeset(directory("", { kind: add, name: "x", after: file }))),
  );
  const at = bytes.indexOf("entries") + "entries".length;
  bytes[at] = 2;
  const digestAt = bytes.length - 34;
  createHash("sha256")
    .update(bytes.subarray(0, digestAt))
    .digest()
    .copy(bytes, digestAt + 2);
  assert.throws(() => verifyChangeset([bytes]), /entries is 1, not 2/);
});
