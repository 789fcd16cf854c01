// The basis directories of one lane: pinned roots of their own (promise P4), and the likeness of the
// transfer directory that is being worked on below each of them.

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import { type Orders, order } from "../../changeset/index.ts";
import { type DirHandle, FsError, type Stat } from "../../fs/index.ts";
import {
  applyEntry,
  type ContentSource,
  doomedEntry,
  linkStaged,
  type ReceiveContext,
  resolveBasis,
  type SourceEntry,
  type TargetPlace,
  xattrsOf,
} from "../../pipeline/index.ts";
import { change, type Directory, typeMask } from "../../tree/index.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import { basisContent } from "./basis-content.ts";
import { hasEqualContent } from "./equal-content.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneDeletions } from "./lane-deletions.ts";

/** An order that a basis directory carries out. */
export interface BasisOrder {
  readonly place: TargetPlace;
  readonly entry: SourceEntry;
  readonly target: Directory;
  readonly orders: Orders;
}

/** Errors that say that a file cannot be linked from where it is. */
const cannotLink = new Set(["EXDEV", "EPERM", "EMLINK", "EOPNOTSUPP", "ENOSYS", "EACCES"]);

/** A lane that can make way for what a basis brings. */
type BasisLane = LaneCore & { readonly deletions: LaneDeletions };

/** Looks things up in the basis directories and takes them from there. */
export class LaneBasis {
  readonly #lane: BasisLane;
  readonly kind: "compare" | "copy" | "link";
  /** Undefined until pinned, -1 = cannot be. */
  readonly #roots: (DirHandle | undefined)[];
  #path: ByteString | undefined;
  #dirs: (DirHandle | undefined)[] = [];
  #receive: ReceiveContext | undefined;

  constructor(lane: BasisLane, kind: "compare" | "copy" | "link") {
    this.#lane = lane;
    this.kind = kind;
    this.#roots = lane.settings.basisRoots.map(() => undefined);
  }

  /** Turns the orders of the surveyed directory as far as the basis directories have what it needs. */
  resolve(task: SurveyTask, target: Directory): void {
    const content = this.#lane.contentSource(task.origins, task.named);
    try {
      this.#resolve(task.path, this.#lane.source, target, this.#lane.orders, content);
    } finally {
      content.close();
    }
  }

  /** The same for the root itself, which this run made. */
  resolveRoot(source: Directory, target: Directory, orders: Orders): void {
    const kind = orders.kind[0] as number;
    orders.kind[0] = order.add;
    this.#resolve("", source, target, orders, undefined);
    orders.kind[0] = kind;
  }

  #resolve(
    path: ByteString,
    source: Directory,
    target: Directory,
    orders: Orders,
    content: ContentSource | undefined,
  ): void {
    const lane = this.#lane;
    const { select } = lane.settings.options;
    const wanted = lane.targetXattrs;
    const hasXattrs = wanted !== undefined && lane.fs.abilities.xattrs;
    const { sizeOnly, ignoreTimes, checksum } = select;
    resolveBasis({
      fs: lane.fs,
      rules: {
        kind: this.kind,
        attributes: lane.diff.attributes,
        sizeOnly,
        ignoreTimes,
        checksum,
      },
      source,
      target,
      orders,
      dirs: this.open(path),
      xattrsOf: hasXattrs ? (dir, name) => xattrsOf(lane.fs, dir, name, wanted) : undefined,
      hasContentOf:
        checksum && content !== undefined
          ? (i, dir) => hasEqualContent(lane, i, dir, content)
          : undefined,
    });
  }

  /** Reads the attributes of what basis directory `index` has under a path; false = nothing. */
  stat(index: number, path: ByteString, into: Stat): boolean {
    const dir = this.open(parentPath(path))[index];
    return dir !== undefined && this.#lane.fs.stat(dir, baseName(path), into);
  }

  /** The likenesses of a transfer directory; good until another one is asked for. */
  open(path: ByteString): readonly (DirHandle | undefined)[] {
    if (this.#path === path) return this.#dirs;
    this.#forget();
    this.#dirs = this.#roots.map((_, index) => this.#openBelow(index, path));
    this.#path = path;
    return this.#dirs;
  }

  /** Where messages say that a likeness lies. */
  label(index: number, path: ByteString): ByteString {
    return joinPath(this.#lane.settings.basisRoots[index] as ByteString, path);
  }

  /**
   * Links or copies the entry from the basis directory that its order names, or drops it. "transfer" = that did not
   * work and the order now says so: it has to come from the source. Problems with the target are reported.
   */
  carryOut(task: BasisOrder): "done" | "failed" | "transfer" {
    const { entry, orders } = task;
    if (orders.kind[entry.index] === order.drop) return this.#drop(task) ? "done" : "failed";
    const outcome = this.#take(task);
    if (outcome === "transfer") {
      orders.kind[entry.index] = order.add;
      orders.changes[entry.index] = change.created | change.transfer;
    }
    return outcome;
  }

  #take(task: BasisOrder): "done" | "failed" | "transfer" {
    const { place, entry, orders } = task;
    const i = entry.index;
    const dir = this.open(place.path)[(orders.basis[i] as number) - 1];
    if (dir === undefined) return "transfer";
    if (orders.kind[i] === order.linkBasis) {
      const linked = this.#link(task, dir);
      if (linked !== undefined) return linked ? "done" : "failed";
      orders.kind[i] = order.copyBasis;
      orders.changes[i] = change.local;
    }
    return this.#copy(task, dir);
  }

  /** Removes a file of the target whose equal a basis directory has (--compare-dest). */
  #drop({ place, entry, target, orders }: BasisOrder): boolean {
    const { fs, receive, deletions } = this.#lane;
    const wanted = entry.listing.mode[entry.index] as number;
    const t = orders.target[entry.index] as number;
    // It was a directory, and has made way already.
    if (t < 0) return true;
    if ((((target.mode[t] as number) ^ wanted) & typeMask) !== 0) {
      return deletions.makeWay(place, doomedEntry(receive, target, t), wanted);
    }
    const kept = this.#backups?.keep(receive, place, entry.name, true);
    if (kept === "moved" || kept === "failed") return kept === "moved";
    try {
      fs.unlink(place.dir, entry.name);
      return true;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code === "ENOENT") return true;
      receive.problem(joinPath(place.path, entry.name), error.operation, error.errno);
      return false;
    }
  }

  /** Closes what it pinned. */
  close(): void {
    this.#forget();
    for (const root of this.#roots) {
      if (root !== undefined && root >= 0) this.#lane.fs.closeDirectory(root);
    }
  }

  /** Makes the link; undefined when the file cannot be linked. */
  #link(task: BasisOrder, dir: DirHandle): boolean | undefined {
    const { place, entry, target, orders } = task;
    const { fs } = this.#lane;
    const context = this.#contextOf(task);
    const { name } = entry;
    const seen = { listing: target, index: orders.target[entry.index] as number };
    try {
      if (seen.index >= 0) return linkStaged(context, { dir, name }, place, name, seen);
      fs.link(dir, name, place.dir, name);
      return true;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (cannotLink.has(error.code)) return undefined;
      if (error.code === "EEXIST" && seen.index < 0) {
        return linkStaged(context, { dir, name }, place, name, seen);
      }
      this.#lane.receive.problem(joinPath(place.path, name), "link", error.errno);
      return false;
    }
  }

  #copy(task: BasisOrder, dir: DirHandle): "done" | "failed" | "transfer" {
    const { place, entry, target, orders } = task;
    const content = basisContent(this.#lane.fs, dir, entry);
    if (content === undefined) return "transfer";
    const done = applyEntry(this.#contextOf(task), place, entry, target, orders, content);
    return done ? "done" : "failed";
  }

  /**
   * What comes from a basis directory is no data of the transfer. What it replaces rsync does not back up, unless that is
   * of another type: then it is in the way, and goes as everything that is.
   */
  #contextOf({ entry, target, orders }: BasisOrder): ReceiveContext {
    const { receive } = this.#lane;
    this.#receive ??= { ...receive, backups: this.#backups, count: () => undefined };
    const t = orders.target[entry.index] as number;
    if (t < 0 || receive.backups === this.#backups) return this.#receive;
    const wanted = entry.listing.mode[entry.index] as number;
    const isInTheWay = ((wanted ^ (target.mode[t] as number)) & typeMask) !== 0;
    return isInTheWay ? { ...this.#receive, backups: receive.backups } : this.#receive;
  }

  /** Keeps what a basis directory's file, or none because there is one, takes the place of. */
  get #backups(): ReceiveContext["backups"] {
    const { receive, settings } = this.#lane;
    return settings.options.personality === "manifold" ? receive.backups : undefined;
  }

  #openBelow(index: number, path: ByteString): DirHandle | undefined {
    const root = this.#pin(index);
    if (root < 0) return undefined;
    try {
      return this.#lane.fs.openDirectory(root, path, "beneath");
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    }
  }

  #pin(index: number): DirHandle {
    let root = this.#roots[index];
    if (root === undefined) {
      try {
        root = this.#lane.fs.openRoot(
          this.#lane.settings.basisRoots[index] as ByteString,
          "bounded",
        );
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        // Told once, at the start of the run.
        root = -1;
      }
      this.#roots[index] = root;
    }
    return root;
  }

  #forget(): void {
    for (const dir of this.#dirs) if (dir !== undefined) this.#lane.fs.closeDirectory(dir);
    this.#dirs = [];
    this.#path = undefined;
  }
}
