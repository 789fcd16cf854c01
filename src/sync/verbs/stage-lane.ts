// One lane for a stage that runs alone (scan, diff, send, receive): the same workshop as a sync's
// lanes have, on this thread, over one tree.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { counterNames } from "../../tree/index.ts";
import { LaneContext } from "../lane/lane-context.ts";
import type { RunFilters } from "../lane/run-filters.ts";
import { basisRoots } from "../plan/basis-roots.ts";
import { resolveIdMaps } from "../plan/id-maps.ts";
import { controlSlots, type LaneSettings, type RootSetting } from "../plan/lane-settings.ts";
import { openDoor } from "../plan/open-door.ts";
import { RunDigests } from "../plan/run-digests.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { itemsWanted } from "../tasks/item-wishes.ts";

/** What a stage's lane is made for. */
export interface StageLaneFor {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly filters: RunFilters;
  /** The tree, as written. */
  readonly path: ByteString;
  /** Which side of the transfer the tree is. */
  readonly side: "source" | "target";
  /** The source's roots, where they are several or only parts of them are wanted; undefined = the tree. */
  readonly sources?: readonly RootSetting[];
  /** With `sources`: the target, for filters. */
  readonly target?: RootSetting | undefined;
  /** Takes a place in the target's state directory and returns its name. */
  readonly job?: () => ByteString | undefined;
  /** Memory that others look at, too. */
  readonly control?: SharedArrayBuffer;
  readonly counters?: SharedArrayBuffer;
}

/** Opens the tree. Throws ManifoldError when it is not there. */
export function openStageLane(wanted: StageLaneFor): LaneContext {
  const { options, surroundings, path, side } = wanted;
  const fs = openDoor(surroundings);
  checkRoot(fs, path, side);
  const { umask, euid, egid, groups, workingDirectory, confinement, door } = surroundings;
  const root = { path, label: path.endsWith("/") ? path : `${path}/`, poured: true };
  const sources = wanted.sources ?? [root];
  const target = side === "target" ? root : wanted.target;
  const digests = new RunDigests(options, surroundings, { sources, target: undefined });
  const settings: LaneSettings = {
    lane: 0,
    options,
    sources,
    target,
    digests: digests.settings,
    job: wanted.job?.(),
    hasPartials: false,
    targetIdentity: undefined,
    sourcesInside: [],
    madeRoot: false,
    umask,
    euid,
    egid,
    groups,
    items: itemsWanted(options),
    control: wanted.control ?? new SharedArrayBuffer(controlSlots * 4),
    counters: wanted.counters ?? new SharedArrayBuffer(counterNames.length * 8),
    rate: undefined,
    basisRoots:
      side === "target"
        ? basisRoots(options, { target: root, targetExists: true }, workingDirectory)
        : [],
    idMaps: side === "source" ? resolveIdMaps(options, wanted.filters.warn) : undefined,
    filterRules: wanted.filters.rules,
    workingDirectory,
    confinement,
    links: surroundings.links,
    door,
  };
  return new StageLane(settings, fs, digests);
}

/** A lane that closes its caches itself. */
class StageLane extends LaneContext {
  readonly #digests: RunDigests;

  constructor(settings: LaneSettings, fs: FileSystem, digests: RunDigests) {
    super(settings, fs);
    this.#digests = digests;
  }

  override close(): void {
    super.close();
    this.#digests.close();
  }
}

function checkRoot(fs: FileSystem, path: ByteString, side: "source" | "target"): void {
  try {
    fs.closeDirectory(fs.openRoot(path, side === "source" ? "anywhere" : "trusted"));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("file-select", `Cannot open "${toText(path)}": ${error.reason}`, {
      cause: error,
    });
  }
}
