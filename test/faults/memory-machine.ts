// A whole machine in memory, with a source, a target and a neighbour on it, on which syncs run in this
// process: deterministic to the last call, so that any call can be made to fail and the run repeated.

import { type Clock, fromText, ManifoldError } from "../../src/base/index.ts";
import {
  type FaultPlan,
  faultyFileSystem,
  type MemoryFileSystem,
  memoryFileSystem,
  noFaults,
} from "../../src/fs/index.ts";
import { SyncRun } from "../../src/sync/index.ts";
import type { Counters, ProgressEvent } from "../../src/tree/index.ts";
import { optionsOf } from "../options/resolve.ts";
import {
  type DirectoryNode,
  fileSystemPlace,
  readTree,
  type TreeSnapshot,
  treeOf,
  writeTree,
} from "../support/index.ts";

/** How a run ended. */
export interface Ended {
  /** The exit status, that of the error included. */
  readonly exit: number;
  /** What stopped the run; anything but a ManifoldError is a bug. */
  readonly error: unknown;
  readonly events: readonly ProgressEvent[];
  readonly counters: Counters;
}

/** How a run goes about its work. */
export interface Running {
  readonly plan?: FaultPlan;
  /** Milliseconds that pass whenever somebody looks at the clock: 0 = nothing is ever late. */
  readonly tickMs?: number;
  readonly processors?: number;
}

/** A machine that syncs /src to /dst, with a neighbour at /outside, a copy of the source at /basis, and room at /tmp and /kept. */
export class MemoryMachine {
  readonly fs: MemoryFileSystem;

  constructor(fs: MemoryFileSystem) {
    this.fs = fs;
  }

  /** Makes a machine with these trees; a target that is undefined is not there. */
  static of(source: DirectoryNode, target: DirectoryNode | undefined): MemoryMachine {
    const machine = new MemoryMachine(memoryFileSystem({ umask: 0 }));
    const outside = treeOf({ "keep/": { file: "untouched" }, loose: "too" });
    machine.#put("src", source);
    machine.#put("basis", source);
    if (target !== undefined) machine.#put("dst", target);
    machine.#put("outside", outside);
    for (const name of ["tmp", "kept"]) machine.#put(name, treeOf({}));
    machine.#put("proc", treeOf({ "sys/": { "kernel/": { hostname: "here\n" } } }));
    machine.#put("etc", treeOf({ "machine-id": "0123456789abcdef\n" }));
    machine.edit("/proc", (proc) => {
      proc.makeDirectory("sys/kernel/random");
      put(proc, "sys/kernel/random/boot_id", "b0010001-0000-4000-8000-000000000000\n");
    });
    machine.startProcess(100);
    return machine;
  }

  /** A copy that shares nothing, at the same moment. */
  fork(): MemoryMachine {
    return new MemoryMachine(this.fs.fork());
  }

  /** From now on runs are this process; the one before has ended. */
  startProcess(pid: number): void {
    this.edit("/proc", (proc) => {
      if (proc.entry("self") !== undefined) proc.remove("self");
      proc.makeDirectory("self");
      put(proc, "self/stat", `${pid} (node) R 1 ${"0 ".repeat(17)}${pid}00 0\n`);
    });
  }

  /** Reads a tree; `without` leaves out paths and all below. */
  read(path: string, without: readonly string[] = []): TreeSnapshot {
    return this.edit(path, (place) => readTree(place, without));
  }

  /** Says whether something is there. */
  has(path: string): boolean {
    return this.edit("/", (place) => place.entry(path.slice(1)) !== undefined);
  }

  /** Does something to a directory behind the back of any run. */
  edit<T>(path: string, act: (place: ReturnType<typeof fileSystemPlace>) => T): T {
    const dir = this.fs.openRoot(path);
    try {
      return act(fileSystemPlace(this.fs, dir));
    } finally {
      this.fs.closeDirectory(dir);
    }
  }

  /** Runs `manifold sync` (or, in its place, manifold-rsync) to the end. */
  async run(
    argv: readonly string[],
    running: Running = {},
    personality: "manifold" | "manifold-rsync" = "manifold",
  ): Promise<Ended> {
    const { plan = noFaults, tickMs = 0, processors = 2 } = running;
    const events: ProgressEvent[] = [];
    const surroundings = {
      clock: tickingClock(tickMs),
      umask: 0o022,
      euid: 0,
      egid: 0,
      groups: [0],
      workingDirectory: fromText("/"),
      home: undefined,
      cvsIgnore: undefined,
      readStandardInput: () => new Uint8Array(0),
      processors,
      openFilesMax: 1024,
      processorMs: () => 0,
      fileSystem: faultyFileSystem(this.fs, plan),
      laneUrl: undefined,
    };
    const run = new SyncRun(optionsOf(argv, { personality }), surroundings, {
      started: () => undefined,
      event: (event) => events.push(event),
    });
    try {
      const { exit } = await run.run();
      return { exit, error: undefined, events, counters: run.counters };
    } catch (error) {
      const exit = error instanceof ManifoldError ? error.exit : -1;
      return { exit, error, events, counters: run.counters };
    }
  }

  #put(name: string, tree: DirectoryNode): void {
    const top = this.fs.openRoot("/");
    this.fs.makeDirectory(top, name, 0o755);
    this.fs.closeDirectory(top);
    this.edit(`/${name}`, (place) => writeTree(place, tree));
  }
}

function put(place: ReturnType<typeof fileSystemPlace>, path: string, text: string): void {
  place.makeFile(path, text.length, [{ offset: 0, bytes: Buffer.from(text, "latin1") }]);
}

/** Returns a clock that goes on by so much each time that somebody looks at it, and by itself never. */
export function tickingClock(tickMs: number): Clock {
  let now = 0;
  return {
    now: () => {
      now += tickMs;
      return now;
    },
    wallTime: () => 1_700_000_000_000 + now,
    after: () => () => undefined,
  };
}
