// The conformance suite of the file doors: what src/fs/file-system.ts promises, as tests. A door
// runs it with one line:
//
//   fsSuite("linux", () => ({ fs, root, path, close }));
//
// Where a door says (abilities) that it cannot do a thing, the suite checks that it refuses in the
// promised way instead. Error numbers are part of the promise: diff and receive decide by them.

import { describe } from "node:test";
import { attributeTests } from "./fs/attributes.ts";
import { confinementTests } from "./fs/confinement.ts";
import { contentTests } from "./fs/content.ts";
import { directoryTests } from "./fs/directories.ts";
import { entryTests } from "./fs/entries.ts";
import type { FsFixture } from "./fs/fixture.ts";
import { inOneGoTests } from "./fs/in-one-go.ts";
import { nameTests } from "./fs/names.ts";
import { operatorPathTests } from "./fs/operator-paths.ts";
import { rangeTests } from "./fs/ranges.ts";
import { renameTests } from "./fs/renames.ts";
import { statTests } from "./fs/stats.ts";
import { xattrTests } from "./fs/xattrs.ts";

export type { FsFixture } from "./fs/fixture.ts";

/** Defines the suite's tests for one door; `open` gives a fresh empty directory for each test. */
export function fsSuite(name: string, open: () => FsFixture): void {
  describe(`file door ${name}`, () => {
    directoryTests(open);
    nameTests(open);
    statTests(open);
    contentTests(open);
    rangeTests(open);
    inOneGoTests(open);
    entryTests(open);
    renameTests(open);
    attributeTests(open);
    xattrTests(open);
    confinementTests(open);
    operatorPathTests(open);
  });
}
