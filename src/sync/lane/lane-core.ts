// The core of a lane: its doors, its pinned roots, its scratch listings, its counters and what it has
// to tell. The features of a lane (deletions, backups, bases...) are built on it; lane-context.ts
// puts them together. Everything here belongs to one thread.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { Orders } from "../../changeset/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";
import {
  type DelayedUpdate,
  type DiffOptions,
  followMode,
  type NamedGroup,
  type Origin,
  type ReceiveContext,
  type ScanContext,
  type SourceRoot,
  type TargetPlace,
  type XattrWishes,
} from "../../pipeline/index.ts";
import {
  type CounterName,
  change,
  counterIndex,
  counterNames,
  Directory,
  type ProgressEvent,
} from "../../tree/index.ts";
import { control, type LaneSettings } from "../plan/lane-settings.ts";
import { diffOptions, scanOptions } from "../plan/stage-options.ts";
import { type ItemWishes, itemWishes } from "../tasks/item-wishes.ts";
import { pieceSource } from "./arriving-file.ts";
import type { ContentOrigin } from "./content-origin.ts";
import { sourceDoor, targetDoor } from "./doors.ts";
import { basesOver, type FoundBases, noneFound } from "./entry-bases.ts";
import { basisOpener } from "./far-basis.ts";
import { FarContent } from "./far-content.ts";
import { type FarDoor, farDoor } from "./far-door.ts";
import { LaneNews } from "./file-progress.ts";
import { fullTargetAdvice } from "./full-target.ts";
import { IdNames } from "./id-names.ts";
import { isNoteWanted } from "./is-note-wanted.ts";
import { LaneDigests } from "./lane-digests.ts";
import type { LaneFilters } from "./lane-filters.ts";
import { NamedIds } from "./named-ids.ts";
import { openLaneFilters } from "./open-lane-filters.ts";
import { OriginContent } from "./origin-content.ts";
import { type SourceShaper, shapesSource, sourceShaper } from "./shape-source.ts";
import { SourceRoots } from "./source-roots.ts";
import { targetFollow } from "./target-follow.ts";
import { sourceXattrs, targetXattrs } from "./xattr-wishes.ts";

/** Thrown inside a lane when the run was cancelled; the tasks that are left answer nothing. */
export class Cancelled extends Error {}

/** What a lane does for every entry beside applying its order. */
export interface Settles {
  /** Source files go when their copy stands (--remove-source-files). */
  readonly sources: boolean;
  /** Entries that needed nothing are looked at, too. */
  readonly unchanged: boolean;
}

/** A lane's doors, roots, scratch space, counters and news: what its features are built on. */
export abstract class LaneCore {
  readonly settings: LaneSettings;
  /** The target's door; what it pretends to, the machine's does not know. */
  readonly fs: FileSystem;
  /** The same door, where content comes from another machine. */
  readonly arrivals: FarDoor | undefined;
  /** Digests of the surveyed directory's files, which come with the listing of a source that is elsewhere (--checksum). */
  listedDigests: ReadonlyMap<number, Uint8Array> = new Map();
  /** Owners and groups of another machine by their names. */
  readonly namedIds: NamedIds;
  readonly idNames: IdNames;
  readonly sourceFs: FileSystem;
  readonly machine: FileSystem;
  readonly roots: readonly SourceRoot[];
  readonly diff: DiffOptions;
  abstract readonly receive: ReceiveContext;
  /** How a directory is scanned where nothing is hidden, and whatever is missing is a problem. */
  readonly scan: ScanContext;
  /** Makes a source listing what the user wants it to be; undefined = as it is. */
  readonly shapeSource: SourceShaper | undefined;
  /** Which extended attributes of target entries count; undefined = none. */
  readonly targetXattrs: XattrWishes | undefined;
  /** Scratch: the source listing, the full target listing, and the one that only probes names. */
  readonly source = new Directory();
  readonly target = new Directory();
  readonly probe = new Directory();
  readonly orders = new Orders();
  /** What the running task has to tell. */
  events: ProgressEvent[] = [];
  /** Content that the entry under way took from the source and from its basis. */
  readonly transferred = { literal: 0, matched: 0, paced: 0 };
  /** The entry under way had to be transferred twice. */
  transferredAgain = false;
  /** Files of the running task that get their names at the end of the run. */
  delayed: DelayedUpdate[] = [];

  /** Filters of this run; undefined = there are none. */
  readonly filters: LaneFilters | undefined;
  /** What there is to do for entries beside applying their orders. */
  abstract readonly settles: Settles;
  /** What items have to tell beyond the usual. */
  readonly wishes: ItemWishes;
  readonly digests: LaneDigests;
  /** Asks for the running task's large file from a position on, with how many messages were taken; set while there is one. */
  pull: ((position: number, taken: number) => void) | undefined;
  /** Sends what the running task has to tell ahead of its result. */
  readonly news: LaneNews;
  /** Change bits of the root when this run made it, 0 otherwise. */
  readonly madeRoot: number;

  readonly #sources: SourceRoots;
  readonly #control: Int32Array;
  readonly #counters: Float64Array;
  #target: DirHandle | undefined;

  constructor(settings: LaneSettings, fs: FileSystem) {
    this.settings = settings;
    this.machine = fs;
    this.namedIds = new NamedIds(settings.confinement);
    this.idNames = new IdNames(settings.confinement);
    const target = targetDoor(fs, settings.options);
    this.arrivals = settings.far === "source" ? farDoor(target) : undefined;
    this.fs = this.arrivals ?? target;
    this.sourceFs = sourceDoor(fs, settings.options);
    this.#control = new Int32Array(settings.control);
    const { length } = counterNames;
    this.#counters = new Float64Array(settings.counters, settings.lane * length * 8, length);
    this.#sources = new SourceRoots(this.sourceFs, settings.sources);
    this.roots = this.#sources.list;
    this.scan = {
      roots: this.roots,
      options: scanOptions(
        settings,
        sourceXattrs(settings, () => this.filters),
      ),
      problem: (path, operation, errno, message) =>
        this.problem("source", path, operation, errno, message),
      note: (topic, level, text) => this.note(topic, level, text),
      hides: undefined,
    };
    this.targetXattrs = targetXattrs(settings, () => this.filters);
    // The end that writes shapes.
    this.shapeSource = shapesSource(settings) ? sourceShaper(settings) : undefined;
    this.diff = diffOptions(settings, this.fs.abilities);
    this.filters = openLaneFilters(this);
    this.wishes = itemWishes(settings.options, settings.farSums);
    this.digests = new LaneDigests(settings);
    this.news = new LaneNews(() => this.events.splice(0));
    this.madeRoot = settings.madeRoot ? change.created | change.local : 0;
  }

  /** The target's root, pinned on first use. */
  get targetRoot(): DirHandle {
    if (this.#target === undefined) {
      const { target } = this.settings;
      if (target === undefined) throw new ManifoldError("usage", "This run has no target.");
      this.#target = this.fs.openRoot(target.path);
    }
    return this.#target;
  }

  /** Adds to a counter of this lane. */
  count(name: CounterName, by = 1): void {
    const index = counterIndex[name];
    this.#counters[index] = (this.#counters[index] as number) + by;
  }

  /** The run is to stop. */
  get isCancelled(): boolean {
    return this.#control[control.cancelled] !== 0;
  }

  /** A survey applies what it finds, as far as that is little. */
  get isFused(): boolean {
    return this.#control[control.scanAhead] === 0;
  }

  /** Throws Cancelled when the run is to stop. */
  checkCancelled(): void {
    if (this.#control[control.cancelled] !== 0) throw new Cancelled();
  }

  /** Remembers for all lanes that a source listing is incomplete. */
  markIncomplete(): void {
    Atomics.store(this.#control, control.sourceIncomplete, 1);
  }

  /** Says whether deletions must stay away because some source listing is incomplete. */
  get sourceIncomplete(): boolean {
    return Atomics.load(this.#control, control.sourceIncomplete) !== 0;
  }

  /** Remembers for all lanes that a file of the target with several names got other attributes. */
  markLinkedTarget(): void {
    Atomics.store(this.#control, control.linkedTarget, 1);
  }

  /** Entries that need nothing are counted and nothing else. */
  get leavesUnchanged(): boolean {
    return !this.settles.unchanged && this.settings.items !== "all" && !this.hasLinkedTarget;
  }

  /** Says whether that has happened. */
  get hasLinkedTarget(): boolean {
    return this.#control[control.linkedTarget] !== 0;
  }

  /** Reports trouble with one path. The path is already labelled for people on the source side. */
  problem(
    role: "source" | "target",
    path: ByteString,
    operation: string,
    errno: number,
    message?: string,
  ): void {
    this.count(operation === "conflict" ? "conflicts" : "problems");
    const vanished =
      role === "source" && errno === 2 && operation !== "link_stat" && operation !== "follow";
    const event = {
      type: "problem",
      path,
      role,
      operation,
      errno,
      exit: vanished ? 24 : 23,
    } as const;
    this.events.push(message === undefined ? event : { ...event, message });
  }

  /** Reports trouble with the target that makes going on senseless, and ends the run. */
  fail(path: ByteString, operation: string, errno: number): never {
    this.count("problems");
    const { personality } = this.settings.options;
    const event = { type: "problem", path, role: "target", operation, errno, exit: 11 } as const;
    const isFull = errno === 28 || errno === 122;
    const message =
      personality === "manifold" && isFull ? { message: fullTargetAdvice(errno) } : undefined;
    this.events.push({ ...event, ...message });
    Atomics.store(this.#control, control.cancelled, 1);
    throw new Cancelled();
  }

  /** Tells people about one topic, if they asked for it; "debug:TOPIC" where --info has a topic of that name, too. */
  note(topic: string, level: number, text: ByteString): void {
    if (!isNoteWanted(this.settings.options.output, topic, level)) return;
    this.events.push({ type: "note", topic, level, text });
  }

  /** Takes what the running task had to tell. */
  takeEvents(): readonly ProgressEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  /** Takes the files of the running task that wait for the end of the run. */
  takeDelayed(): readonly DelayedUpdate[] {
    const { delayed } = this;
    this.delayed = [];
    return delayed;
  }

  /** Opens the source directory that entry origin `origin` of a transfer directory lies in, and its content door. */
  contentSource(origins: readonly Origin[], named: readonly NamedGroup[]): OriginContent {
    return new OriginContent(this, origins, named);
  }

  /** Returns the content door of entries of `place`; `found` are other files that they are built from. */
  entryContent(
    origin: ContentOrigin,
    place: TargetPlace,
    found: FoundBases = noneFound,
  ): OriginContent | FarContent {
    const { arrivals, settings } = this;
    if (arrivals === undefined) return this.contentSource(origin.origins, origin.named);
    const pieces = pieceSource(this, origin);
    const bases = basesOver(arrivals, found, basisOpener(this.receive, place));
    return new FarContent(arrivals, bases, { ...origin, pieces, wholeSum: settings.farSums?.name });
  }

  /** Opens a directory of the target by its path in the transfer. Throws FsError. */
  openTargetDirectory(path: ByteString): DirHandle {
    return this.fs.openDirectory(this.targetRoot, path, targetFollow(this.settings.options));
  }

  /** How far source symlinks are followed. */
  get follow(): ReturnType<typeof followMode> {
    return followMode(this.scan.options);
  }

  /** Closes the roots that this lane holds. */
  close(): void {
    this.digests.close();
    this.#sources.close();
    if (this.#target !== undefined) this.fs.closeDirectory(this.#target);
  }
}
