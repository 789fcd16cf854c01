// Writes and reads a changeset, or a listing, of so many entries at once and prints the greatest
// memory that this process had, in bytes. Run by memory.test.ts in a process of its own.

import {
  ChangesetReader,
  ChangesetWriter,
  ListedDirectory,
  OrderedDirectory,
  orderKind,
} from "../../src/changeset/index.ts";
import type { Directory } from "../../src/tree/index.ts";
import { headerOf, numberNames } from "./sample.ts";

const entryCount = 1000;
const directoryCount = Number(process.argv[3]) / entryCount;

function fill(columns: Directory, row: number): void {
  for (const name of numberNames) columns[name][row] = 0;
  columns.mode[row] = 0o100644;
  columns.size[row] = row * 1000;
  columns.mtime[row] = 1_700_000_000 + row;
  columns.mtimeNanos[row] = 123_456_789 + row;
  columns.uid[row] = 1000;
  columns.gid[row] = 1000;
}

const kind = process.argv[2] === "listing" ? "listing" : "changeset";
const reader = new ChangesetReader();
let entries = 0;
const writer = new ChangesetWriter(headerOf({ kind }), (bytes) => {
  reader.push(bytes);
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.type === "directory") entries += record.orders.count;
    if (record.type === "listing") entries += record.listing.columns.count;
  }
});
const [orders, listing] = [new OrderedDirectory(), new ListedDirectory()];
for (let d = 0; d < directoryCount; d++) {
  const path = `directory-${String(d).padStart(6, "0")}`;
  orders.reset(path);
  listing.reset(path);
  for (let i = 0; i < entryCount; i++) {
    const name = `file-${String(i).padStart(6, "0")}.txt`;
    if (kind === "listing") fill(listing.columns, listing.columns.add(name, 0));
    else {
      const row = orders.addRow(orderKind.add, Buffer.from(name), 0, name.length);
      orders.before.columns.mode[row] = 0;
      fill(orders.after.columns, row);
    }
  }
  if (kind === "listing") writer.listing(listing);
  else for (let from = 0; from < orders.count; ) from = writer.orders("directory", orders, from);
}
writer.finish({ complete: true, exit: 0 });
reader.finish();
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ entries, peak }));
