// A whole run in this very thread, over any door.

import { fromText, systemClock } from "../../src/base/index.ts";
import type { FileSystem } from "../../src/fs/index.ts";
import type { Personality } from "../../src/options/index.ts";
import { type Surroundings, SyncRun } from "../../src/sync/index.ts";
import type { ProgressEvent } from "../../src/tree/index.ts";
import { optionsOf } from "../options/resolve.ts";

/** How a run ended. */
export interface InlineRun {
  readonly exit: number;
  readonly events: readonly ProgressEvent[];
}

/** Runs a sync with these arguments; the umask must be 0. Throws what stops a run. */
export async function runInline(
  fileSystem: FileSystem,
  argv: readonly string[],
  personality: Personality = "manifold",
  around: Partial<Surroundings> = {},
): Promise<InlineRun> {
  const events: ProgressEvent[] = [];
  const sync = new SyncRun(
    optionsOf(argv, { personality }),
    inlineSurroundings(fileSystem, around),
    { started: () => undefined, event: (event) => events.push(event) },
  );
  return { exit: (await sync.run()).exit, events };
}

/** Returns the surroundings of a run in this thread. */
export function inlineSurroundings(
  fileSystem: FileSystem | undefined,
  around: Partial<Surroundings> = {},
): Surroundings {
  return {
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
    openFilesMax: undefined,
    processorMs: () => 0,
    ...(fileSystem && { fileSystem }),
    laneUrl: undefined,
    ...around,
  };
}
