// Directories that something else takes the place of (promise P6): where the staging directory can
// have them they change places with their successor in one step, and go with the deletions.

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import {
  type DoomedEntry,
  type PlacedDirectory,
  type RemovalPolicy,
  removeDisplaced,
  removeEntry,
  type Staged,
  type TargetPlace,
} from "../../pipeline/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { DisplacedDirectory } from "../tasks/tasks.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneDeletions } from "./lane-deletions.ts";

/** A lane that can delete. */
type DeletingLane = LaneCore & { readonly deletions: LaneDeletions };

/** The displaced directories of one lane. */
export class LaneDisplaced {
  readonly #lane: DeletingLane;
  #displaced: DisplacedDirectory[] = [];
  /** The one that is being removed. */
  #going: PlacedDirectory | undefined;

  constructor(lane: DeletingLane) {
    this.#lane = lane;
  }

  /** Says whether a directory and something else can change places in this run at all. */
  get isPossible(): boolean {
    const { settings, receive, fs } = this.#lane;
    const { dryRun, content } = receive.options;
    // A dry run has no staging directory, and tells what a run that has one would do.
    const stages = dryRun
      ? settings.options.personality === "manifold"
      : settings.job !== undefined;
    return stages && fs.abilities.renameFlags && !content.inPlace;
  }

  /**
   * Says whether a directory that an entry of mode `wanted` is to replace can change places with it; "no" = it has to
   * be removed first, "stays" was reported.
   */
  judge(place: TargetPlace, doomed: DoomedEntry, wanted: number): "yes" | "no" | "stays" {
    const { receive, settings, filters, deletions } = this.#lane;
    if (!isDirectory(doomed.mode)) return "no";
    if (deletions.isSource(place.dir)) {
      const path = joinPath(place.path, doomed.name);
      this.#lane.note("del", 0, `not replacing ${path}: the source is read from it`);
      return this.#stays(place, doomed, wanted);
    }
    // To move a directory its owner must be able to write it.
    if (!this.isPossible || !receive.options.force || doomed.locked) return "no";
    const device = deletions.deviceOf(place.dir);
    const isAsked =
      filters !== undefined ||
      device !== undefined ||
      receive.backups?.beside === true ||
      settings.sourcesInside.length > 0 ||
      settings.options.delete.max !== undefined;
    if (!isAsked || this.#couldGo(place, doomed, deletions.policy(device))) return "yes";
    return this.#stays(place, doomed, wanted);
  }

  #stays(place: TargetPlace, doomed: DoomedEntry, wanted: number): "stays" {
    this.#lane.deletions.tellStays(place, doomed, wanted);
    return "stays";
  }

  /** Takes a directory that changed places with `staged`; as ReceiveContext.displaced. */
  note(place: TargetPlace, name: ByteString, staged: Staged): void {
    const path = joinPath(place.path, name);
    const { mount, name: stagedName } = this.#findable(
      place,
      name,
      this.#intoStaging(place, staged),
    );
    this.#displaced.push({ path, mount, stagedName });
  }

  /** Remembers in a dry run what note() would be told. */
  noteDry(place: TargetPlace, name: ByteString): void {
    const path = joinPath(place.path, name);
    this.#displaced.push({ path, mount: "", stagedName: undefined });
  }

  /** Gives it the name under which those find it who look for renamed files. */
  #findable(place: TargetPlace, name: ByteString, staged: Staged): Staged {
    const { fs, receive } = this.#lane;
    if (receive.held === undefined) return staged;
    const held = { ...staged, name: receive.held.nameOf(place.path, name) };
    fs.rename(staged.dir, staged.name, held.dir, held.name);
    return held;
  }

  /** What an unfinished file, or one in --temp-dir, changed places with has to go where the run cleans up. */
  #intoStaging(place: TargetPlace, staged: Staged): Staged {
    const { fs, receive } = this.#lane;
    if (staged.dir === receive.staging.open(staged.mount)) return staged;
    const near = receive.staging.near(place, staged.name);
    fs.rename(staged.dir, staged.name, near.dir, near.name);
    return near;
  }

  /** Returns the directories that changed places since it was asked last. */
  take(): readonly DisplacedDirectory[] {
    const displaced = this.#displaced;
    if (displaced.length > 0) this.#displaced = [];
    return displaced;
  }

  /** Removes one of them. What --max-delete allows was taken when it was judged. */
  remove({ path, mount, stagedName }: DisplacedDirectory): void {
    if (stagedName !== undefined) {
      this.#remove({ parent: this.#lane.receive.staging.open(mount), name: stagedName, path });
      return;
    }
    const parent = this.#lane.openTargetDirectory(parentPath(path));
    try {
      this.#remove({ parent, name: baseName(path), path });
    } finally {
      this.#lane.fs.closeDirectory(parent);
    }
  }

  #remove(directory: PlacedDirectory): void {
    const { receive, deletions } = this.#lane;
    const policy = {
      ...deletions.policy(undefined),
      takeDeletion: () => true,
      returnDeletion: () => undefined,
    };
    this.#going = directory;
    try {
      removeDisplaced(receive, policy, directory);
    } finally {
      this.#going = undefined;
    }
  }

  /**
   * Opens a directory by the path that it had on the target, when it is the displaced one that is being removed or
   * lies in that; undefined = it does not. Throws FsError.
   */
  open(path: ByteString): DirHandle | undefined {
    if (this.#going === undefined) return undefined;
    const { parent, name, path: top } = this.#going;
    if (path !== top && !path.startsWith(`${top}/`)) return undefined;
    return this.#lane.fs.openDirectory(parent, name + path.slice(top.length));
  }

  /**
   * Says whether the directory would go with everything below; changes and tells nothing, but takes the deletions
   * that this will be from --max-delete.
   */
  #couldGo(place: TargetPlace, doomed: DoomedEntry, policy: RemovalPolicy): boolean {
    const { receive } = this.#lane;
    const silent = { problem: () => undefined, note: () => undefined };
    const context = { ...receive, ...silent, options: { ...receive.options, dryRun: true } };
    let taken = 0;
    const counting = {
      ...policy,
      takeDeletion: () => {
        const isTaken = policy.takeDeletion();
        if (isTaken) taken++;
        return isTaken;
      },
      returnDeletion: () => {
        policy.returnDeletion();
        taken--;
      },
      removed: () => undefined,
      notEmpty: () => undefined,
      mounted: () => undefined,
      backup: () => "left" as const,
    };
    const reason = { makesWay: true, recursive: true };
    if (removeEntry(context, counting, place, doomed, reason) === "removed") return true;
    for (; taken > 0; taken--) policy.returnDeletion();
    return false;
  }
}
