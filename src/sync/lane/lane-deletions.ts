// Deleting in one lane: what may go, what stays, how it is counted and told; and making way for
// entries of another type. The removal itself is the receiver's (pipeline/receive/remove.ts).

import { type ByteString, fromBytes, joinPath, toBytes } from "../../base/index.ts";
import { type DirHandle, Stat } from "../../fs/index.ts";
import {
  type DoomedEntry,
  type RemovalPolicy,
  removeEntry,
  type TargetPlace,
} from "../../pipeline/index.ts";
import { type CounterName, isDevice, isDirectory, isRegular, isSymlink } from "../../tree/index.ts";
import { control } from "../plan/lane-settings.ts";
import { isOneOf, liesBelow } from "../plan/sources-inside.ts";
import { type Extras, extraEntry } from "../tasks/extras.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneMoves } from "./lane-moves.ts";

const stat = new Stat();

/** A file system, by its device number. */
type Device = NonNullable<RemovalPolicy["device"]>;

/** A lane whose old contents may be wanted. */
type DeletingLane = LaneCore & { readonly moves: LaneMoves | undefined };

type Protects = ReturnType<RemovalPolicy["protects"]>;

/** Carries out the deletions that a lane is given. */
export class LaneDeletions {
  readonly #lane: DeletingLane;
  readonly #control: Int32Array;
  /** Devices of the directories that arguments named, by path: --one-file-system. */
  readonly #topDevices = new Map<ByteString, Device>();
  readonly #spares: RemovalPolicy["spares"];
  #freshFilters = false;
  /** Paths that stay: their content was to go on under other names, and does not. */
  withheld: ReadonlySet<ByteString> = new Set();

  constructor(lane: DeletingLane) {
    this.#lane = lane;
    this.#control = new Int32Array(lane.settings.control);
    const { sourcesInside } = lane.settings;
    if (sourcesInside.length > 0) {
      this.#spares = (dir, path) => {
        if (!isOneOf(lane.fs, dir, sourcesInside)) return false;
        lane.note("del", 0, `not deleting ${path}: the source is read from it`);
        return true;
      };
    }
  }

  /**
   * Says whether deletions go on: not once a source directory could not be listed (promise P6), unless the user
   * insists. Tells so, once in a run.
   */
  get allowed(): boolean {
    const lane = this.#lane;
    if (!lane.sourceIncomplete || lane.settings.options.delete.ignoreErrors) return true;
    if (Atomics.exchange(this.#control, control.stopTold, 1) === 0) {
      lane.note("del", 0, "IO error encountered -- skipping file deletion");
    }
    return false;
  }

  /** The file system that may be deleted on in the open directory; undefined = any. */
  deviceOf(dir: DirHandle): Device | undefined {
    const { fs, settings } = this.#lane;
    if (settings.options.walk.oneFileSystem === 0) return undefined;
    fs.statDirectory(dir, stat);
    return { major: stat.devMajor, minor: stat.devMinor };
  }

  /** Says whether the directory lies on the file system of `top`, the named directory above it. */
  isOnDeviceOf(top: ByteString, device: Device | undefined): boolean {
    if (device === undefined) return true;
    let wanted = this.#topDevices.get(top);
    if (wanted === undefined) {
      const { fs } = this.#lane;
      const dir = this.#lane.openTargetDirectory(top);
      try {
        wanted = this.deviceOf(dir) ?? device;
      } finally {
        fs.closeDirectory(dir);
      }
      this.#topDevices.set(top, wanted);
    }
    return wanted.major === device.major && wanted.minor === device.minor;
  }

  /** Removes extra entries `from` up to `to` of the open directory, last first; true when any went. */
  remove(place: TargetPlace, extras: Extras, from: number, to: number): boolean {
    const lane = this.#lane;
    const policy = this.policy(this.deviceOf(place.dir));
    let touched = false;
    for (let i = to - 1; i >= from; i--) {
      lane.checkCancelled();
      const extra = extraEntry(extras, i);
      if (this.withheld.size > 0 && this.#isWithheld(joinPath(place.path, extra.name))) continue;
      const removal = removeEntry(lane.receive, policy, place, extra);
      // Some of a directory's contents may be gone even when it stays, but that does not change its parent.
      if (removal === "removed") touched = true;
    }
    return touched;
  }

  /**
   * The same for --delete-after: rule files that this run brought are obeyed, so every entry is asked about again.
   */
  removeUnprotected(place: TargetPlace, extras: Extras, from: number, to: number): boolean {
    const { filters } = this.#lane;
    if (filters === undefined) return this.remove(place, extras, from, to);
    if (!this.#freshFilters) filters.forget();
    this.#freshFilters = true;
    const protects = filters.protects(place.path, false);
    if (!filters.mayDelete(place.path)) return false;
    let touched = false;
    for (let i = to - 1; i >= from; i--) {
      const { name, mode } = extraEntry(extras, i);
      const bytes = toBytes(name);
      if (protects?.(bytes, 0, bytes.length, isDirectory(mode))) continue;
      if (this.remove(place, extras, i, i + 1)) touched = true;
    }
    return touched;
  }

  /**
   * Removes what missing source arguments would have become (--delete-missing-args); a directory with contents only
   * where deletions are allowed at all. True when anything went.
   */
  removeAbsent(place: TargetPlace, names: readonly ByteString[]): boolean {
    const lane = this.#lane;
    const protects = lane.filters?.protects(place.path, false);
    const policy = this.policy(undefined);
    const reason = { makesWay: false, recursive: lane.receive.options.force };
    let touched = false;
    for (const name of names) {
      if (!lane.fs.stat(place.dir, name, stat)) continue;
      const { mode, uid } = stat;
      const bytes = toBytes(name);
      if (protects?.(bytes, 0, bytes.length, isDirectory(mode))) continue;
      const { superUser, euid } = lane.receive.options;
      const locked = !superUser && (mode & 0o200) === 0 && uid === euid;
      const removal = removeEntry(lane.receive, policy, place, { name, mode, locked }, reason);
      if (removal === "removed") touched = true;
    }
    return touched;
  }

  /** Says whether the directory belongs to the source: nothing in it is deleted for its own sake. */
  isSource(dir: DirHandle): boolean {
    const { settings, fs } = this.#lane;
    const { sourcesInside } = settings;
    return sourcesInside.length > 0 && liesBelow(fs, dir, sourcesInside);
  }

  /** Removes what stands where an entry of mode `wanted` is to go; false after reporting that it must stay. */
  makeWay(place: TargetPlace, doomed: DoomedEntry, wanted: number): boolean {
    const lane = this.#lane;
    const recursive = lane.receive.options.force;
    const reason = { makesWay: true, recursive };
    const policy = this.policy(this.deviceOf(place.dir));
    if (removeEntry(lane.receive, policy, place, doomed, reason) === "removed") return true;
    this.tellStays(place, doomed, wanted);
    if (isDirectory(wanted)) {
      const path = joinPath(place.path, doomed.name);
      const message = "*** Skipping any contents from this failed directory ***";
      const event = { type: "problem", path, role: "target", operation: "note", errno: 0 } as const;
      lane.events.push({ ...event, message, exit: 23 });
    }
    return false;
  }

  /** Reports that what stands where an entry of mode `wanted` is to go must stay. */
  tellStays(place: TargetPlace, doomed: DoomedEntry, wanted: number): void {
    const path = joinPath(place.path, doomed.name);
    const { receive, settings } = this.#lane;
    const type = typeWord(wanted);
    if (settings.options.personality === "manifold-rsync") {
      receive.problem(path, "note", 0, `could not make way for new ${type}: ${path}`);
      return;
    }
    const isFull = isDirectory(doomed.mode) && !receive.options.force;
    const why = isFull
      ? ": it is a directory that holds something, which takes --force or --delete"
      : "";
    const label = `${settings.target?.label ?? ""}${path}`;
    receive.problem(path, "note", 0, `cannot replace "${label}" by a new ${type}${why}`);
  }

  /** Decides about deletions and reports them. */
  policy(device: Device | undefined): RemovalPolicy {
    const lane = this.#lane;
    const exact = lane.settings.options.personality === "manifold-rsync";
    return {
      device,
      // rsync adds no more than it needs to delete an own directory's entries if it can read it.
      unlockBits: exact ? 0o200 : 0o700,
      protects: (path) => this.#keeping(path, lane.filters?.protects(path, true)),
      takeDeletion: () => this.takeDeletion(),
      returnDeletion: () => this.returnDeletion(),
      spares: this.#spares,
      removed: (path, mode) => {
        lane.count(deletedCounter(mode));
        if (lane.settings.items !== "none") lane.events.push({ type: "delete", path, mode });
      },
      notEmpty: (path, again) => {
        if (!again || exact) lane.note("del", 0, `cannot delete non-empty directory: ${path}`);
      },
      mounted: (path) => lane.note("debug:del", 1, `mount point, ${path}, pins parent directory`),
      backup: (place, name) => this.#backUp(place, name),
      holds: lane.moves?.isOpen === true,
      staysBeside: (name, mode) => {
        const { backups } = lane.receive;
        return backups?.beside === true && !isDirectory(mode) && !backups.isBackup(name);
      },
    };
  }

  /** What filters protect, and what is withheld. */
  #keeping(path: ByteString, protects: Protects): Protects {
    if (this.withheld.size === 0) return protects;
    return (names, start, end, isDirectory) =>
      protects?.(names, start, end, isDirectory) === true ||
      this.#isWithheld(joinPath(path, fromBytes(names, start, end)));
  }

  #isWithheld(path: ByteString): boolean {
    if (!this.withheld.has(path)) return false;
    this.#lane.note("del", 0, `not deleting ${path}: what it was to become is not there`);
    return true;
  }

  #backUp(place: TargetPlace, name: ByteString): "moved" | "left" | "failed" {
    const { receive } = this.#lane;
    if (receive.backups === undefined || receive.backups.isBackup(name)) return "left";
    const outcome = receive.backups.keep(receive, place, name, true);
    return outcome === "none" ? "left" : outcome;
  }

  /** Takes one of what --max-delete leaves; false, and one more refused, when nothing is left. */
  takeDeletion(): boolean {
    if (this.#lane.settings.options.delete.max === undefined) return true;
    for (;;) {
      const left = Atomics.load(this.#control, control.deletionsLeft);
      if (left <= 0) {
        Atomics.add(this.#control, control.deletionsSkipped, 1);
        return false;
      }
      const seen = Atomics.compareExchange(this.#control, control.deletionsLeft, left, left - 1);
      if (seen === left) return true;
    }
  }

  /** Gives it back. */
  returnDeletion(): void {
    if (this.#lane.settings.options.delete.max === undefined) return;
    Atomics.add(this.#control, control.deletionsLeft, 1);
  }
}

/** The counter of a deleted entry of this mode. */
export function deletedCounter(mode: number): CounterName {
  if (isRegular(mode)) return "deletedRegular";
  if (isDirectory(mode)) return "deletedDirectories";
  if (isSymlink(mode)) return "deletedSymlinks";
  return isDevice(mode) ? "deletedDevices" : "deletedSpecials";
}

/** rsync's word for what a type is. */
function typeWord(mode: number): string {
  if (isRegular(mode)) return "regular file";
  if (isDirectory(mode)) return "directory";
  if (isSymlink(mode)) return "symlink";
  return isDevice(mode) ? "device file" : "special file";
}
