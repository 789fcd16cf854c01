// A lane's directories that are filled apart (pipeline's directory-apart): which may be, and their
// way from staging to their names.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import { bringIn, makeApart, mountPoint, phantom, type TargetPlace } from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import type { LaneContext } from "./lane-context.ts";

const stat = new Stat();
const rootStat = new Stat();

/**
 * Says whether new subdirectories of the surveyed directory may be filled apart: the run stages in manifold's own
 * directory on the same file system, fills what it makes in surveys, and needs nothing of it before it has its name.
 */
export function fillsApart(lane: LaneContext, task: SurveyTask, dir: DirHandle): boolean {
  const { settings, fs, receive } = lane;
  if (lane.arrivals !== undefined && settings.takesAhead !== true) return false;
  // Where names are hidden, nothing gets a name with something in it that nobody has asked about.
  if (settings.confinement?.rules !== undefined) return false;
  // What waits until all of the target has been seen comes later, and it is most of what there is.
  if (lane.moves !== undefined && !lane.moves.memory.isEmpty) return false;
  const { options } = settings;
  const { content, fakeSuper } = receive.options;
  const isPlain =
    content.plain && !fakeSuper && !receive.options.dryRun && fs.abilities.renameFlags;
  const isWhole = options.walk.recurse && task.origins.length === 1 && task.named.length === 0;
  // A source is not removed before its copy has its name.
  // What is flushed file by file, or many at once, gets its names likewise.
  if (settings.options.own.durable !== "none") return false;
  if (!isPlain || !isWhole || !lane.isFused || lane.settles.sources) return false;
  if (lane.basis !== undefined || lane.fuzzy !== undefined) return false;
  if (receive.staging.directory === undefined) return false;
  if (task.apart !== undefined) return true;
  fs.statDirectory(dir, stat);
  fs.statDirectory(lane.targetRoot, rootStat);
  return stat.devMajor === rootStat.devMajor && stat.devMinor === rootStat.devMinor;
}

/** Makes subdirectory `i` of the lane's source in staging; returns its name there, undefined = not this one. */
export function makeSubdirectoryApart(
  lane: LaneContext,
  place: TargetPlace,
  i: number,
): ByteString | undefined {
  const { source } = lane;
  // Nor an implied parent, which is taken as the target has it: nobody looks for that in staging.
  if (((source.verdict[i] as number) & (mountPoint | phantom)) !== 0) return undefined;
  const name = source.name(i);
  return makeApart(lane.receive, place, { listing: source, index: i, name })?.name;
}

/** Opens a directory, `path` on the target, that was made in staging; undefined = it is gone, which was reported. */
export function openApart(
  lane: LaneContext,
  name: ByteString,
  path: ByteString,
): DirHandle | undefined {
  try {
    return lane.fs.openDirectory(lane.receive.staging.open(""), name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(path, "opendir", error.errno);
    return undefined;
  }
}

/** Gives a filled directory its name; false = it could not be, which was reported. */
export function bringDirectoryIn(
  lane: LaneContext,
  apart: ByteString,
  inside: TargetPlace,
  filled: { readonly source: Directory; readonly to: number },
): boolean {
  const { path } = inside;
  const slash = path.lastIndexOf("/");
  const parentPath = path.slice(0, Math.max(slash, 0));
  const name = path.slice(slash + 1);
  const staged = { dir: lane.receive.staging.open(""), name: apart, mount: "" };
  try {
    const dir = lane.openTargetDirectory(parentPath);
    try {
      bringIn(lane.receive, { staged, inside, ...filled }, { dir, path: parentPath }, name);
      return true;
    } finally {
      lane.fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    lane.receive.problem(joinPath(parentPath, name), error.operation, error.errno);
    return false;
  }
}
