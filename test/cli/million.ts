// Changesets and listings of very many entries, for tests of memory.

import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import {
  ChangesetWriter,
  ListedDirectory,
  OrderedDirectory,
  orderKind,
} from "../../src/changeset/index.ts";
import type { Directory } from "../../src/tree/index.ts";
import { headerOf, numberNames } from "../changeset/sample.ts";

const perDirectory = 1000;
const regularFile = 0o100644;
const directoryMode = 0o040755;

function fill(columns: Directory, row: number, mode: number): void {
  for (const name of numberNames) columns[name][row] = 0;
  columns.mode[row] = mode;
  columns.mtime[row] = 1_700_000_000 + row;
}

const directoryName = (d: number): string => `directory-${String(d).padStart(5, "0")}`;
const fileName = (i: number): string => `file-${String(i).padStart(5, "0")}`;

/** Writes a listing of `entries` empty files in directories of a thousand. */
export function writeManyListed(path: string, entries: number): void {
  const out = openSync(path, "w");
  const header = headerOf({ kind: "listing", preserves: ["mode", "mtime"] });
  const writer = new ChangesetWriter(header, (bytes) => writeSync(out, bytes), 1 << 18);
  const listing = new ListedDirectory();
  const directories = entries / perDirectory;
  listing.reset("");
  fill(listing.columns, listing.columns.add(".", 0), directoryMode);
  for (let d = 0; d < directories; d++) {
    fill(listing.columns, listing.columns.add(directoryName(d), 0), directoryMode);
  }
  writer.listing(listing);
  for (let d = 0; d < directories; d++) {
    listing.reset(directoryName(d));
    for (let i = 0; i < perDirectory; i++) {
      fill(listing.columns, listing.columns.add(fileName(i), 0), regularFile);
    }
    writer.listing(listing);
  }
  writer.finish({ complete: true, exit: 0 });
  closeSync(out);
}

/** Writes a changeset with data that makes them. */
export function writeManyAdded(path: string, entries: number): void {
  const out = openSync(path, "w");
  const header = headerOf({ hasData: true, preserves: ["mode", "mtime"] });
  const writer = new ChangesetWriter(header, (bytes) => writeSync(out, bytes), 1 << 18);
  const orders = new OrderedDirectory();
  const digest = createHash("sha256").digest();
  const add = (name: string, mode: number): void => {
    const row = orders.addRow(orderKind.add, Buffer.from(name), 0, name.length);
    orders.before.columns.mode[row] = 0;
    fill(orders.after.columns, row, mode);
  };
  const directories = entries / perDirectory;
  orders.reset("");
  for (let d = 0; d < directories; d++) add(directoryName(d), directoryMode);
  writer.orders("directory", orders);
  for (let d = 0; d < directories; d++) {
    orders.reset(directoryName(d));
    for (let i = 0; i < perDirectory; i++) add(fileName(i), regularFile);
    writer.orders("directory", orders);
    for (let index = 0; index < perDirectory; index++) writer.data({ index, tokens: [], digest });
  }
  writer.finish({ complete: true, exit: 0 });
  closeSync(out);
}
