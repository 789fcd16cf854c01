// Pins what receive makes of hard links whose file an earlier order of the same changeset has changed
// in its place: that the other names look different by then is no conflict.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import {
  assertSameTree,
  file,
  hardLink,
  readTree,
  type TreeLiteral,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { runStage, stage } from "./stages.ts";

const old = { mtime: 1000 };
const late = { mtime: 5000, mode: 0o600 };

/** Three names of one file. */
const shared = { x: file("content", late), y: hardLink("x"), z: hardLink("x") };

/** What they become: x only gets other attributes, which the others have by then, too. */
const futures: Readonly<Record<string, TreeLiteral>> = {
  "a file of its own": { x: file("content", old), y: file("content", late), z: hardLink("x") },
  "names of another file": { x: file("content", old), y: file("content", late), z: hardLink("y") },
  "a name less": { x: file("content", old), y: hardLink("x") },
};

/** Makes "future" and "shared", and returns the changeset from the latter to the former, which has no digests. */
function inverted(cwd: string, future: TreeLiteral): Buffer {
  for (const [name, literal] of Object.entries({ future, shared })) {
    mkdirSync(`${cwd}/${name}`);
    writeTree(`${cwd}/${name}`, treeOf(literal));
  }
  const difference = stage(cwd, ["diff", "shared", "future"]);
  return stage(cwd, ["send", "future"], stage(cwd, ["invert"], difference));
}

for (const [name, future] of Object.entries(futures)) {
  test(`names of one file become ${name} though its attributes changed first`, () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    const changeset = inverted(cwd, future);
    stage(cwd, ["receive", "shared"], changeset);
    const wanted = readTree(`${cwd}/future`);
    assertSameTree(wanted, readTree(`${cwd}/shared`));
    assert.equal(stage(cwd, ["receive", "-i", "shared"], changeset).toString("latin1"), "");
    assertSameTree(wanted, readTree(`${cwd}/shared`));
  });

  test(`names of one file do not become ${name} when somebody has changed it`, () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    const changeset = inverted(cwd, future);
    appendFileSync(`${cwd}/shared/y`, "more");
    const before = readTree(`${cwd}/shared`);
    assert.equal(runStage(cwd, ["receive", "shared"], changeset).exit, 23);
    // Directories get the times that the changeset says.
    assertSameTree(before, readTree(`${cwd}/shared`), {
      ignore: (path, attribute) => path === "" && attribute === "mtimeNs",
    });
  });
}
