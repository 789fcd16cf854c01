// Pins that surveys that go on below make no difference to what a run does, counts and tells: under a clock that stands
// still they go on as far as they can, under one that runs they never do.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { errno } from "../../src/base/index.ts";
import type { FaultPlan } from "../../src/fs/index.ts";
import { isDirectory, type ProgressEvent } from "../../src/tree/index.ts";
import { MemoryMachine, tickingClock } from "../faults/memory-machine.ts";
import { assertSameTree, type Comparison, mutateTree, varietyTree } from "../support/index.ts";
import { type BothEnds, runFar, surroundings } from "./far/far-rig.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const runs = isLong ? 1500 : 40;

const ways = [
  ["-ai"],
  ["-aHXi", "--delete"],
  ["-ai", "--delete-before"],
  ["-ai", "--delete-after"],
  ["-ain", "--delete"],
  ["-aii"],
  ["-avi", "--delete", "--max-delete=2"],
  ["-ai", "--filter=hide,! */", "--delete-excluded"],
  ["-aib", "--suffix=.old", "--delete"],
  ["-aic", "--delay-updates"],
  ["-ai", "--max-size=1k", "--prune-empty-dirs"],
  ["-rti", "-x"],
];

/** A tree on both sides, the target's with a few changes somewhere. */
function machineOf(seed: number, changes: number): MemoryMachine {
  const variety = { entries: 90, bytesMax: 3000, privileged: true, xattrs: true };
  const tree = varietyTree(seed, variety);
  const machine = MemoryMachine.of(tree, tree);
  if (changes > 0)
    machine.edit("/dst", (place) => mutateTree(seed, place, { ...variety, changes }));
  return machine;
}

describe("surveys that go on below", () => {
  const seeds = fc.record({
    seed: fc.nat(1_000_000),
    changes: fc.constantFrom(0, 1, 2, 5),
    way: fc.constantFrom(...ways),
    isRsync: fc.boolean(),
  });

  test("do, count and tell what others do", async () => {
    const property = fc.asyncProperty(seeds, async ({ seed, changes, way, isRsync }) => {
      // Which of several files was seen in time to be what another one is made of, is nobody's promise.
      const options = ["-H", ...way, ...(isRsync ? [] : ["--no-detect-renamed"])];
      const personality = isRsync ? "manifold-rsync" : "manifold";
      const machine = machineOf(seed, changes);
      const other = machine.fork();
      const argv = [...options, "/src/", "/dst/"];
      const below = await machine.run(argv, { tickMs: 0 }, personality);
      const apart = await other.run(argv, { tickMs: 60 }, personality);
      assert.equal(below.error, undefined);
      assert.equal(below.exit, apart.exit);
      assert.deepEqual(below.events, apart.events);
      assert.deepEqual(below.counters, apart.counters);
      assertSameTree(other.read("/dst"), machine.read("/dst"), comparisonOf(way));
    });
    await fc.assert(property, { numRuns: runs, includeErrorInReport: true });
  });

  test("do and tell what others do where the source is elsewhere", async () => {
    const property = fc.asyncProperty(seeds, async ({ seed, changes, way }) => {
      const machine = machineOf(seed, changes);
      const other = machine.fork();
      const argv = ["-H", ...way, "--no-detect-renamed", "host:/src/", "/dst/"];
      const below = await farRun(machine, argv, 0);
      const apart = await farRun(other, argv, 60);
      assert.deepEqual([below.client, below.agent], [apart.client, apart.agent]);
      assert.equal(below.stalled, false);
      assert.deepEqual(below.events, apart.events);
      assertSameTree(other.read("/dst"), machine.read("/dst"), comparisonOf(way));
    });
    await fc.assert(property, { numRuns: isLong ? 500 : 15, includeErrorInReport: true });
  });

  test("tell what they did before one of them cannot go on", async () => {
    const property = fc.asyncProperty(fc.nat(1_000_000), fc.nat(60), async (seed, at) => {
      const machine = machineOf(seed, 5);
      const stood = machine.fork();
      let calls = 0;
      const plan: FaultPlan = ({ operation }) =>
        operation === "readNames" && ++calls === at
          ? { kind: "fail", errno: errno.EIO }
          : undefined;
      const { exit, events } = await machine.run(
        ["-ai", "--delete", "--no-detect-renamed", "/src/", "/dst/"],
        { plan },
      );
      assert.ok([0, 23].includes(exit), `exit ${exit}`);
      const told = events.flatMap(pathsOf);
      const differ = pathsThatDiffer(stood, machine);
      assert.deepEqual(
        differ.filter(
          (path) =>
            !told.some(({ top, holds }) => path === top || (holds && path.startsWith(`${top}/`))),
        ),
        [],
      );
    });
    await fc.assert(property, { numRuns: runs, includeErrorInReport: true });
  });
});

/**
 * Surplus directories may be left that something was done in, for the backups there or because no more is to be deleted: they
 * have the time of that, by a clock that ticks with each call of the file system, and other lanes make other calls.
 */
function comparisonOf(way: readonly string[]): Comparison {
  const keepsSurplus = way.includes("-aib") || way.includes("--max-delete=2");
  return {
    ignore: (_, attribute, { kind }) =>
      keepsSurplus && attribute === "mtimeNs" && kind === "directory",
  };
}

/** Both ends are of one machine. */
function farRun({ fs }: MemoryMachine, argv: readonly string[], tickMs: number): Promise<BothEnds> {
  const world = { fileSystem: fs, clock: tickingClock(tickMs), euid: 0, egid: 0, groups: [0] };
  return runFar(argv, {}, surroundings({ ...world, openFilesMax: 1024 }));
}

/** What an event is about; `holds`: with what was in a directory that it took the place of. */
function pathsOf(event: ProgressEvent): { readonly top: string; readonly holds: boolean }[] {
  if (event.type === "item") return [{ top: event.path, holds: !isDirectory(event.mode) }];
  return event.type === "delete" ? [{ top: event.path, holds: true }] : [];
}

/** Files that one machine's target has and the other's has not, by their paths. */
function pathsThatDiffer(before: MemoryMachine, after: MemoryMachine): string[] {
  const [old, now] = [before, after].map((machine) => filesOf(machine));
  return [...(old ?? []), ...(now ?? [])].filter((path) => !old?.has(path) || !now?.has(path));
}

function filesOf(machine: MemoryMachine): Set<string> {
  const found = new Set<string>();
  machine.edit("/dst", (place) => {
    const walk = (path: string): void => {
      for (const name of place.names(path)) {
        if (name === ".manifold") continue;
        const below = path === "" ? name : `${path}/${name}`;
        const entry = place.entry(below);
        if (entry === undefined) continue;
        if (isDirectory(entry.mode)) walk(below);
        else found.add(below);
      }
    };
    walk("");
  });
  return found;
}
