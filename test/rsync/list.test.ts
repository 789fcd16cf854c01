// File lists: captured from rsync, there and back, sorted as rsync sorts, and hostile.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  EntryDecoder,
  EntryEncoder,
  encodeIdList,
  IdListReader,
  isListEnd,
  type ListTerms,
  shortage,
  sortKey,
  WireCursor,
  type WireEntry,
  WireWriter,
  wireXattr,
} from "../../src/rsync/index.ts";
import { cursorOf, hex, toHex, written } from "./bytes.ts";
import { blankEntry, plainTerms } from "./entries.ts";

const plain = plainTerms;
const owners = { ...plain, owner: true, group: true, hardLinks: true };

const blank = blankEntry;

/** Reads entries until the end; returns them and what stands behind. */
function readList(
  terms: ListTerms,
  bytes: Uint8Array,
  start = 0,
): { entries: WireEntry[]; errors: number; cursor: WireCursor } {
  const decoder = new EntryDecoder(terms);
  decoder.begin(start);
  const cursor = new WireCursor(bytes);
  const entries: WireEntry[] = [];
  for (;;) {
    const read = decoder.read(cursor);
    if (isListEnd(read)) return { entries, errors: read.errors, cursor };
    entries.push(read);
  }
}

// A list of rsync 3.5.0, without incremental recursion: ".", ln -> a.txt, a.txt, d, d/b.
const captured = hex(`
  19 01 2e 00 00 10 5f 03 10 5e ed 41 00 00
  18 02 6c 6e 00 05 00 5f 02 10 5e ff a1 00 00 05 61 2e 74 78 74
  18 05 61 2e 74 78 74 00 0c 00 5f 00 10 5e a4 81 00 00
  18 01 64 00 00 10 5f 03 10 5e ed 41 00 00
  a0 38 01 02 2f 62 00 14 00 5f 01 10 5e f0 00 65 cd 1d a4 81 00 00
  00 00`);

test("a list of rsync's is read, and written byte for byte", () => {
  const { entries, errors, cursor } = readList(plain, captured);
  assert.equal(errors, 0);
  assert.equal(cursor.left, 0);
  assert.deepEqual(
    entries.map(({ name, mode, size, mtime, mtimeNanos, linkTarget, isTop }) => ({
      name,
      mode,
      size,
      mtime,
      mtimeNanos,
      linkTarget,
      isTop,
    })),
    [
      {
        name: ".",
        mode: 0o40755,
        size: 4096,
        mtime: 1600000003,
        mtimeNanos: 0,
        linkTarget: undefined,
        isTop: true,
      },
      {
        name: "ln",
        mode: 0o120777,
        size: 5,
        mtime: 1600000002,
        mtimeNanos: 0,
        linkTarget: "a.txt",
        isTop: false,
      },
      {
        name: "a.txt",
        mode: 0o100644,
        size: 12,
        mtime: 1600000000,
        mtimeNanos: 0,
        linkTarget: undefined,
        isTop: false,
      },
      {
        name: "d",
        mode: 0o40755,
        size: 4096,
        mtime: 1600000003,
        mtimeNanos: 0,
        linkTarget: undefined,
        isTop: false,
      },
      {
        name: "d/b",
        mode: 0o100644,
        size: 20,
        mtime: 1600000001,
        mtimeNanos: 500000000,
        linkTarget: undefined,
        isTop: false,
      },
    ],
  );
  const encoder = new EntryEncoder(plain);
  const writer = new WireWriter();
  encoder.begin(0);
  for (const entry of entries) encoder.write(writer, entry);
  encoder.end(writer, 0);
  assert.equal(toHex(writer.take()), toHex(captured));
});

test("owners, names of ids and hard links are read, and written byte for byte", () => {
  const whole = hex(`
    01 01 2e 00 00 10 5f 00 10 5e ed 41 00 00 00 00
    92 80 03 6f 6e 65 00 03 00 a4 81 00 00 01 02
    82 9a 03 74 77 6f 01
    00 00
    01 06 64 61 65 6d 6f 6e 00 04 72 6f 6f 74
    02 03 62 69 6e 00 04 72 6f 6f 74`);
  const { entries, cursor } = readList(owners, whole);
  const of = ({ name, uid, gid, firstLink, size }: WireEntry): unknown[] => [
    name,
    uid,
    gid,
    firstLink,
    size,
  ];
  assert.deepEqual(entries.map(of), [
    [".", 0, 0, undefined, 4096],
    ["one", 1, 2, 1, 3],
    ["two", 1, 2, 1, 3],
  ]);
  const lists = [new IdListReader(true), new IdListReader(true)];
  for (const list of lists) while (list.read(cursor));
  assert.deepEqual(
    lists.map(({ names }) => [...names]),
    [
      [
        [1, "daemon"],
        [0, "root"],
      ],
      [
        [2, "bin"],
        [0, "root"],
      ],
    ],
  );
  const writer = new WireWriter();
  const encoder = new EntryEncoder(owners);
  encoder.begin(0);
  for (const entry of entries) encoder.write(writer, entry);
  encoder.end(writer, 0);
  for (const { names } of lists) encodeIdList(writer, names, true);
  assert.equal(toHex(writer.take()), toHex(whole));

  const first = hex(`
    8c 01 01 2e 00 00 10 5f 00 10 5e ed 41 00 00 00 04 72 6f 6f 74 00 04 72 6f 6f 74
    9e 80 03 6f 6e 65 00 03 00 a4 81 00 00 01 06 64 61 65 6d 6f 6e 02 03 62 69 6e
    82 9a 03 74 77 6f 02
    00 00`);
  const incremental = { ...owners, incremental: true };
  const list = readList(incremental, first, 1);
  assert.deepEqual(
    list.entries.map(({ name, userName, groupName, firstLink }) => [
      name,
      userName,
      groupName,
      firstLink,
    ]),
    [
      [".", "root", "root", undefined],
      ["one", "daemon", "bin", 2],
      ["two", undefined, undefined, 2],
    ],
  );
  encoder.begin(1);
  const again = new EntryEncoder(incremental);
  again.begin(1);
  for (const entry of list.entries) again.write(writer, entry);
  again.end(writer, 0);
  assert.equal(toHex(writer.take()), toHex(first));
});

test("without varints a list ends with its errors where that can be told", () => {
  const terms = { ...plain, varintFlags: false };
  const end = (errors: number, more: Partial<ListTerms> = {}): string =>
    toHex(written((to) => new EntryEncoder({ ...terms, ...more }).end(to, errors)));
  assert.equal(end(0), "00");
  assert.equal(end(1), "041001");
  assert.equal(end(1, { protocol: 30, safeListEnd: false }), "00");
  assert.equal(toHex(written((to) => new EntryEncoder(plain).end(to, 3))), "0003");
  for (const [digits, errors] of [
    ["00", 0],
    ["041003", 3],
  ] as const) {
    assert.equal(readList(terms, hex(digits)).errors, errors);
  }
  const cannot = { ...terms, protocol: 30, safeListEnd: false };
  assert.throws(() => readList(cannot, hex("041001")), /cannot tell/);
});

const permissions = fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined });
const acl = fc.record({
  owner: permissions,
  group: permissions,
  mask: permissions,
  others: permissions,
  named: fc.array(
    fc.record({
      isUser: fc.boolean(),
      id: fc.nat(),
      permissions: fc.integer({ min: 0, max: 7 }),
      name: fc.option(fc.constantFrom("root", "daemon"), { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
});
const xattrs = fc
  .array(
    fc.record({
      name: fc.constantFrom("user.a", "user.b"),
      value: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 2 },
  )
  .map((set) => set.map(wireXattr));

const name = fc.stringMatching(/^[a-c]{1,3}(\/[a-c]{1,3}){0,2}$/);
const seconds = fc.oneof(fc.constantFrom(0, 1600000000, -6), fc.integer());
const entryOf = fc.record({
  name: fc.oneof(name, fc.constant("n".repeat(300))),
  type: fc.constantFrom(0o100000, 0o040000, 0o120000, 0o060000, 0o010000, 0o140000),
  permissions: fc.integer({ min: 0, max: 0o7777 }),
  size: fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
  mtime: seconds,
  mtimeNanos: fc.constantFrom(0, 1, 999_999_999),
  atime: seconds,
  crtime: seconds,
  uid: fc.constantFrom(0, 1000, 4294967294),
  gid: fc.constantFrom(0, 7),
  rdevMajor: fc.constantFrom(8, 250),
  rdevMinor: fc.nat(),
  accessAcl: acl,
  defaultAcl: acl,
  xattrs,
  isTop: fc.boolean(),
  isBare: fc.boolean(),
  userName: fc.option(fc.constant("somebody"), { nil: undefined }),
});

test("every entry comes back under all terms, and one that is cut short leaves nothing behind", () => {
  const terms = fc.record({
    ...Object.fromEntries(
      (
        [
          "varintFlags",
          "owner",
          "group",
          "devices",
          "specials",
          "links",
          "atimes",
          "acls",
          "xattrs",
        ] as const
      ).map((key) => [key, fc.boolean()]),
    ),
    protocol: fc.constantFrom(30, 31, 32),
    digestBytes: fc.constantFrom(0, 16),
  }) as fc.Arbitrary<Partial<ListTerms>>;
  fc.assert(
    fc.property(
      terms,
      fc.array(entryOf, { maxLength: 6 }),
      fc.boolean(),
      (some, drafts, hardLinks) => {
        const agreed: ListTerms = { ...plain, ...some, hardLinks };
        const entries = drafts.map((draft, i) => settled(agreed, draft, i));
        const encoder = new EntryEncoder(agreed);
        const writer = new WireWriter();
        encoder.begin(0);
        const ends = entries.map((entry) => {
          encoder.write(writer, entry);
          return writer.length;
        });
        encoder.end(writer, 0);
        const bytes = writer.take();
        const decoder = new EntryDecoder(agreed);
        decoder.begin(0);
        const cursor = new WireCursor(bytes);
        for (const [i, entry] of entries.entries()) {
          const begin = cursor.at;
          const end = ends[i] as number;
          for (const cut of [begin + 1, Math.floor((begin + end) / 2), end - 1]) {
            cursor.end = Math.min(cut, end - 1);
            assert.throws(
              () => decoder.read(cursor),
              (error) => error === shortage,
            );
            cursor.at = begin;
          }
          cursor.end = bytes.length;
          assert.deepEqual(decoder.read(cursor), structuredClone(entry));
          assert.equal(cursor.at, end);
        }
        assert.deepEqual(decoder.read(cursor), { errors: 0 });
        assert.equal(cursor.left, 0);
      },
    ),
    { numRuns: 200 },
  );
});

/** Returns the entry with what terms let it have. */
function settled(
  terms: ListTerms,
  draft: typeof entryOf extends fc.Arbitrary<infer T> ? T : never,
  i: number,
): WireEntry {
  const { type, permissions: bits, ...rest } = draft;
  const isDirectory = type === 0o040000;
  const isDevice = type === 0o060000;
  const entry: WireEntry = { ...blank, ...rest, mode: type | bits, digest: undefined };
  return {
    ...entry,
    mtimeNanos: terms.protocol >= 31 ? entry.mtimeNanos : 0,
    atime: terms.atimes && !isDirectory ? entry.atime : 0,
    crtime: 0,
    uid: terms.owner ? entry.uid : 0,
    gid: terms.group ? entry.gid : 0,
    userName: undefined,
    rdevMajor: terms.devices && isDevice ? entry.rdevMajor : 0,
    rdevMinor: terms.devices && isDevice ? entry.rdevMinor : 0,
    linkTarget: terms.links && type === 0o120000 ? "some/where" : undefined,
    digest:
      terms.digestBytes > 0 && type === 0o100000
        ? new Uint8Array(terms.digestBytes).fill(i)
        : undefined,
    isTop: isDirectory && entry.isTop,
    isBare: isDirectory && entry.isBare,
    accessAcl: terms.acls && type !== 0o120000 ? entry.accessAcl : undefined,
    defaultAcl: terms.acls && isDirectory ? entry.defaultAcl : undefined,
    xattrs: terms.xattrs ? entry.xattrs : undefined,
  };
}

test("entries are sorted as rsync sorts them", () => {
  const order = [
    ".",
    "UPPER",
    "a.txt",
    "foo.bar",
    "zlast",
    "emptydir/",
    "foo-bar/",
    "foo-bar/z",
    "foo/",
    "foo/bar.txt",
    "foo/deep.txt",
    "foo/deep-2/",
    "foo/deep-2/y",
    "foo/deep/",
    "foo/deep/deeper/",
    "foo/deep/deeper/x",
    "foo0/",
  ];
  const keys = order.map((path) =>
    sortKey(path.replace(/\/$/, ""), path.endsWith("/") || path === "."),
  );
  assert.deepEqual(keys.toSorted(), keys);
});

test("an entry that breaks the protocol, or leads anywhere else, is refused", () => {
  const one = (digits: string, terms = plain): void => {
    new EntryDecoder(terms).read(cursorOf(digits));
  };
  const named = (path: string): string =>
    `18${path.length.toString(16).padStart(2, "0")}${Buffer.from(path).toString("hex")}`;
  const rest = "000000 5f00105e a4810000";
  for (const path of ["..", "a/../b", "/etc/passwd", "a//b", "a/", "./a", "a/.", "", "a\0b"]) {
    assert.throws(() => one(named(path) + rest), /is no name of a transfer/, path);
  }
  assert.throws(() => one(`${named("/../x")}${rest}`, { ...plain, relative: true }), /is no name/);
  one(`${named("/a")}${rest}`, { ...plain, relative: true });
  assert.throws(() => one(`${named(".")}${rest}`), /"\." is no directory/);
  assert.throws(() => one(`${named("a")} 000000 5f00105e 00000000`), /unknown type/);
  assert.throws(() => one(`${named("a")} fcffffffffffffffff 5f00105e a4810000`), /a size is -1/);
  assert.throws(() => one("38 05 01 61"), /the shared part of a name is 5/);
  assert.throws(() => one("58 f0ffffffff"), /the length of a name is -1/);
  assert.throws(() => one("58 d0 ff ff 00"), /the length of a name/);
  assert.throws(() => one(`a018 01 61 000000 5f00105e f0ffffff7f`), /nanoseconds/);
  assert.throws(
    () => one(`${named("a")} 000000 5f00105e ffa10000 00`),
    /the length of a link's target is 0/,
  );
  assert.throws(() => one("8a18 01 61 05", owners), /the first name of a file is 5/);
  const acls = { ...plain, acls: true };
  assert.throws(() => one(`${named("a")} ${rest} 01`, acls), /list is unknown/);
  assert.throws(() => one(`${named("a")} ${rest} 00 01 08`, acls), /permissions is 8/);
  assert.throws(() => one(`${named("a")} ${rest} 00 10 f0ffffff7f`, acls), /a count of names/);
  const withXattrs = { ...plain, xattrs: true };
  assert.throws(() => one(`${named("a")} ${rest} 02`, withXattrs), /set of attributes is unknown/);
  assert.throws(
    () => one(`${named("a")} ${rest} 00 f0ffffff7f`, withXattrs),
    /a count of attributes/,
  );
  assert.throws(() => one(`${named("a")} ${rest} 00 01 03 00 616161`, withXattrs), /does not end/);
  assert.throws(
    () => one(`${named("a")} ${rest} 00 01 03 f0ffffff7f 616100`, withXattrs),
    /the length of an attribute/,
  );
});
