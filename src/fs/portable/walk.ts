// Following a path one component at a time, each directory on it pinned without following links;
// links are followed by hand where they may be. ".." pops the stack of pinned directories, so it
// can never climb above the start, whatever is renamed meanwhile.

import { lstatSync, readlinkSync } from "node:fs";
import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle, Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { cutPath, pathBytesMax, walkBytesMax } from "../path-limits.ts";
import { perform } from "./perform.ts";
import { entryPath, type Pins } from "./pins.ts";

/** Symlinks followed on one path, as the kernel counts them (path_resolution(7)). */
const linksMax = 40;

/** Throws unless the name is one component that can be an entry: EINVAL, ENOENT for "". */
export function checkName(name: ByteString, operation: string): void {
  if (name === "") throw new FsError(errno.ENOENT, operation, name);
  if (name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
    throw new FsError(errno.EINVAL, operation, name);
  }
}

/** Throws for what no path can be: NUL (EINVAL), more than 4095 bytes (ENAMETOOLONG). */
export function checkPath(path: ByteString, operation: string): void {
  if (path.includes("\0")) throw new FsError(errno.EINVAL, operation, path);
  if (path.length > pathBytesMax) throw new FsError(errno.ENAMETOOLONG, operation, path);
}

/** Pins a directory below another one; FileSystem.openDirectory. */
export function openDirectory(
  pins: Pins,
  dir: DirHandle,
  path: ByteString,
  follow: Follow,
): DirHandle {
  if (path.includes("\0")) throw new FsError(errno.EINVAL, "open", path);
  if (path.length > walkBytesMax) throw new FsError(errno.ENAMETOOLONG, "open", path);
  if (path === "") return pins.pin(pins.self(dir), path, false);
  if (follow !== "none" && follow !== "beneath") return pinPieces(pins, dir, path);
  if (path.startsWith("/")) throw new FsError(errno.EXDEV, "open", path);
  if (path.includes("..") && path.split("/").includes("..")) {
    throw new FsError(errno.EINVAL, "open", path);
  }
  if (follow === "none" && !path.includes("/")) {
    return pins.pin(`${pins.self(dir)}/${path}`, path, true);
  }
  return walk(pins, dir, path, {
    linksMax: follow === "none" ? 0 : linksMax,
    open: (here, name) =>
      name === ""
        ? pins.pin(pins.self(here), path, false)
        : pins.pin(`${pins.self(here)}/${name}`, path, true),
  });
}

/** Pins a directory wherever its path leads, however long that is. */
function pinPieces(pins: Pins, dir: DirHandle, path: ByteString): DirHandle {
  let here = dir;
  for (const piece of cutPath(path)) {
    try {
      const next = pins.pin(
        piece.startsWith("/") ? piece : `${pins.self(here)}/${piece}`,
        path,
        false,
      );
      if (here !== dir) pins.unpin(here);
      here = next;
    } catch (error) {
      if (here !== dir) pins.unpin(here);
      throw error;
    }
  }
  return here;
}

/** Opens what an entry leads to as long as links stay below `dir`; `open` must refuse a link (ELOOP). */
export function openBeneath(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  open: (here: DirHandle, name: ByteString) => number,
): number {
  return walk(pins, dir, name, { linksMax, open });
}

/** What a walk ends in: `open` is called for the last component, "" where that is the directory itself. */
interface Goal {
  readonly linksMax: number;
  readonly open: (here: DirHandle, name: ByteString) => number;
}

interface Walk {
  readonly pins: Pins;
  readonly start: DirHandle;
  readonly path: ByteString;
  readonly goal: Goal;
  /** Pinned directories below the start, the current one last. */
  readonly pinned: DirHandle[];
  /** Components still to go, the next one last. */
  readonly todo: ByteString[];
  links: number;
}

function walk(pins: Pins, start: DirHandle, path: ByteString, goal: Goal): number {
  const todo = path.split("/").reverse();
  const state: Walk = { pins, start, path, goal, pinned: [], todo, links: 0 };
  try {
    for (;;) {
      const opened = advance(state);
      if (opened !== undefined) return opened;
    }
  } finally {
    for (const dir of state.pinned) pins.unpin(dir);
  }
}

/** Takes one component; returns what is open when that was the last. */
function advance(state: Walk): number | undefined {
  const { pins, pinned, todo } = state;
  const component = todo.pop() ?? "";
  const here = pinned.at(-1) ?? state.start;
  const isLast = todo.length === 0;
  if (component === "." || component === "..") checkSearchable(state, here);
  if (component === "..") {
    const left = pinned.pop();
    if (left === undefined) throw new FsError(errno.EXDEV, "open", state.path);
    pins.unpin(left);
    return isLast ? state.goal.open(pinned.at(-1) ?? state.start, "") : undefined;
  }
  const stays = component === "" || component === ".";
  if (stays) return isLast ? state.goal.open(here, "") : undefined;
  try {
    if (isLast) return state.goal.open(here, component);
    const next = pins.pin(`${pins.self(here)}/${component}`, state.path, true);
    // Only links lead up again; without them the directories on the way need not stay pinned.
    if (state.goal.linksMax === 0 && pinned.length > 0) pins.unpin(pinned.pop() as DirHandle);
    pinned.push(next);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    followLink(state, here, component, error);
  }
  return undefined;
}

/** Throws EACCES where the kernel would: no dot leads on from a directory that may not be searched. */
function checkSearchable({ pins, path }: Walk, here: DirHandle): void {
  perform("open", path, () => lstatSync(Buffer.from(`${pins.self(here)}/.`, "latin1")));
}

/** Puts a link's target in front of what is still to go, if a link is why `component` did not open. */
function followLink(state: Walk, here: DirHandle, component: ByteString, reason: FsError): void {
  if (reason.errno !== errno.ENOTDIR && reason.errno !== errno.ELOOP) throw reason;
  const target = linkTarget(entryPath(state.pins, here, component));
  if (target === undefined) throw reason;
  if (++state.links > state.goal.linksMax) throw new FsError(errno.ELOOP, "open", state.path);
  if (target.startsWith("/")) throw new FsError(errno.EXDEV, "open", state.path);
  state.todo.push(...target.split("/").reverse());
}

function linkTarget(path: Buffer): ByteString | undefined {
  try {
    return readlinkSync(path, { encoding: "latin1" });
  } catch {
    return undefined; // Not a link, or gone: the first error counts.
  }
}
