// Writes a listing of as many files as its argument says to standard output, a directory at a time: a tree that is
// too large to be made for a test.

import { writeSync } from "node:fs";
import { ChangesetWriter, ListedDirectory } from "../../src/changeset/index.ts";
import { headerOf } from "../changeset/sample.ts";

/** Files of a directory. */
const filesEach = 100;

/** Writes all of it: pipes take as much as they can at a time. */
function put(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
    }
  }
}

const count = Number(process.argv[2]);
const header = headerOf({ kind: "listing", preserves: ["mode", "mtime"] });
const writer = new ChangesetWriter(header, put, 256 * 1024);
const listed = new ListedDirectory();
const directories = count / filesEach;
const nameOf = (d: number): string => `directory-${String(d).padStart(7, "0")}`;
listed.reset("");
for (let d = 0; d < directories; d++) listed.columns.add(nameOf(d), 0o040755);
writer.listing(listed);
for (let d = 0; d < directories; d++) {
  listed.reset(nameOf(d));
  const { columns } = listed;
  for (let f = 0; f < filesEach; f++) {
    const i = columns.add(`file-of-the-archive-${String(f).padStart(3, "0")}`, 0o100644);
    // Sizes that many files share; no two files have the same size and time.
    columns.size[i] = 1 + (f % 10);
    columns.mtime[i] = 1_000_000_000 + d * filesEach + f;
  }
  writer.listing(listed);
}
writer.finish({ complete: true, exit: 0 });
