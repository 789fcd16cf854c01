// The whole pipeline over generated trees of every file type, in memory and on disk: what a run makes
// of the target is the source; a trial run tells exactly what the real one does and changes nothing; a
// second run changes nothing and tells nothing. MANIFOLD_LONG=1 runs the full count.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { joinPath } from "../../src/base/index.ts";
import { type Call, type Operation, openFileSystem } from "../../src/fs/index.ts";
import { change, isDirectory, type ProgressEvent, typeMask } from "../../src/tree/index.ts";
import { type Ended, MemoryMachine, type Running } from "../faults/memory-machine.ts";
import {
  assertSameTree,
  diskPlace,
  haveSystemCalls,
  mutateTree,
  type PlaceEntry,
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
  const argv = ["-aHXi", deletion];
  if (!isRsync) return [...argv, ...detour];
  // rsync's own program does not know manifold's options, and looks at nanoseconds only when it is told to.
  const known = detour.filter((option) => !/verify|on-conflict/.test(option));
  return [...argv, "--modify-window=-1", ...known];
}

/** What giving a file away changes, its set-id bits included. */
const ofOwner = change.owner | change.group | change.quietOwner | change.mode;

/**
 * What is told, without what a trial run cannot know: how much is read for it; which of several files with the same
 * content it is made of, as some of them may be replaced by then; what has become of a name that stood
 * there when another one of the same file, or the one that it is to be linked to, has had its turn; that what
 * --delete-before removes from a directory changes its time. And rsync tells nobody of owners that it gives to files that
 * are or were set-id, unless it only tries.
 */
function tellings(
  events: readonly ProgressEvent[],
  { deletion, isRsync }: Case,
  stood: ReadonlyMap<string, PlaceEntry>,
): unknown[] {
  return events.flatMap((event): unknown[] => {
    if (event.type === "delete") return [{ ...event, mode: event.mode & typeMask }];
    if (event.type !== "item") return [event];
    const isTouched = deletion === "--delete-before" && isDirectory(event.mode);
    const old = stood.get(event.path);
    const isQuiet = isRsync && (((old?.mode ?? 0) | event.mode) & 0o6000) !== 0;
    const untold = (isTouched ? change.mtime : 0) | (isQuiet ? ofOwner : 0);
    const changes = event.changes & ~untold;
    const isOpen = old !== undefined && ((changes & change.hardLink) !== 0 || isShared(old));
    const open = { changes, literal: 0, matched: 0, madeOf: undefined };
    return changes === 0 || isOpen ? [] : [{ ...event, ...open }];
  });
}

function isShared({ mode, nlink }: PlaceEntry): boolean {
  return !isDirectory(mode) && nlink > 1;
}

/** All that stands on the target, by path. */
function standing(machine: MemoryMachine): ReadonlyMap<string, PlaceEntry> {
  const found = new Map<string, PlaceEntry>();
  if (!machine.has("/dst")) return found;
  machine.edit("/dst", (place) => {
    const walk = (path: string): void => {
      for (const name of place.names(path)) {
        const below = joinPath(path, name);
        const entry = place.entry(below);
        if (entry === undefined) continue;
        found.set(below, entry);
        if (isDirectory(entry.mode)) walk(below);
      }
    };
    walk("");
  });
  return found;
}

/** What is told of the tree, without notes on the run. */
function ofTree(events: readonly ProgressEvent[]): readonly ProgressEvent[] {
  return events.filter(({ type }) => type !== "note");
}

describe("in memory", () => {
  const variety: Variety = { entries: 35, bytesMax: 9000, privileged: true, xattrs: true };

  test("what was a set-id pipe and changes its owner is told once", async () => {
    const one = { seed: 193_608, deletion: "--delete", detour: ["--no-whole-file"] };
    await checkCase({ ...one, isRsync: true, isSlow: false, isNew: false });
  });

  async function checkCase(one: Case): Promise<void> {
    const tree = varietyTree(one.seed, variety);
    const machine = MemoryMachine.of(tree, one.isNew ? undefined : tree);
    if (!one.isNew) {
      machine.edit("/dst", (place) => mutateTree(one.seed, place, { ...variety, changes: 15 }));
    }
    await checkRuns(machine, one);
  }

  test("a run makes the target like the source, as the trial run says; a second one does nothing", async () => {
    const property = fc.asyncProperty(cases, checkCase);
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
  const stood = standing(machine);
  const trial = await run(machine.fork(), [...argv, "--dry-run"]);
  const real = await run(machine, argv);
  const about = `${argv.join(" ")}: ${JSON.stringify(real.events)} ${real.error}`;
  assert.equal(real.exit, 0, about);
  assertSameTree(source, machine.read("/dst"));
  assertSameTree(source, machine.read("/src"));
  assert.equal(machine.fs.openHandles, 0, about);
  assert.equal(trial.exit, 0, about);
  assert.deepEqual(trial.changes, []);
  const told = [trial, real].map(({ events }) => tellings(events, one, stood));
  assert.deepEqual(told[0], told[1], about);
  const second = await run(machine, argv);
  assert.equal(second.exit, 0, `${second.error}`);
  if (one.detour[0] === "--ignore-times") return;
  assert.deepEqual(ofTree(second.events), []);
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
      const second = await runInline(fs, argv, personality);
      assert.deepEqual([second.exit, ofTree(second.events)], [0, []]);
    });
    await fc.assert(property, { numRuns: isLong ? 400 : 12, includeErrorInReport: true });
  });
});
