// Whole runs, in this process, over doors that behave as some file systems do: they tell no types when
// a directory is listed, or tell a name twice while somebody renames entries.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { type FileSystem, openFileSystem } from "../../src/fs/index.ts";
import type { Directory } from "../../src/tree/index.ts";
import {
  assertSameTree,
  mutateTree,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type InlineRun, runInline } from "./run-inline.ts";

process.umask(0);

/** The machine's door, with listings changed by this. */
function doorWith(change: (listing: Directory, first: number) => void): FileSystem {
  const door = openFileSystem();
  const readNames: FileSystem["readNames"] = (dir, listing) => {
    const first = listing.count;
    door.readNames(dir, listing);
    change(listing, first);
  };
  return new Proxy(door, {
    get: (inner, key: keyof FileSystem) => {
      if (key === "readNames") return readNames;
      const value = inner[key];
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

async function checkRuns(fileSystem: FileSystem, seed: number): Promise<void> {
  using folder: TemporaryFolder = temporaryFolder();
  const [from, to] = [folder.at("from"), folder.at("to")];
  for (const path of [from, to]) mkdirSync(path);
  writeTree(from, varietyTree(seed));
  const argv = ["-aH", "--delete", "-i", `${from}/`, `${to}/`];
  const run = async (): Promise<InlineRun> => {
    const ended = await runInline(fileSystem, argv);
    assert.equal(ended.exit, 0);
    return ended;
  };
  await run();
  assertSameTree(from, to);
  mutateTree(seed, from);
  await run();
  assertSameTree(from, to, { ignore: ["linkGroup"] });
  assert.deepEqual((await run()).events, [], "nothing is left to do");
}

test("where listings tell no types runs end the same", async () => {
  const door = doorWith(({ mode, count }, first) => mode.fill(0, first, count));
  for (const seed of [1, 2, 3]) await checkRuns(door, seed);
});

test("a name that is told twice is neither copied twice nor deleted", async () => {
  const door = doorWith((listing, first) => {
    const { count } = listing;
    for (let i = first; i < count; i += 2) listing.add(listing.name(i), listing.mode[i] as number);
  });
  for (const seed of [1, 2, 3]) await checkRuns(door, seed);
});
