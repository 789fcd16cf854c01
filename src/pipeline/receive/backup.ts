// Keeps what is about to be replaced or deleted: beside it under a suffix, or in a backup
// directory that mirrors the target. A hard link is tried first, since it leaves the name in place
// until its new content takes it (promise P1); what goes anyway is moved; where neither works,
// across file systems, a copy is made. A backup that fails leaves the original as it is.

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import {
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
  isUnsafeSymlink,
} from "../../tree/index.ts";
import type { BackupDirectories, BackupPlace } from "./backup-directories.ts";
import type { BackupKeeper, BackupOutcome, ReceiveContext } from "./context.ts";
import { copyEntry } from "./copy-entry.ts";
import type { TargetPlace } from "./target-place.ts";
import { temporaryName, unlinkIfThere } from "./temporary-name.ts";

const stat = new Stat();
const standing = new Stat();

/** Which entries are kept, and how. */
export interface BackupRules {
  /** Added to the name; "" only with a directory. */
  readonly suffix: ByteString;
  readonly links: boolean;
  readonly devices: boolean;
  readonly specials: boolean;
  /** Symlinks that lead out of the tree are not kept. */
  readonly safeLinks: boolean;
  /** Where a hard link cannot be made, move files away although their names are free for a moment, as rsync does. */
  readonly movesFiles: boolean;
}

/** Makes backups. One per lane. */
export class Backups implements BackupKeeper {
  readonly #rules: BackupRules;
  readonly #directories: BackupDirectories;

  constructor(rules: BackupRules, directories: BackupDirectories) {
    this.#rules = rules;
    this.#directories = directories;
  }

  /** Says whether a name is a backup itself: it stands beside its original. Such are not kept when they are deleted. */
  isBackup(name: ByteString): boolean {
    const { suffix } = this.#rules;
    return this.#directories.beside && name.length > suffix.length && name.endsWith(suffix);
  }

  /** Backups stand beside their originals. */
  get beside(): boolean {
    return this.#directories.beside;
  }

  /**
   * Keeps the non-directory `name` of `place`. `goes`: it is about to be deleted, so that moving it is best. A dry run
   * only tells it.
   */
  keep(
    context: ReceiveContext,
    place: TargetPlace,
    name: ByteString,
    goes: boolean,
  ): BackupOutcome {
    const path = joinPath(place.path, name);
    try {
      if (!context.fs.stat(place.dir, name, stat) || isDirectory(stat.mode)) return "none";
      const to = context.options.dryRun ? undefined : this.#place(place, name);
      const isKept = !this.#isUnsafe(context, place, name, path);
      if (to === undefined || !isKept) return this.#told(context, path, "left");
      const outcome = goes
        ? this.#move(context, place, name, path, to)
        : this.#link(context, place, name, path, to);
      if (outcome === "none" || outcome === "failed") return outcome;
      return this.#told(context, path, outcome);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      context.problem(path, "backup", error.errno);
      return "failed";
    }
  }

  /** Copies a file that is about to be written in place; false when that failed, which was reported. */
  copy(context: ReceiveContext, place: TargetPlace, name: ByteString): boolean {
    const path = joinPath(place.path, name);
    try {
      if (!context.fs.stat(place.dir, name, stat)) return true;
      const to = this.#place(place, name);
      this.#clear(context, to);
      copyEntry(context, { dir: place.dir, name, stat }, to, this.#directories.xattrsOf);
      this.#told(context, path, "left");
      return true;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      context.problem(path, "backup", error.errno);
      return false;
    }
  }

  /** Closes what it pinned. */
  close(): void {
    this.#directories.close();
  }

  #place(place: TargetPlace, name: ByteString): BackupPlace {
    return { dir: this.#directories.open(place), name: name + this.#rules.suffix };
  }

  #told(context: ReceiveContext, path: ByteString, outcome: "moved" | "left"): BackupOutcome {
    const { label } = this.#directories;
    context.note("backup", 1, `backed up ${path} to ${label}${path}${this.#rules.suffix}`);
    return outcome;
  }

  #isUnsafe(
    context: ReceiveContext,
    place: TargetPlace,
    name: ByteString,
    path: ByteString,
  ): boolean {
    const { links, safeLinks } = this.#rules;
    if (!links || !safeLinks || !isSymlink(stat.mode)) return false;
    const target = context.fs.readLink(place.dir, name);
    if (!isUnsafeSymlink(target, path)) return false;
    context.note("symsafe", 1, `not backing up unsafe symlink "${path}" -> "${target}"`);
    return true;
  }

  /** Moves the entry, or copies it where it cannot be moved. */
  #move(
    context: ReceiveContext,
    place: TargetPlace,
    name: ByteString,
    path: ByteString,
    to: BackupPlace,
  ): BackupOutcome {
    const { fs } = context;
    this.#clear(context, to);
    try {
      fs.rename(place.dir, name, to.dir, to.name);
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EXDEV") throw error;
      return this.#copy(context, place, name, path, to);
    }
    // Renaming one of two hard links onto the other does nothing.
    if (stat.nlink > 1) unlinkIfThere(fs, place.dir, name);
    context.note("debug:backup", 1, `make_backup: RENAME ${path} successful.`);
    return "moved";
  }

  /** Links the entry, or else moves a file (where the rules say so), or else copies it. */
  #link(
    context: ReceiveContext,
    place: TargetPlace,
    name: ByteString,
    path: ByteString,
    to: BackupPlace,
  ): BackupOutcome {
    this.#clear(context, to);
    try {
      linkOver(context, place, name, to);
      context.note("debug:backup", 1, `make_backup: HLINK ${path} successful.`);
      return "left";
    } catch (error) {
      if (!(error instanceof FsError) || !cannotLink.has(error.code)) throw error;
      const moves = this.#rules.movesFiles && isRegular(stat.mode) && error.code !== "EXDEV";
      if (moves) return this.#move(context, place, name, path, to);
      return this.#copy(context, place, name, path, to);
    }
  }

  #copy(
    context: ReceiveContext,
    place: TargetPlace,
    name: ByteString,
    path: ByteString,
    to: BackupPlace,
  ): BackupOutcome {
    const { mode } = stat;
    const { links, devices, specials } = this.#rules;
    const wanted =
      isRegular(mode) ||
      (isSymlink(mode) && links) ||
      (isDevice(mode) && devices && context.options.superUser) ||
      (isSpecial(mode) && specials);
    if (!wanted) {
      context.note("nonreg", 1, `make_bak: skipping non-regular file ${path}`);
      return "none";
    }
    copyEntry(context, { dir: place.dir, name, stat }, to, this.#directories.xattrsOf);
    const how = isRegular(mode) ? "COPY" : isSymlink(mode) ? "SYMLINK" : "DEVICE";
    context.note("debug:backup", 1, `make_backup: ${how} ${path} successful.`);
    return "left";
  }

  /** Removes a directory that stands where the backup is to go; anything else is replaced when it comes. */
  #clear(context: ReceiveContext, to: BackupPlace): void {
    if (!context.fs.stat(to.dir, to.name, standing) || !isDirectory(standing.mode)) return;
    this.#directories.clear({ dir: to.dir, path: this.#directories.label }, to.name, standing.mode);
  }
}

const cannotLink = new Set(["EXDEV", "EPERM", "EMLINK", "EOPNOTSUPP", "ENOSYS", "EACCES"]);

/** Links an entry to a name, in the place of what stands there. */
function linkOver(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  to: BackupPlace,
): void {
  const { fs } = context;
  try {
    fs.link(place.dir, name, to.dir, to.name);
    return;
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  }
  const temporary = temporaryName(to.name);
  unlinkIfThere(fs, to.dir, temporary);
  fs.link(place.dir, name, to.dir, temporary);
  fs.rename(to.dir, temporary, to.dir, to.name);
  unlinkIfThere(fs, to.dir, temporary);
}
