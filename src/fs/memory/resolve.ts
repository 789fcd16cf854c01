// Following a path from a directory, with the interface's three ways to treat symbolic links.

import { type ByteString, errno } from "../../base/index.ts";
import { isDirectory, isSymlink } from "../../tree/index.ts";
import type { Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { walkBytesMax } from "../path-limits.ts";
import type { Inode } from "./inode.ts";
import { checkSearch } from "./names.ts";
import { checkAccess, mayEnter } from "./permission.ts";
import type { MemoryState } from "./state.ts";

/** Symlinks followed on one path, as the kernel counts them (path_resolution(7)). */
const linksMax = 40;

/** How to follow a path. */
export interface Route {
  readonly path: ByteString;
  readonly follow: Follow;
  readonly operation: string;
}

/** Returns what the path leads to; throws ENOENT, ENOTDIR, ELOOP, EXDEV, EACCES. */
export function resolve(state: MemoryState, start: Inode, route: Route): Inode {
  const { path, follow, operation } = route;
  if (path.length > walkBytesMax) throw new FsError(errno.ENAMETOOLONG, operation, path);
  if (path.includes("\0")) throw new FsError(errno.EINVAL, operation, path);
  if (path.startsWith("/") && !leads(follow)) throw new FsError(errno.EXDEV, operation, path);
  const walk: Walk = { state, route, above: [], here: start, todo: [], links: 0 };
  enqueue(walk, path);
  for (let component = walk.todo.pop(); component !== undefined; component = walk.todo.pop()) {
    step(walk, component);
  }
  return walk.here;
}

/** Links may lead anywhere. */
function leads(follow: Follow): boolean {
  return follow !== "none" && follow !== "beneath";
}

interface Walk {
  readonly state: MemoryState;
  readonly route: Route;
  /** The directories entered below the start, outermost first: where ".." may go back to. */
  readonly above: Inode[];
  here: Inode;
  /** Components to go, the next one last. */
  readonly todo: ByteString[];
  links: number;
}

function enqueue(walk: Walk, path: ByteString): void {
  if (path.startsWith("/")) walk.here = walk.state.root;
  const components = path.split("/");
  // A slash at the end asks for a directory.
  if (components.length > 1 && components.at(-1) === "") components[components.length - 1] = ".";
  for (let i = components.length - 1; i >= 0; i--) {
    const component = components[i] as ByteString;
    if (component !== "") walk.todo.push(component);
  }
}

function step(walk: Walk, component: ByteString): void {
  const { state, route, here } = walk;
  const act = { operation: route.operation, name: route.path };
  if (!isDirectory(here.mode)) throw new FsError(errno.ENOTDIR, route.operation, route.path);
  checkAccess(state, here, mayEnter, act);
  if (component === ".") return;
  if (component === "..") {
    climb(walk);
    return;
  }
  checkSearch(state, here, component, route.operation);
  const next = state.child(here, component);
  if (next === undefined) throw new FsError(errno.ENOENT, route.operation, route.path);
  if (!isSymlink(next.mode)) {
    walk.above.push(here);
    walk.here = next;
    return;
  }
  const limit = route.follow === "none" ? 0 : linksMax;
  if (++walk.links > limit) throw new FsError(errno.ELOOP, route.operation, route.path);
  const isTrusted = next.uid === 0 || next.uid === state.user.uid;
  if (!isTrusted && (route.follow === "trusted" || route.follow === "bounded")) {
    throw new FsError(errno.ELOOP, route.operation, route.path);
  }
  if (next.target.startsWith("/") && !leads(route.follow)) {
    throw new FsError(errno.EXDEV, route.operation, route.path);
  }
  enqueue(walk, next.target);
}

function climb(walk: Walk): void {
  const { route } = walk;
  if (leads(route.follow)) {
    walk.here = walk.here.parent ?? walk.here;
    return;
  }
  const back = walk.above.pop();
  if (back === undefined) throw new FsError(errno.EXDEV, route.operation, route.path);
  walk.here = back;
}
