// Looks at the two ends of a local run before it starts: which plan the arguments make, whether
// the target is a directory, has to be made, or is a file's new name.

import { type ByteString, baseName, joinPath, ManifoldError, toText } from "../base/index.ts";
import { type FileSystem, FsError, Stat } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { isDirectory } from "../tree/index.ts";
import type { RootSetting } from "./lane-settings.ts";
import { newDirectoryMode } from "./new-modes.ts";
import { planTransfer, type TransferPlan } from "./transfer-plan.ts";

/** The ends of a run, looked at and made ready. */
export interface Endpoints {
  readonly plan: TransferPlan;
  readonly target: RootSetting;
  /** The target directory exists (always, except in a dry run that would make it). */
  readonly targetExists: boolean;
  /** Set when this run made (or would make) the target directory. */
  readonly created: { readonly path: ByteString; readonly madeByMkpath: number } | undefined;
}

const stat = new Stat();

/** Builds the plan and makes the target directory if it is missing. Throws ManifoldError. */
export function openEndpoints(fs: FileSystem, options: Options, umask: number): Endpoints {
  const plan = planTransfer(options.sources, {
    recurse: options.walk.recurse,
    dirs: options.walk.dirs,
    relative: options.walk.relative,
    impliedDirs: options.walk.impliedDirs,
    deviceOf: options.walk.oneFileSystem > 0 ? (path) => deviceOf(fs, path) : undefined,
  });
  const written = options.target ?? "";
  const path = written.replace(/\/+$/, "") || (written.startsWith("/") ? "/" : ".");
  const found = lookAt(fs, path);
  if (found === "directory")
    return { plan, target: rootOf(path), targetExists: true, created: undefined };
  const single = singleFile(fs, plan);
  if (single !== undefined && (found === "other" || !written.endsWith("/"))) {
    return fileTarget(fs, options, umask, plan, path);
  }
  if (found === "other") {
    throw new ManifoldError(
      "file-select",
      `The target "${toText(path)}" is a file; with several sources, or a directory, it must be a directory`,
    );
  }
  const made = makeTarget(fs, options, umask, path);
  return {
    plan,
    target: rootOf(path),
    targetExists: !options.transfer.dryRun,
    created: { path, madeByMkpath: options.walk.mkpath ? made : 0 },
  };
}

function deviceOf(fs: FileSystem, path: ByteString): { major: number; minor: number } | undefined {
  try {
    const dir = fs.openRoot(path);
    fs.statDirectory(dir, stat);
    fs.closeDirectory(dir);
    return { major: stat.devMajor, minor: stat.devMinor };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

function rootOf(path: ByteString): RootSetting {
  return { path, label: path === "." ? "" : path.endsWith("/") ? path : `${path}/` };
}

function lookAt(fs: FileSystem, path: ByteString): "directory" | "other" | "absent" {
  try {
    fs.closeDirectory(fs.openRoot(path));
    return "directory";
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOTDIR") return "other";
    if (error.code === "ENOENT") return "absent";
    throw new ManifoldError(
      "io-start",
      `Cannot open the target "${toText(path)}": ${error.message}`,
      { cause: error },
    );
  }
}

/** The one named entry, when it is all that the transfer has and not a directory. */
function singleFile(fs: FileSystem, plan: TransferPlan): ByteString | undefined {
  if (plan.self !== undefined || plan.top.named.size !== 1) return undefined;
  const [child] = plan.top.named.values();
  if (child === undefined) return undefined;
  const { entry } = child;
  try {
    const dir = fs.openRoot((plan.roots[entry.root] as RootSetting).path);
    const exists = fs.stat(dir, joinPath(entry.parent, entry.sourceName), stat);
    fs.closeDirectory(dir);
    return exists && !isDirectory(stat.mode) ? entry.name : undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** SRC is a file and DEST is its new name: the target is DEST's parent. */
function fileTarget(
  fs: FileSystem,
  options: Options,
  umask: number,
  plan: TransferPlan,
  path: ByteString,
): Endpoints {
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
  let targetExists = true;
  if (lookAt(fs, parent) !== "directory") {
    makeTarget(fs, options, umask, parent);
    targetExists = !options.transfer.dryRun;
  }
  const [child] = plan.top.named.values();
  if (child === undefined) throw new ManifoldError("usage", "No source was named.");
  const name = baseName(path);
  const entry = { ...child.entry, name, shown: child.entry.name };
  const named = new Map([[name, { entry, node: child.node }]]);
  return {
    plan: { ...plan, top: { contents: [], named } },
    target: rootOf(parent),
    targetExists,
    created: undefined,
  };
}

/** Makes the target directory, its parents too with --mkpath; returns how many that took. */
function makeTarget(fs: FileSystem, options: Options, umask: number, path: ByteString): number {
  if (options.transfer.dryRun) return 0;
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
  let made = 0;
  if (options.walk.mkpath && lookAt(fs, parent) === "absent")
    made = makeTarget(fs, options, umask, parent);
  try {
    const dir = fs.openRoot(parent);
    try {
      fs.makeDirectory(dir, baseName(path), newDirectoryMode(fs, dir, umask));
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError(
      "io-start",
      `Cannot make the target directory "${toText(path)}": ${error.message}`,
      {
        cause: error,
        data: { path: toText(path), errno: error.errno },
      },
    );
  }
  return made + 1;
}
