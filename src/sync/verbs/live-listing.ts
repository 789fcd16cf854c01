// The listings of a tree on this machine: the scan stage, depth first, with what a listing has beyond
// a directory's columns (the root's own entry, hard links by path, names of ids, digests).

import { type ByteString, joinPath } from "../../base/index.ts";
import type { ChangesetDigest } from "../../changeset/index.ts";
import { ListedDirectory, type Preserved, selfName } from "../../changeset/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { type Hides, mountPoint, scanDirectory, xattrsOf } from "../../pipeline/index.ts";
import { Directory, isRegular, verdictProtect } from "../../tree/index.ts";
import { type Inside, insideOf } from "../conduct/inside-of.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { namedGroups, type TransferPlan } from "../plan/transfer-plan.ts";
import { pruneSource } from "../survey/prune-source.ts";
import { digestListed } from "./listed-digest.ts";
import { ListedIds, ListedLinks } from "./listed-links.ts";
import { ListedPlaces } from "./listed-places.ts";
import type { ListingStream, OpensFiles, ToldProblem } from "./listing-stream.ts";
import { preservedNames } from "./preserved-names.ts";

/** What a live listing is to have. */
export interface LiveListingOptions {
  /** Side of the transfer: filters hide on the source, and protect on the target. */
  readonly side: "source" | "target";
  /** Digests of regular files; undefined = none. */
  readonly digest?: ChangesetDigest;
  /** Leaves out what says nothing of an entry unless it is to be kept, so that trees that are alike have the same listings. */
  readonly isPlain?: boolean;
  /** What of the lane's roots is listed, and under which paths; undefined = the whole of its first root. */
  readonly plan?: TransferPlan;
  /** Says whether a directory that was found is entered, when its turn comes; undefined = each is. */
  readonly enters?: (path: ByteString) => boolean;
}

/** A directory that waits to be listed. */
interface Waiting extends Inside {
  readonly path: ByteString;
}

/** Links of the source may count as what they lead to; those of the target are what they are. */
const followsNothing = { copyLinks: false, copyUnsafe: false, copyDirLinks: false } as const;

const wholeTree: TransferPlan = {
  roots: [],
  namings: [],
  contents: [{ root: 0, path: "", named: 0, order: 0 }],
  names: new Map(),
  self: undefined,
  mentions: 1,
};

/** Scans a tree directory by directory. The lane is the caller's to close. */
export class LiveListing implements ListingStream {
  readonly preserves: readonly Preserved[];
  readonly files: OpensFiles;
  readonly exit = 0;
  readonly isComplete = true;
  readonly #lane: LaneContext;
  readonly #options: LiveListingOptions;
  readonly #listed = new ListedDirectory();
  readonly #plan: TransferPlan;
  /** Directories that wait, the next one last. */
  readonly #waiting: Waiting[];
  readonly #waitingPaths = new Set<ByteString>();
  #current: Waiting;
  /** Where files of what was listed are. */
  readonly places: ListedPlaces;
  readonly #links = new ListedLinks();
  readonly #ids = new ListedIds();

  constructor(lane: LaneContext, options: LiveListingOptions) {
    this.#lane = lane;
    this.#options = options;
    const plan = options.plan ?? wholeTree;
    const named = namedGroups(plan, plan.names, "");
    this.#plan = plan;
    this.#current = { path: "", origins: plan.contents, named, plan: plan.names, isTop: true };
    this.#waiting = [this.#current];
    this.places = new ListedPlaces(lane, this.#listed.columns);
    this.files = {
      fs: lane.sourceFs,
      openFile: (name, index) => this.places.openAt(name, index),
      digestsOf: (index) => {
        const { origins, named } = this.#current;
        const place = this.#listed.columns.origin[index] as number;
        return lane.digests.sourceAt(origins, named, place);
      },
    };
    this.preserves = preservedNames(lane.settings.options, lane.diff.attributes);
  }

  get digest(): ChangesetDigest | undefined {
    return this.#options.digest;
  }

  /** Says whether a directory is the one that was listed last, or is still to be listed as far as is known. */
  hasInView(path: ByteString): boolean {
    return this.#current.path === path || this.#waitingPaths.has(path);
  }

  get place(): ListingStream["place"] {
    if (this.#options.plan !== undefined) return undefined;
    const { sourceFs, roots } = this.#lane;
    return { fs: sourceFs, root: roots[0]?.dir as DirHandle };
  }

  next(): ListedDirectory | undefined {
    const next = this.#nextWaiting();
    if (next === undefined) return undefined;
    this.#current = next;
    this.places.enter(next);
    const { path, origins, named } = next;
    const lane = this.#lane;
    const listed = this.#listed;
    const { columns } = listed;
    listed.reset(path);
    // What a symlink was is said of it, whatever becomes of it.
    const asItIs = this.#options.side === "target" ? followsNothing : undefined;
    const scanned = { ...lane.scan.options, linkTargets: true, ...asItIs };
    const context = {
      ...lane.scan,
      options: scanned,
      hides: (root: number) => this.#hides(root, path),
    };
    scanDirectory({ ...context, absent: this.#absent() }, next, columns);
    if (this.#options.side === "target") this.#markProtected(path, columns);
    else {
      pruneSource(lane, { path, origins, named, deletionsOnly: false }, columns);
    }
    // Where only some names are asked for, nothing can be said of others.
    if (origins.length === 0) columns.complete = false;
    if (path === "" && this.#options.plan === undefined) this.#addSelf(columns);
    else if (path === "") this.#addPlannedSelf(columns);
    if (this.#options.side === "source") lane.shapeSource?.(columns);
    this.#noteSubdirectories(next, columns);
    if (lane.settings.options.preserve.hardLinks) this.#links.note(listed);
    if (!lane.settings.options.preserve.numericIds) this.#ids.note(listed);
    if (this.#options.digest !== undefined) this.#addDigests(listed, this.#options.digest);
    if (this.#options.isPlain === true) this.#makePlain(columns);
    return listed;
  }

  /** When something was read, and how much room a directory takes, differs from machine to machine. */
  #makePlain(columns: Directory): void {
    const { count, atime, atimeNanos, crtime, crtimeNanos } = columns;
    if (!this.preserves.includes("atime")) {
      atime.fill(0, 0, count);
      atimeNanos.fill(0, 0, count);
    }
    if (!this.preserves.includes("crtime")) {
      crtime.fill(0, 0, count);
      crtimeNanos.fill(0, 0, count);
    }
    for (let i = 0; i < count; i++) if (columns.isDirectory(i)) columns.size[i] = 0;
  }

  #nextWaiting(): Waiting | undefined {
    for (;;) {
      const next = this.#waiting.pop();
      if (next === undefined) return undefined;
      this.#waitingPaths.delete(next.path);
      if (next.path === "" || this.#options.enters?.(next.path) !== false) return next;
    }
  }

  takeProblems(): readonly ToldProblem[] {
    const problems: ToldProblem[] = [];
    for (const event of this.#lane.takeEvents()) {
      if (event.type !== "problem") continue;
      const { path, role, operation, errno, exit, message } = event;
      problems.push({ path, role, operation, errno, exit, message });
    }
    return problems;
  }

  close(): void {
    this.places.close();
  }

  #absent(): (() => boolean) | undefined {
    return this.#lane.settings.options.walk.missingArgs === "error" ? undefined : () => true;
  }

  #hides(root: number, path: ByteString): Hides | undefined {
    return this.#options.side === "source" ? this.#lane.filters?.hides(root, path) : undefined;
  }

  /** What filters protect on the target is there all the same: it only does not go. */
  #markProtected(path: ByteString, columns: Directory): void {
    const protects = this.#lane.filters?.protects(path, false);
    if (protects === undefined) return;
    const { names, nameStart, nameLength, verdict } = columns;
    for (let i = 0; i < columns.count; i++) {
      const start = nameStart[i] as number;
      const isDirectory = columns.isDirectory(i);
      if (!protects(names, start, start + (nameLength[i] as number), isDirectory)) continue;
      verdict[i] = (verdict[i] as number) | verdictProtect;
    }
  }

  /** The root's own entry stands first. */
  #addSelf(columns: Directory): void {
    const lane = this.#lane;
    const root = lane.roots[0]?.dir as DirHandle;
    const last = columns.add(selfName, 0);
    lane.sourceFs.statEntries(root, columns, last, last + 1);
    const { xattrs } = lane.scan.options;
    if (xattrs !== undefined && lane.sourceFs.abilities.xattrs) {
      try {
        const found = xattrsOf(lane.sourceFs, root, "", xattrs, columns.mode[last]);
        if (found.length > 0) columns.setXattrs(last, found);
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        lane.problem("source", lane.roots[0]?.label ?? "", error.operation, error.errno);
      }
    }
    columns.select(Uint32Array.from({ length: last + 1 }, (_, i) => (i === 0 ? last : i - 1)));
  }

  /** The root's own entry, where the plan brings one, stands first. */
  #addPlannedSelf(columns: Directory): void {
    const { self } = this.#plan;
    if (self === undefined) return;
    const found = new Directory();
    const context = { ...this.#lane.scan, hides: undefined };
    scanDirectory(context, { path: "", origins: [], named: [self] }, found);
    if (found.count === 0) return;
    const last = columns.add(selfName, found.mode[0] as number);
    columns.copyAttributes(last, found, 0);
    const xattrs = found.xattrs.get(0);
    if (xattrs !== undefined) columns.setXattrs(last, xattrs);
    columns.select(Uint32Array.from({ length: last + 1 }, (_, i) => (i === 0 ? last : i - 1)));
  }

  #noteSubdirectories(outside: Waiting, columns: Directory): void {
    const { options } = this.#lane.settings;
    for (let i = columns.count - 1; i >= 0 && columns.isDirectory(i); i--) {
      if (((columns.verdict[i] as number) & mountPoint) !== 0) continue;
      const name = columns.name(i);
      if (name === selfName) continue;
      const path = joinPath(outside.path, name);
      const subdirectory = { listing: columns, index: i, name, path };
      const inside = insideOf(this.#plan, options, outside, subdirectory);
      if (inside.origins.length + inside.named.length === 0) continue;
      this.#waiting.push({ path, ...inside });
      this.#waitingPaths.add(path);
    }
  }

  #addDigests({ path, columns, states }: ListedDirectory, digest: ChangesetDigest): void {
    for (let i = 0; i < columns.count; i++) {
      if (!isRegular(columns.mode[i] as number)) continue;
      const name = columns.name(i);
      try {
        states.digests.set(i, digestListed(this.files, columns, i, digest));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        const label = (this.#lane.roots[0]?.label ?? "") + joinPath(path, name);
        this.#lane.problem("source", label, error.operation, error.errno);
      }
    }
  }
}
