// What the torture tests have in common: ways to run, a run that goes well, and the promises that hold
// for one that does not.

import assert from "node:assert/strict";
import { ManifoldError } from "../../src/base/index.ts";
import { type Call, Crash, type FaultPlan } from "../../src/fs/index.ts";
import { assertSameTree, type TreeSnapshot } from "../support/index.ts";
import { type Ended, MemoryMachine } from "./memory-machine.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { tortureSource, tortureTarget } from "./torture-scene.ts";

/** A way to run. */
export interface Way {
  readonly argv: readonly string[];
  /** Files are written where they lie: they are not old or new in between. */
  readonly inPlace?: boolean;
  /** As Running.tickMs: with it, what a survey finds is carried out by many tasks. */
  readonly tickMs?: number;
}

/** Ways to run, each with its own steps. */
export const ways: readonly Way[] = [
  { argv: ["-aHX", "--delete"] },
  { argv: ["-a", "--force"], tickMs: 60 },
  { argv: ["-aX", "--delete", "--delay-updates"] },
  { argv: ["-aHX", "--delete-before", "--no-whole-file", "--partial"], tickMs: 60 },
  { argv: ["-aX", "--delete", "--backup", "--backup-dir=/kept"] },
  { argv: ["-aX", "--delete-during", "--fsync", "--verify"] },
  { argv: ["-aS", "--preallocate", "--delete", "--info=progress2"], tickMs: 60 },
  { argv: ["-aX", "--delete", "--on-conflict=overwrite", "--temp-dir=/tmp"] },
  { argv: ["-aX", "--delete", "--copy-dest=/basis", "--fuzzy"] },
  { argv: ["-aX", "--inplace", "--delete"], inPlace: true },
];

/** A run that went well, and what there was before it. */
export interface Reference {
  readonly way: Way;
  readonly argv: readonly string[];
  readonly scene: MemoryMachine;
  readonly old: TreeSnapshot;
  readonly wanted: TreeSnapshot;
  readonly source: TreeSnapshot;
  readonly outside: TreeSnapshot;
  readonly calls: readonly Call[];
}

/** Runs without faults and writes its calls down. */
export async function referenceOf(way: Way): Promise<Reference> {
  const scene = MemoryMachine.of(tortureSource(), tortureTarget());
  const machine = scene.fork();
  const calls: Call[] = [];
  const plan: FaultPlan = (call) => {
    calls.push(call);
    return undefined;
  };
  const argv = [...way.argv, "/src/", "/dst/"];
  const ended = await machine.run(argv, { ...way, plan });
  assert.equal(ended.exit, 0, show(ended));
  const wanted = machine.read("/dst");
  if (way === ways[0]) assertSameTree(machine.read("/src"), wanted);
  const [old, source, outside] = ["/dst", "/src", "/outside"].map((path) => scene.read(path));
  assert.ok(old !== undefined && source !== undefined && outside !== undefined);
  return { way, argv, scene, old, wanted, source, outside, calls };
}

/** A fault, and what it may do to the promises. */
export interface Trouble {
  readonly plan: FaultPlan;
  /** What messages call it. */
  readonly name: string;
  /** Everything that was opened is closed afterwards. */
  readonly closesAll: boolean;
  /** Hard links may become copies: the file system is said to have none. */
  readonly losesLinks?: boolean;
}

/**
 * Runs with the trouble and checks all that is promised: it ends in words, every path is old or new, nothing else has
 * changed, success is not claimed falsely, and another run completes and leaves nothing behind.
 */
export async function suffer(reference: Reference, trouble: Trouble): Promise<Ended> {
  const { way, argv, scene, old, wanted, source, outside } = reference;
  const machine = scene.fork();
  const about = `${trouble.name}, ${way.argv.join(" ")}`;
  const first = await inTime(machine.run(argv, { ...way, plan: trouble.plan }), about);
  const crashed = first.error instanceof Crash;
  if (!crashed && first.error !== undefined) {
    assert.ok(first.error instanceof ManifoldError, `${about}: ${(first.error as Error).stack}`);
  }
  const told = `${about}, told: ${show(first)}`;
  const found = machine.read("/dst", [".manifold"]);
  const isTold = toldPaths(first, found);
  if (way.inPlace !== true) assertOldOrNew(old, wanted, found, { about: told, isTold });
  assertSameTree(source, machine.read("/src"));
  assertSameTree(outside, machine.read("/outside"));
  if (trouble.closesAll) assert.equal(machine.fs.openHandles, 0, `handles are open: ${told}`);
  const ignore = trouble.losesLinks ? (["linkGroup"] as const) : [];
  const isDone = (): void => {
    try {
      assertSameTree(wanted, machine.read("/dst"), { ignore });
    } catch (error) {
      throw new Error(`${told}\n${(error as Error).message}`);
    }
  };
  if (first.exit === 0) isDone();
  else if (!crashed) assert.ok(namesPaths(first), `no path is named: ${told}`);
  machine.startProcess(101);
  const second = await inTime(machine.run(argv, way), about);
  assert.equal(second.exit, 0, `the next run fails: ${told}, then: ${show(second)}`);
  isDone();
  return first;
}

/** Says of which paths a run told trouble; of a file with several names it is enough to tell of one. */
function toldPaths({ events }: Ended, found: TreeSnapshot): (path: string) => boolean {
  const told = new Set<string>();
  for (const event of events) {
    if (event.type === "problem") told.add(event.path.replace(/^\/dst\/?/, ""));
  }
  const groups = new Set([...told].map((path) => found.entries.get(path)?.linkGroup || path));
  return (path) => groups.has(found.entries.get(path)?.linkGroup || path);
}

function namesPaths({ events, error }: Ended): boolean {
  if (error !== undefined) return /src|dst|kept|tmp|basis|\.manifold/.test(String(error));
  return events.every((event) => event.type !== "problem" || event.path !== "");
}

function show({ exit, error, events }: Ended): string {
  return `exit ${exit} ${error ?? ""} ${JSON.stringify(events)}`;
}

const hangMs = 120_000;

function inTime(run: Promise<Ended>, about: string): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Ended>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the run hangs: ${about}`)), hangMs);
  });
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}
