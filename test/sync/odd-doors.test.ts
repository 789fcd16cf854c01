// Whole runs, in this process, over doors that behave as some file systems do: they tell no types when
// a directory is listed, or tell a name twice while somebody renames entries.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { fromText, systemClock } from "../../src/base/index.ts";
import { type FileSystem, openFileSystem } from "../../src/fs/index.ts";
import { SyncRun } from "../../src/sync/index.ts";
import type { Directory, ProgressEvent } from "../../src/tree/index.ts";
import { optionsOf } from "../options/resolve.ts";
import {
  assertSameTree,
  mutateTree,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";

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

process.umask(0);

async function run(fileSystem: FileSystem, argv: readonly string[]): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  const sync = new SyncRun(
    optionsOf(argv, { personality: "manifold" }),
    {
      clock: systemClock,
      umask: 0o022,
      euid: process.geteuid?.() ?? 0,
      egid: process.getegid?.() ?? 0,
      groups: process.getgroups?.() ?? [],
      workingDirectory: fromText(process.cwd()),
      home: undefined,
      cvsIgnore: undefined,
      readStandardInput: () => new Uint8Array(0),
      processors: 2,
      processorMs: () => 0,
      fileSystem,
      laneUrl: undefined,
    },
    { started: () => undefined, event: (event) => events.push(event) },
  );
  assert.equal((await sync.run()).exit, 0);
  return events;
}

async function checkRuns(fileSystem: FileSystem, seed: number): Promise<void> {
  using folder: TemporaryFolder = temporaryFolder();
  const [from, to] = [folder.at("from"), folder.at("to")];
  for (const path of [from, to]) mkdirSync(path);
  writeTree(from, varietyTree(seed));
  const argv = ["-aH", "--threads=2", "--delete", "-i", `${from}/`, `${to}/`];
  await run(fileSystem, argv);
  assertSameTree(from, to);
  mutateTree(seed, from);
  await run(fileSystem, argv);
  assertSameTree(from, to, { ignore: ["linkGroup"] });
  assert.deepEqual(await run(fileSystem, argv), [], "nothing is left to do");
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
