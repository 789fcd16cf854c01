// From settings to how files are written, and to what is kept of old and unfinished ones. The
// options here exclude or imply one another; messages and the order of checks are rsync's.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { BackupOptions, PartialOptions, TransferOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { resolveChecksums, resolveCompress } from "../values/algorithms.ts";
import { cleanPath } from "../values/clean-path.ts";

/** The longest path that system calls take. */
const maxPath = 4096;
/** Where --delay-updates keeps files unless --partial-dir says otherwise. */
const delayedDir = ".~tmp~";

function usage(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}

/** Returns the sub-record; throws usage errors for what cannot be combined. */
export function resolveTransfer(settings: Settings): TransferOptions {
  const checksumChoice = resolveChecksums(settings.checksumChoice);
  if (settings.checksum && checksumChoice?.[1] === "none") {
    throw new ManifoldError("unsupported", "Invalid checksum-choice for --checksum: none (0)");
  }
  const compress = resolveCompress(settings);
  const tempDir = settings.tempDir;
  if (tempDir !== undefined && tempDir.length >= maxPath - 10) {
    throw usage("the --temp-dir path is WAY too long.");
  }
  return {
    dryRun: settings.dryRun,
    // Without a checksum nothing could tell whether a rebuilt file is right.
    wholeFile: checksumChoice?.[0] === "none" ? true : settings.wholeFile,
    inplace: settings.inplace || settings.append !== "no" || settings.writeDevices,
    append: settings.append,
    sparse: settings.sparse,
    preallocate: settings.preallocate,
    blockSize: settings.blockSize === 0 ? undefined : settings.blockSize,
    fuzzy: settings.fuzzy > 1 ? 2 : (settings.fuzzy as 0 | 1),
    delayUpdates: settings.delayUpdates,
    tempDir: tempDir === "" ? undefined : tempDir,
    fsync: settings.fsync,
    removeSourceFiles: settings.removeSourceFiles,
    writeDevices: settings.writeDevices,
    copyDevices: settings.copyDevices,
    openNoatime: settings.openNoatime,
    checksumChoice,
    checksumSeed: settings.checksumSeed,
    compress,
  };
}

/** Throws when --append meets --whole-file; separate because rsync looks at backups first. */
export function checkAppend({ append, wholeFile }: TransferOptions): void {
  if (append !== "no" && wholeFile === true) {
    throw usage("--append cannot be used with --whole-file");
  }
}

/** Returns what is kept of replaced files; throws for suffixes that cannot work. */
export function resolveBackup(settings: Settings): BackupOptions {
  const asked = settings.backupDir;
  const suffix = settings.suffix ?? (asked === undefined ? "~" : "");
  if (suffix.includes("/")) throw usage(`--suffix cannot contain slashes: ${suffix}`);
  const dir = asked === undefined ? undefined : backupDirectory(asked);
  if (dir === undefined && suffix === "") {
    const where =
      asked === undefined
        ? "without a --backup-dir"
        : "when --backup-dir is the same as the dest dir";
    throw usage(`--suffix cannot be empty ${where}`);
  }
  return { on: settings.backup || asked !== undefined, dir, suffix };
}

/** Returns the directory without "./" and trailing slash; undefined when that is the target. */
function backupDirectory(written: ByteString): ByteString | undefined {
  const dir = written.replace(/^(?:\.\/)+/, "").replace(/^\.$/, "");
  if (dir.length > maxPath - 128) throw usage("the --backup-dir path is WAY too long.");
  if (dir === "") return undefined;
  return dir.length > 1 ? dir.replace(/\/$/, "") : dir;
}

/** Returns what is kept of interrupted files. `fallbackDir` is $RSYNC_PARTIAL_DIR. */
export function resolvePartial(
  settings: Settings,
  { inplace }: TransferOptions,
  fallbackDir: ByteString | undefined,
): PartialOptions {
  const asked = settings.partialDir ?? (settings.delayUpdates ? delayedDir : undefined);
  if (inplace) {
    if (asked === undefined) return { keep: false, isRefused: true, dir: undefined };
    const one = settings.append === "no" ? "inplace" : "append";
    const other = settings.delayUpdates ? "delay-updates" : "partial-dir";
    throw usage(`--${one} cannot be used with --${other}`);
  }
  const isWanted = settings.partial === true;
  const dir = asked ?? (isWanted ? fallbackDir || undefined : undefined);
  if (dir === undefined) return { keep: isWanted, isRefused: settings.partial === false, dir };
  const cleaned = dir === "" ? "." : cleanPath(dir);
  return { keep: true, isRefused: false, dir: cleaned === "." ? undefined : cleaned };
}
