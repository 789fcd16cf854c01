// Renames on file systems to which names that differ in case are the same: what moved is found, also where the new name is the old
// one in other letters, and nothing is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type MemoryFileSystem, memoryFileSystem } from "../../src/fs/index.ts";
import {
  assertSameTree,
  type DirectoryNode,
  file,
  fileSystemPlace,
  readTree,
  type TreeSnapshot,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { runInline } from "./run-inline.ts";

process.umask(0);

const content = (seed: string, size: number): string => seed.repeat(size).slice(0, size);
const [one, two, three] = [
  file(content("one", 5000), { mtime: 1000 }),
  file(content("two", 6000), { mtime: 2000 }),
  file(content("three", 7000), { mtime: 3000 }),
];

const scenes: readonly (readonly [string, DirectoryNode, DirectoryNode, number])[] = [
  ["a name in other letters", treeOf({ "d/": { File: one } }), treeOf({ "d/": { fILE: one } }), 0],
  [
    "moved, and in other letters",
    treeOf({ "d/": { File: one, other: "x" } }),
    treeOf({ "d/": { other: "x" }, "E/": { FILE: one } }),
    1,
  ],
  [
    "a swap of names that are written otherwise",
    treeOf({ "d/": { A: one, B: two } }),
    treeOf({ "d/": { a: two, b: one } }),
    2,
  ],
  [
    "a directory in other letters, of which a file leaves",
    treeOf({ "Dir/": { a: one, b: two, c: three } }),
    treeOf({ "dIR/": { a: one, c: three }, b: two }),
    1,
  ],
];

function treeAt(fs: MemoryFileSystem, path: string): TreeSnapshot {
  return readTree(fileSystemPlace(fs, fs.openRoot(path)));
}

for (const [name, before, after, found] of scenes) {
  test(name, async () => {
    const fs = memoryFileSystem({ umask: 0, caseInsensitive: true });
    const root = fs.openRoot("/");
    for (const [path, tree] of [
      ["src", after],
      ["dst", before],
    ] as const) {
      fs.makeDirectory(root, path, 0o755);
      writeTree(fileSystemPlace(fs, fs.openRoot(`/${path}`)), tree);
    }
    const { exit, events } = await runInline(fs, ["-a", "--delete", "-i", "/src/", "/dst/"]);
    assert.equal(exit, 0, JSON.stringify(events));
    assertSameTree(treeAt(fs, "/src"), treeAt(fs, "/dst"));
    const told = events.filter((event) => event.type === "item" && event.madeOf !== undefined);
    assert.equal(told.length, found, JSON.stringify(events));
    const again = await runInline(fs, ["-a", "--delete", "-i", "/src/", "/dst/"]);
    assert.deepEqual(again.events, [], "nothing is left to do");
  });
}

test("old contents are found where two names cannot change places", async () => {
  for (const renameFlags of [true, false]) {
    const fs = memoryFileSystem({ umask: 0, abilities: { renameFlags } });
    const root = fs.openRoot("/");
    for (const [path, tree] of [
      ["src", treeOf({ a: two, b: three, c: one })],
      ["dst", treeOf({ a: one, b: two, c: three })],
    ] as const) {
      fs.makeDirectory(root, path, 0o755);
      writeTree(fileSystemPlace(fs, fs.openRoot(`/${path}`)), tree);
    }
    const { exit, events } = await runInline(fs, ["-a", "--delete", "-i", "/src/", "/dst/"]);
    assert.equal(exit, 0, JSON.stringify(events));
    assertSameTree(treeAt(fs, "/src"), treeAt(fs, "/dst"));
    const told = events.filter((event) => event.type === "item" && event.madeOf !== undefined);
    assert.equal(told.length, 3, `${renameFlags}: ${JSON.stringify(events)}`);
  }
});
