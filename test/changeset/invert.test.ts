// Pins the inverse: turned round twice a changeset is itself, every order becomes the one that undoes
// it, and the inverse keeps all rules of the format.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  invertChangeset,
  memoryStore,
  orderKind,
  readRecords,
  verifyChangeset,
} from "../../src/changeset/index.ts";
import { changesetArbitrary } from "./arbitrary.ts";
import { examples } from "./examples.ts";
import { bytesOf, headerOf, type RecordValue, type SequenceValue, valuesOf } from "./sample.ts";

const numRuns = process.env.MANIFOLD_LONG ? 2000 : 60;
const { add, change, move, link, meta, del } = orderKind;

function inverted(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  invertChangeset(
    readRecords([bytes]),
    memoryStore(),
    (header) => header,
    (piece) => pieces.push(piece.slice()),
  );
  return Buffer.concat(pieces);
}

/** Orders that were made up one by one can contradict one another. */
function isConsistent(bytes: Uint8Array): boolean {
  try {
    verifyChangeset([bytes]);
    return true;
  } catch {
    return false;
  }
}

const recordsOf = (bytes: Uint8Array): RecordValue[] =>
  valuesOf(bytes).slice(1, -1) as RecordValue[];

test("turned round twice, a changeset is the one that it was, late orders in their directories", () => {
  fc.assert(
    fc.property(changesetArbitrary, (value) => {
      const bytes = bytesOf(value);
      fc.pre(isConsistent(bytes));
      const once = inverted(bytes);
      verifyChangeset([once]);
      const twice = inverted(once);
      assert.deepEqual(Buffer.from(inverted(twice)), Buffer.from(once));
    }),
    { numRuns },
  );
});

const file = { mode: 0o100644, size: 1, mtime: 1 };
const other = { mode: 0o100600, size: 2, mtime: 2, uid: 7 };
const folder = { mode: 0o040755, mtime: 5 };
const digest = new Uint8Array(32).fill(9);

test("every order becomes the one that undoes it", () => {
  const value: SequenceValue = {
    header: headerOf({ preserves: ["mode"] }),
    records: [
      {
        type: "directory",
        path: "",
        orders: [
          { kind: meta, name: ".", before: folder, after: { ...folder, mtime: 6 } },
          { kind: add, name: "a", after: file },
          { kind: change, name: "b", before: folder, after: file },
          {
            kind: move,
            name: "c",
            after: { ...file, digest },
            basis: { path: "old/x", size: 1, digest },
          },
          { kind: link, name: "e", before: other, after: { ...file, link: "a" } },
          { kind: meta, name: "f", before: file, after: { ...file, uid: 3 } },
          { kind: add, name: "new", after: folder },
        ],
      },
      { type: "directory", path: "new", orders: [{ kind: add, name: "g", after: file }] },
      {
        type: "closing",
        path: "new",
        orders: [{ kind: meta, name: ".", after: folder }],
      },
      {
        type: "closing",
        path: "old",
        orders: [
          { kind: meta, name: ".", before: folder },
          { kind: del, name: "x", before: { ...file, digest }, continues: "c" },
          { kind: del, name: "y", before: { ...file, link: "old/w" } },
        ],
      },
      { type: "closing", path: "", orders: [{ kind: del, name: "old", before: folder }] },
    ],
  };
  assert.deepEqual(recordsOf(inverted(bytesOf(value))), [
    {
      type: "directory",
      path: "",
      orders: [
        { kind: meta, name: ".", before: { ...folder, mtime: 6 }, after: folder },
        { kind: change, name: "e", before: { ...file, link: "a" }, after: other },
        { kind: meta, name: "f", before: { ...file, uid: 3 }, after: file },
        { kind: change, name: "b", before: file, after: folder },
        { kind: add, name: "old", after: folder },
      ],
    },
    {
      type: "directory",
      path: "old",
      orders: [
        {
          kind: move,
          name: "x",
          after: { ...file, digest },
          basis: { path: "c", size: 1, digest },
        },
        { kind: link, name: "y", after: { ...file, link: "old/w" } },
      ],
    },
    {
      type: "closing",
      path: "new",
      orders: [
        { kind: meta, name: ".", before: folder },
        { kind: del, name: "g", before: file },
      ],
    },
    { type: "closing", path: "old", orders: [{ kind: meta, name: ".", after: folder }] },
    {
      type: "closing",
      path: "",
      orders: [
        { kind: del, name: "a", before: file },
        { kind: del, name: "c", before: { ...file, digest }, continues: "old/x" },
        { kind: del, name: "new", before: folder },
      ],
    },
  ]);
});

test("the inverse of a valid changeset is valid", () => {
  for (const { value } of examples) {
    if (value.header.kind === "listing") continue;
    const { header } = verifyChangeset([inverted(bytesOf(value))]);
    assert.equal(header.hasData, false);
  }
});

test("names of ids come before their first use in the inverse, too", () => {
  const users = new Map([[7, "eve"]]);
  const value: SequenceValue = {
    header: headerOf(),
    records: [
      {
        type: "directory",
        path: "",
        orders: [{ kind: meta, name: "x", before: file, after: other }],
        users,
      },
      { type: "closing", path: "d", orders: [{ kind: del, name: "y", before: other }] },
    ],
  };
  const [first] = recordsOf(inverted(bytesOf(value)));
  assert.deepEqual((first as { users?: unknown }).users, users);
});
