// The whole pipeline over generated trees of every file type, in memory and on disk: what a run makes
// of the target is the source; a trial run tells exactly what the real one does and changes nothing; a
// second run changes nothing and tells nothing. MANIFOLD_LONG=1 runs the full count.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type Call, type Operation, openFileSystem } from "../../src/fs/index.ts";
import type { ProgressEvent } from "../../src/tree/index.ts";
import { type Ended, MemoryMachine, type Running } from "../faults/memory-machine.ts";
import {
  assertSameTree,
  diskPlace,
  haveSystemCalls,
  mutateTree,
  readTree,
  temporaryFolder,
  type Variety,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { runInline } from "./run-inline.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const isRoot = process.geteuid?.() === 0;

/** Operations that leave nothing as it was. */
const changing: ReadonlySet<Operation> = new Set<Operation>([
  "createFile",
  "openWrite",
  "write",
  "truncate",
  "allocate",
  "punchHole",
  "copyRange",
  "clone",
  "makeDirectory",
  "makeSymlink",
  "makeNode",
  "link",
  "rename",
  "unlink",
  "removeDirectory",
  "setMode",
  "setOwner",
  "setTimes",
  "setFileMode",
  "setFileOwner",
  "setFileTimes",
  "setDirectoryMode",
  "setDirectoryOwner",
  "setDirectoryTimes",
  "setXattr",
  "removeXattr",
]);

/** Options that must not matter for the outcome. */
const deletions = ["--delete", "--delete-before", "--delete-during", "--delete-delay"] as const;
const detours = [
  ["--no-whole-file"],
  ["--no-whole-file", "--partial-dir=.part"],
  ["--sparse"],
  ["--checksum"],
  ["--ignore-times"],
  ["--delay-updates"],
  ["--fsync", "--verify"],
  ["--backup", "--backup-dir=/kept"],
  ["--info=progress2"],
  ["--fuzzy", "--no-whole-file"],
  ["--on-conflict=overwrite"],
  ["--preallocate"],
] as const;

/** One case: two trees, and a way from one to the other. */
interface Case {
  readonly seed: number;
  readonly deletion: string;
  readonly detour: readonly string[];
  readonly isRsync: boolean;
  readonly isSlow: boolean;
  readonly isNew: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat(1_000_000),
  deletion: fc.constantFrom(...deletions),
  detour: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.constantFrom(...detours) },
  ),
  isRsync: fc.boolean(),
  isSlow: fc.boolean(),
  isNew: fc.boolean(),
});

function argvOf({ deletion, detour, isRsync }: Case): string[] {
  // rsync's own program does not know manifold's options.
  const known = isRsync ? detour.filter((option) => !/verify|on-conflict/.test(option)) : detour;
  return ["-aHXi", deletion, ...known];
}

/** What is told, without how much was read for it, which a trial run cannot know. */
function tellings(events: readonly ProgressEvent[]): unknown[] {
  return events.map((event) =>
    event.type === "item" ? { ...event, literal: 0, matched: 0 } : event,
  );
}

describe("in memory", () => {
  const variety: Variety = { entries: 35, bytesMax: 9000, privileged: true, xattrs: true };

  test("a run makes the target like the source, as the trial run says; a second one does nothing", async () => {
    const property = fc.asyncProperty(cases, async (one) => {
      const tree = varietyTree(one.seed, variety);
      const machine = MemoryMachine.of(tree, one.isNew ? undefined : tree);
      if (!one.isNew) {
        machine.edit("/dst", (place) => mutateTree(one.seed, place, { ...variety, changes: 15 }));
      }
      await checkRuns(machine, one);
    });
    await fc.assert(property, { numRuns: isLong ? 3000 : 60, includeErrorInReport: true });
  });
});

async function checkRuns(machine: MemoryMachine, one: Case): Promise<void> {
  const argv = argvOf(one);
  const personality = one.isRsync ? "manifold-rsync" : "manifold";
  const source = machine.read("/src");
  const run = (
    on: MemoryMachine,
    options: readonly string[],
  ): Promise<Ended & { readonly changes: readonly Call[] }> => {
    const changes: Call[] = [];
    const running: Running = {
      tickMs: one.isSlow ? 60 : 0,
      plan: (call) => {
        if (changing.has(call.operation)) changes.push(call);
        return undefined;
      },
    };
    const ended = on.run([...options, "/src/", "/dst/"], running, personality);
    return ended.then((how) => ({ ...how, changes }));
  };
  const trial = await run(machine.fork(), [...argv, "--dry-run"]);
  const real = await run(machine, argv);
  const about = `${argv.join(" ")}: ${JSON.stringify(real.events)} ${real.error}`;
  assert.equal(real.exit, 0, about);
  assertSameTree(source, machine.read("/dst"));
  assertSameTree(source, machine.read("/src"));
  assert.equal(machine.fs.openHandles, 0, about);
  assert.equal(trial.exit, 0, about);
  assert.deepEqual(trial.changes, []);
  assert.deepEqual(tellings(trial.events), tellings(real.events), about);
  const second = await run(machine, argv);
  assert.equal(second.exit, 0, `${second.error}`);
  if (one.detour[0] === "--ignore-times") return;
  assert.deepEqual(second.events, []);
  assert.deepEqual(second.changes, []);
}

describe("on disk", { skip: haveSystemCalls() ? false : "koffi is not installed" }, () => {
  const fs = openFileSystem();
  const umask = process.umask();
  before(() => process.umask(0));
  after(() => process.umask(umask));
  const variety: Variety = { entries: 40, bytesMax: 9000, xattrs: false, privileged: isRoot };

  test("a run makes the target like the source; a second one tells nothing", async () => {
    const property = fc.asyncProperty(cases, async (one) => {
      using folder = temporaryFolder();
      const [from, to] = [folder.at("src"), folder.at("dst")];
      for (const path of one.isNew ? [from] : [from, to]) {
        diskPlace(folder.path).makeDirectory(path.slice(folder.path.length + 1));
        writeTree(path, varietyTree(one.seed, variety));
      }
      if (!one.isNew) mutateTree(one.seed, to, { ...variety, changes: 15 });
      const source = readTree(from);
      const argv = [
        ...argvOf(one).map((option) => option.replace("=/kept", `=${folder.at("kept")}`)),
        `${from}/`,
        `${to}/`,
      ];
      const personality = one.isRsync ? "manifold-rsync" : "manifold";
      const first = await runInline(fs, argv, personality);
      assert.equal(first.exit, 0, `${argv.join(" ")}: ${JSON.stringify(first.events)}`);
      assertSameTree(source, to);
      assertSameTree(source, from);
      if (one.detour[0] === "--ignore-times") return;
      assert.deepEqual(await runInline(fs, argv, personality), { exit: 0, events: [] });
    });
    await fc.assert(property, { numRuns: isLong ? 400 : 12, includeErrorInReport: true });
  });
});
