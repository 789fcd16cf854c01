// Pins what the sum of a directory depends on, and of which directories there is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeDirectorySum,
  encodeDirectorySum,
  isDirectorySum,
  sumColumns,
  sumOfListing,
} from "../../src/session/index.ts";
import {
  Directory,
  typeCharacter,
  typeDirectory,
  typeRegular,
  typeSymlink,
} from "../../src/tree/index.ts";

const all = sumColumns.on | sumColumns.owner | sumColumns.group;
const noNames = { users: new Map<number, string>(), groups: new Map<number, string>() };

function listing(change: (made: Directory) => void = () => undefined): Directory {
  const made = new Directory();
  const rows = [
    ["a", typeRegular | 0o644],
    ["bc", typeRegular | 0o755],
    ["link", typeSymlink | 0o777],
    ["d", typeDirectory | 0o755],
  ] as const;
  for (const [name, mode] of rows) {
    const row = made.add(name, mode);
    for (const column of ["uid", "gid", "ctime", "nlink"] as const) made[column][row] = 7;
    made.size[row] = 100;
    made.mtime[row] = 1_000_000;
    made.mtimeNanos[row] = 5;
  }
  made.setLinkTarget(2, "there");
  change(made);
  return made;
}

const sumOf = (
  change?: (made: Directory) => void,
  columns = all,
  names: { users: Map<number, string>; groups: Map<number, string> } = noNames,
): string => Buffer.from(sumOfListing(listing(change), columns, names) ?? []).toString("hex");

test("it depends on all that is compared, and on nothing else", () => {
  const plain = sumOf();
  assert.equal(plain.length, 32);
  const counts: Readonly<Record<string, (made: Directory) => void>> = {
    size: (made) => (made.size[0] = 101),
    time: (made) => (made.mtime[1] = 999_999),
    nanoseconds: (made) => (made.mtimeNanos[3] = 6),
    permissions: (made) => (made.mode[0] = typeRegular | 0o600),
    owner: (made) => (made.uid[2] = 8),
    group: (made) => (made.gid[3] = 8),
    "link target": (made) => made.setLinkTarget(2, "elsewhere"),
    name: (made) => (made.names[made.nameStart[0] as number] = 0x62),
    "where names end": (made) => {
      made.nameLength[0] = 2;
      made.names.set(Buffer.from("abc"), made.nameStart[0]);
      made.nameLength[1] = 1;
      made.nameStart[1] = (made.nameStart[0] as number) + 2;
    },
    "one more": (made) => {
      const row = made.add("e", typeDirectory | 0o755);
      made.copyAttributes(row, made, 3);
    },
  };
  const seen = new Map([[plain, "plain"]]);
  for (const [what, change] of Object.entries(counts)) {
    const sum = sumOf(change);
    assert.equal(seen.get(sum), undefined, what);
    seen.set(sum, what);
  }
  for (const column of ["ctime", "atime", "nlink", "inoLow", "blocks"] as const) {
    assert.equal(
      sumOf((made) => (made[column][0] = 99)),
      plain,
      column,
    );
  }
  assert.equal(
    sumOf((made) => (made.size[3] = 4096)),
    plain,
    "sizes of directories are nobody's",
  );
});

test("owners and groups count where they are wanted, with their names", () => {
  const { on, owner, group } = sumColumns;
  const other = (made: Directory): void => {
    made.uid[0] = 8;
  };
  assert.notEqual(sumOf(other, on | owner), sumOf(undefined, on | owner));
  assert.equal(sumOf(other, on | group), sumOf(undefined, on | group));
  const users = { users: new Map([[7, "anna"]]), groups: new Map() };
  const groups = { users: new Map(), groups: new Map([[7, "anna"]]) };
  assert.equal(
    new Set([sumOf(), sumOf(undefined, all, users), sumOf(undefined, all, groups)]).size,
    3,
  );
  assert.equal(sumOf(undefined, on | group, users), sumOf(undefined, on | group));
});

test("there is none where something may matter that is not in it", () => {
  const not: Readonly<Record<string, (made: Directory) => void>> = {
    "not all could be listed": (made) => (made.complete = false),
    "a device": (made) => (made.mode[0] = typeCharacter | 0o600),
    "something that could not be looked at": (made) => (made.mode[0] = 0),
    "extended attributes": (made) => made.setXattrs(0, []),
    "a link that nobody has read": (made) => made.linkTargets.delete(2),
  };
  for (const [what, change] of Object.entries(not)) assert.equal(sumOf(change), "", what);
});

test("what stands for a record can be told from one, and is read as it was written", () => {
  const sum = Uint8Array.from({ length: 16 }, (_, i) => i);
  const bytes = encodeDirectorySum({ topBytes: 300, sum });
  assert.equal(isDirectorySum(bytes), true);
  assert.equal(isDirectorySum(Uint8Array.of(0x88, 0x40)), false);
  assert.deepEqual(decodeDirectorySum(bytes), { topBytes: 300, sum });
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(() => decodeDirectorySum(bytes.subarray(0, end)), { code: "changeset-invalid" });
  }
});
