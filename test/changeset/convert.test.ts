// Pins the way from compared listings to rows: one for every entry with an order and none for the
// others, what was on one side and what shall be on the other, hard links by path.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  carriedAttributes,
  collectDeletion,
  collectOrders,
  OrderedDirectory,
  Orders,
  order,
  orderKind,
  readRecords,
  States,
  Summary,
} from "../../src/changeset/index.ts";
import { Directory, matchEntries } from "../../src/tree/index.ts";
import { bytesOf, headerOf, stateOf, valuesOf } from "./sample.ts";

function listing(...names: string[]): Directory {
  const made = new Directory();
  names.forEach((name, n) => {
    const row = made.add(name, name.endsWith("d") ? 0o040755 : 0o100644);
    made.size[row] = n + 1;
    made.mtime[row] = 100 + n;
    made.atime[row] = 5;
    made.uid[row] = 3;
  });
  return made;
}

const carried = carriedAttributes(["mode", "mtime"]);

function compared(source: Directory, target: Directory, kinds: readonly number[]): Orders {
  const orders = new Orders();
  orders.reset(source.count);
  matchEntries(source, target, orders.target, new Uint8Array(target.count));
  kinds.forEach((kind, i) => {
    orders.kind[i] = kind;
  });
  return orders;
}

test("rows are made for entries with orders only", () => {
  const source = listing("a", "b", "c", "e", "f", "xd");
  const target = listing("a", "b", "e", "f", "xd");
  const { none, skip, add, change, replace, meta } = order;
  const orders = compared(source, target, [none, change, add, skip, replace, meta]);
  const into = new OrderedDirectory();
  into.reset("p");
  collectOrders({ source: new States(source), target: new States(target), orders }, carried, into);
  const names = Array.from({ length: into.count }, (_, i) => into.name(i));
  assert.deepEqual(names, ["b", "c", "f", "xd"]);
  assert.deepEqual([...into.kind.subarray(0, 4)], [2, 1, 2, 5]);
  assert.deepEqual(stateOf(into.before, 0), { mode: 0o100644, size: 2, mtime: 101, uid: 3 });
  assert.deepEqual(stateOf(into.after, 0), { mode: 0o100644, size: 2, mtime: 101, uid: 3 });
  assert.equal(stateOf(into.before, 1), undefined);
  assert.deepEqual(stateOf(into.after, 2), { mode: 0o100644, size: 5, mtime: 104, uid: 3 });
});

test("hard links that differ are orders, those that agree are none", () => {
  const source = listing("a", "b", "c", "e");
  const target = listing("a", "b", "c", "e");
  const { none, change } = order;
  const collect = (
    kinds: number[],
    links: [number, string][],
    were: [number, string][],
  ): number[] => {
    const into = new OrderedDirectory();
    const orders = compared(source, target, kinds);
    const [is, was] = [new States(source), new States(target)];
    for (const [i, path] of links) is.links.set(i, path);
    for (const [t, path] of were) was.links.set(t, path);
    collectOrders({ source: is, target: was, orders }, carried, into);
    return Array.from({ length: into.count }, (_, i) => into.kind[i] as number);
  };
  const unchanged = [none, none, none, none];
  assert.deepEqual(collect(unchanged, [[1, "a"]], [[1, "a"]]), []);
  assert.deepEqual(collect(unchanged, [[1, "a"]], []), [orderKind.link]);
  assert.deepEqual(collect(unchanged, [], [[1, "a"]]), [orderKind.change]);
  assert.deepEqual(collect(unchanged, [[2, "b"]], [[2, "a"]]), [orderKind.link]);
  assert.deepEqual(collect([change, change, none, none], [[1, "a"]], [[1, "a"]]), [
    orderKind.change,
    orderKind.link,
  ]);
});

test("a closing record of deletions is what was there", () => {
  const target = listing("a", "b", "xd");
  const into = new OrderedDirectory();
  into.reset("q");
  const states = new States(target);
  states.links.set(1, "q/a");
  collectDeletion(states, 1, carried, into);
  collectDeletion(states, 2, carried, into);
  assert.deepEqual([...into.kind.subarray(0, 2)], [orderKind.del, orderKind.del]);
  assert.deepEqual(stateOf(into.before, 0), {
    mode: 0o100644,
    size: 2,
    mtime: 101,
    uid: 3,
    link: "q/a",
  });
  assert.equal(stateOf(into.after, 1), undefined);
});

test("the summary of a changeset has a line for each directory with orders", () => {
  const file = { mode: 0o100644, size: 10 };
  const value = {
    header: headerOf(),
    records: [
      {
        type: "directory" as const,
        path: "b",
        orders: [{ kind: orderKind.add, name: "x", after: file }],
      },
      {
        type: "closing" as const,
        path: "b",
        orders: [
          { kind: orderKind.meta, name: ".", after: { mode: 0o040755 } },
          { kind: orderKind.del, name: "y", before: file },
        ],
      },
      {
        type: "closing" as const,
        path: "",
        orders: [{ kind: orderKind.del, name: "z", before: file }],
      },
    ],
  };
  const summary = new Summary();
  const bytes = bytesOf(value);
  assert.equal(valuesOf(bytes).length, 5);
  for (const record of readRecords([bytes])) summary.add(record);
  assert.deepEqual(
    summary
      .directories()
      .map(({ path, add, del, meta, bytes: size }) => [path, add, del, meta, size]),
    [
      ["", 0, 1, 0, 0],
      ["b", 1, 1, 0, 10],
    ],
  );
});
