// One lane's workshop: the core with its features, and the context that it hands to the receiver.
// Everything here belongs to one thread.

import { type ByteString, type Clock, systemClock } from "../../base/index.ts";
import type { FileSystem } from "../../fs/index.ts";
import { KeptIndex, type ReceiveContext } from "../../pipeline/index.ts";
import { control, type LaneSettings } from "../plan/lane-settings.ts";
import { openDoor } from "../plan/open-door.ts";
import { receiveOptions } from "../plan/stage-options.ts";
import { sumColumnsOf } from "../plan/sum-columns.ts";
import { nothingLooked } from "../tasks/far-tasks.ts";
import { KnownDigests } from "./known-bases.ts";
import { laneBackups } from "./lane-backups.ts";
import { LaneBasis } from "./lane-basis.ts";
import { LaneChunkers } from "./lane-chunkers.ts";
import { laneContent } from "./lane-content.ts";
import { LaneCore, type Settles } from "./lane-core.ts";
import { LaneDeletions } from "./lane-deletions.ts";
import { LaneDisplaced } from "./lane-displaced.ts";
import { LaneFuzzy } from "./lane-fuzzy.ts";
import { LaneMoves } from "./lane-moves.ts";
import { LaneStaging } from "./lane-staging.ts";
import { MovedSources } from "./moved-sources.ts";
import { RenameRoots } from "./rename-roots.ts";

export { Cancelled } from "./lane-core.ts";

/** A lane with everything that tasks ask of it. */
export class LaneContext extends LaneCore {
  /** Files of a source elsewhere that the running task has looked at, and those whose digests would tell what to do. */
  looked = nothingLooked();
  /** What sums of directories are of. */
  readonly sumColumns: number;
  readonly receive: ReceiveContext;
  readonly deletions: LaneDeletions;
  readonly displaced: LaneDisplaced;
  /** Basis directories; undefined = there are none. */
  readonly basis: LaneBasis | undefined;
  /** Looks for former versions of new files; undefined = not wanted. */
  readonly fuzzy: LaneFuzzy | undefined;
  /** Looks for renamed files; undefined = not wanted. */
  readonly moves: LaneMoves | undefined;
  /** Digests of those that another machine is told. */
  readonly knownDigests = new KnownDigests();
  /** Further trees to look in. */
  readonly renameRoots: RenameRoots;
  readonly settles: Settles;
  /** Files that entries of the running task were to be made of, and were not. */
  missed: ByteString[] = [];
  /** Entries of the running task that have to be wished for once more. */
  putOff: number[] = [];
  /** Sources on another machine that are to go. */
  readonly moved = new MovedSources();
  /** The blocks of the basis that this lane last looked into. */
  readonly keptIndex = new KeptIndex();
  /** What cuts files where their content says. */
  readonly chunkers = new LaneChunkers();
  readonly clock: Clock;
  readonly #staging: LaneStaging;
  readonly #words: Int32Array;

  constructor(
    settings: LaneSettings,
    fs: FileSystem = openDoor(settings),
    clock: Clock = systemClock,
  ) {
    super(settings, fs);
    this.sumColumns = sumColumnsOf(settings);
    this.clock = clock;
    this.#words = new Int32Array(settings.control);
    this.#staging = new LaneStaging(this);
    this.moves = settings.moves && new LaneMoves(settings.moves, settings.lane);
    this.renameRoots = new RenameRoots(this.fs, settings.renameRoots ?? []);
    this.receive = this.#receiveContext();
    this.deletions = new LaneDeletions(this);
    this.displaced = new LaneDisplaced(this);
    const { basisDirs, transfer } = settings.options;
    this.basis = basisDirs.kind === "none" ? undefined : new LaneBasis(this, basisDirs.kind);
    this.fuzzy = transfer.fuzzy > 0 ? new LaneFuzzy(this) : undefined;
    const sources = transfer.removeSourceFiles;
    const { partials } = this.receive.options.content;
    this.settles = { sources, unchanged: sources || partials !== undefined };
  }

  /** Returns the number of a directory that is sent to another machine. */
  nextDirectory(): number {
    return Atomics.add(this.#words, control.nextDirectory, 1);
  }

  /** Closes everything this lane holds. */
  override close(): void {
    this.#staging.close();
    this.receive.backups?.close();
    this.basis?.close();
    this.renameRoots.close();
    this.keptIndex.close();
    super.close();
  }

  #receiveContext(): ReceiveContext {
    const { settings, fs } = this;
    const label = settings.target?.label ?? "";
    const ownXattrs = this.targetXattrs?.named;
    const options = receiveOptions(settings, this.diff.attributes, ownXattrs, fs.abilities);
    return {
      fs,
      options,
      staging: this.#staging.staging,
      // Without a staging directory nothing can be kept that is swept in the end.
      held: settings.job === undefined && !options.dryRun ? undefined : this.moves,
      backups: laneBackups(this, options),
      hasLinkedTarget: () => this.hasLinkedTarget,
      displaced: (place, name, staged) => this.displaced.note(place, name, staged),
      problem: (path, operation, errno, message) =>
        this.problem("target", label + path, operation, errno, message),
      sourceProblem: (entry, operation, errno, message) =>
        this.problem("source", entry.label ?? entry.name, operation, errno, message),
      note: (topic, level, text) => this.note(topic, level, text),
      ...laneContent(this, this.#staging),
    };
  }
}
