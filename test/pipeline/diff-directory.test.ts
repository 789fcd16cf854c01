// Pins what diff decides about single entries: the quick check, types, and what the user ruled out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Orders, order } from "../../src/changeset/index.ts";
import { type DiffOptions, diffDirectory } from "../../src/pipeline/index.ts";
import {
  change,
  Directory,
  matchEntries,
  typeDirectory,
  typeRegular,
} from "../../src/tree/index.ts";

const plain: DiffOptions = {
  attributes: {
    mode: true,
    executability: false,
    times: true,
    dirTimes: true,
    linkTimes: true,
    atimes: false,
    linkAtimes: false,
    crtimes: false,
    owner: true,
    group: "any",
    acls: false,
    xattrs: false,
    modifyWindow: 0,
    fineTimes: false,
    timeStep: 1,
  },
  links: true,
  devices: true,
  specials: true,
  safeLinks: false,
  existing: false,
  ignoreExisting: false,
  update: false,
  sizeOnly: false,
  ignoreTimes: false,
  checksum: false,
  minSize: 0,
  maxSize: Number.POSITIVE_INFINITY,
  newModeMask: 0o755,
  append: false,
  tellsAfterwards: false,
  deviceContent: false,
};

interface Entry {
  readonly name: string;
  readonly mode?: number;
  readonly size?: number;
  readonly mtime?: number;
  readonly nanos?: number;
}

function listing(entries: readonly Entry[]): Directory {
  const directory = new Directory();
  for (const { name, mode = typeRegular | 0o644, size = 1, mtime = 100, nanos = 0 } of entries) {
    const i = directory.add(name, mode);
    directory.size[i] = size;
    directory.mtime[i] = mtime;
    directory.mtimeNanos[i] = nanos;
    directory.nlink[i] = 1;
  }
  return directory;
}

function decide(
  source: readonly Entry[],
  target: readonly Entry[],
  wishes: Partial<DiffOptions> = {},
): Orders {
  const [from, to] = [listing(source), listing(target)];
  const orders = new Orders();
  orders.reset(from.count);
  matchEntries(from, to, orders.target, new Uint8Array(to.count + 1));
  diffDirectory({ ...plain, ...wishes }, "", from, to, orders, () => undefined);
  return orders;
}

test("equal entries get no order and no changes", () => {
  const orders = decide([{ name: "a" }], [{ name: "a" }]);
  assert.deepEqual([orders.kind[0], orders.changes[0]], [order.none, 0]);
});

test("a name that the target lacks is added, one that it has under another type replaced", () => {
  const directory = typeDirectory | 0o755;
  const orders = decide([{ name: "a" }, { name: "b" }], [{ name: "b", mode: directory }]);
  assert.deepEqual([orders.kind[0], orders.kind[1]], [order.add, order.replace]);
  assert.ok((orders.changes[0] as number) & change.created);
});

test("another size or time is a change of content, another mode one of attributes", () => {
  const orders = decide(
    [
      { name: "a", size: 2 },
      { name: "b", mtime: 101 },
      { name: "c", mode: typeRegular | 0o600 },
    ],
    [{ name: "a" }, { name: "b" }, { name: "c" }],
  );
  assert.deepEqual([...orders.kind.subarray(0, 3)], [order.change, order.change, order.meta]);
  assert.equal((orders.changes[0] as number) & change.size, change.size);
  assert.equal(orders.changes[2], change.mode);
});

test("existing, ignoreExisting, update and sizes leave entries alone", () => {
  assert.equal(decide([{ name: "a" }], [], { existing: true }).kind[0], order.skip);
  const newer = [{ name: "a", size: 9, mtime: 200 }];
  assert.equal(decide([{ name: "a" }], newer, { update: true }).kind[0], order.skip);
  assert.equal(decide([{ name: "a" }], newer, { ignoreExisting: true }).kind[0], order.skip);
  assert.equal(decide([{ name: "a", size: 50 }], [], { maxSize: 10 }).kind[0], order.skip);
});

test("sizeOnly ignores times, ignoreTimes transfers in spite of equality", () => {
  assert.notEqual(
    decide([{ name: "a", mtime: 7 }], [{ name: "a" }], { sizeOnly: true }).kind[0],
    order.change,
  );
  assert.equal(
    decide([{ name: "a" }], [{ name: "a" }], { ignoreTimes: true }).kind[0],
    order.change,
  );
});

test("what the target cannot keep of a time is no difference, the rest is", () => {
  const kindOf = (nanos: number, kept: number, attributes: object, wishes: object = {}): number => {
    const rules = { ...plain.attributes, fineTimes: true, ...attributes };
    const [from, to] = [[{ name: "a", nanos }], [{ name: "a", nanos: kept }]];
    return decide(from, to, { attributes: rules, ...wishes }).kind[0] as number;
  };
  const coarse = { timeStep: 1000 };
  assert.equal(kindOf(123_456_789, 123_456_000, coarse), order.none);
  assert.equal(kindOf(123_456_789, 123_456_001, coarse), order.none);
  assert.equal(kindOf(123_456_789, 123_457_000, coarse), order.change);
  assert.equal(kindOf(123_456_789, 123_456_000, {}), order.change);
  const exactly = { modifyWindow: -1 };
  assert.equal(kindOf(123_456_789, 123_456_000, { ...exactly, ...coarse }), order.none);
  assert.equal(kindOf(123_456_789, 123_457_000, { ...exactly, ...coarse }), order.change);
  assert.equal(kindOf(123_456_789, 0, { ...exactly, ...coarse }), order.none);
  assert.equal(kindOf(123_456_789, 0, exactly), order.change);
  assert.equal(kindOf(123_456_789, 123_456_789, exactly), order.none);
});
