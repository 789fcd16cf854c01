// Runs on which calls fail at random, on both doors to this machine: however a run ends, nothing of it
// stays open.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { errno, ManifoldError, seededRandom } from "../../src/base/index.ts";
import {
  type FaultPlan,
  type FileSystem,
  faultyFileSystem,
  openFileSystem,
  portableFileSystem,
  seededFaults,
} from "../../src/fs/index.ts";
import { openDescriptors } from "../fs/open-descriptors.ts";
import { mutateTree, temporaryFolder, varietyTree, writeTree } from "../support/index.ts";
import { runInline } from "./run-inline.ts";

const rounds = process.env.MANIFOLD_LONG === "1" ? 1000 : 25;
const shared = existsSync("/dev/shm") ? "/dev/shm" : undefined;
process.umask(0);

const faults = [errno.EIO, errno.EACCES, errno.ENOENT, errno.ENOSPC, errno.EMFILE].flatMap(
  (number) => [{ kind: "fail", errno: number } as const, { kind: "short", errno: number } as const],
);

const rows = [
  ["-aH", "--delete"],
  ["-aH", "--inplace", "--no-whole-file", "--delete-before"],
  ["-a", "--backup", "--delay-updates", "--sparse"],
  ["-aHc", "--partial-dir=.part", "--remove-source-files", "--fuzzy"],
];

/** Runs once; what stops a run is fine, what is a bug passes. */
async function runSomehow(door: FileSystem, argv: readonly string[]): Promise<void> {
  try {
    await runInline(door, argv);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
  }
}

/** Closing what was only read does not fail, and a door cannot be told what was written. */
function sparingCloses(plan: FaultPlan): FaultPlan {
  return (call) => (call.operation.startsWith("close") ? undefined : plan(call));
}

/** The file of results, which the runner of tests opens when it comes to it, in the middle of the first round if need be. */
const resultFiles = process.execArgv
  .filter((argument) => argument.startsWith("--test-reporter-destination="))
  .map((argument) => resolve(argument.slice(argument.indexOf("=") + 1)));

/** What is open, but for what runs and loads this test. */
function held(): string[] {
  return openDescriptors().filter((path) => !resultFiles.includes(path) && !/\/tsx-/.test(path));
}

const skip = existsSync("/proc/self/fd") ? false : "needs /proc";

for (const [name, open] of [
  ["linux", openFileSystem],
  ["portable", portableFileSystem],
] as const) {
  test(`after runs on which calls fail nothing is open (${name})`, { skip }, async () => {
    for (let seed = 1; seed <= rounds; seed++) {
      using folder = temporaryFolder(shared);
      const [from, to] = [folder.at("from"), folder.at("to")];
      for (const path of [from, to]) {
        mkdirSync(path);
        writeTree(path, varietyTree(seed, { entries: 40, bytesMax: 20_000 }));
      }
      mutateTree(seed, from);
      const before = held();
      const random = seededRandom(seed);
      const door = faultyFileSystem(open(), sparingCloses(seededFaults(random, seed % 40, faults)));
      const row = rows[seed % rows.length] ?? [];
      await runSomehow(door, [...row, `${from}/`, `${to}/`]);
      assert.deepEqual(held(), before, `seed ${seed}`);
    }
  });
}
