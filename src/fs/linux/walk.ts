// Opening a path below a directory one component at a time, each pinned without following links:
// what openat2 does in the kernel, for kernels (before 5.6) and sandboxes without it.
// Symlinks are followed by hand where they may be: ".." pops the stack of pinned directories, so
// it can never climb above the start, whatever is renamed meanwhile.

import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle } from "../file-system.ts";
import { O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_PATH } from "./constants.ts";
import { type Kernel, textCapacity } from "./kernel.ts";

/** Symlinks followed on one path, as the kernel counts them (path_resolution(7)). */
export const linksMax = 40;

const pinFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/** Where a walk stands. */
interface Walk {
  /** Links can lead up again; without them the directories on the way need not stay open. */
  readonly goesBack: boolean;
  readonly start: DirHandle;
  /** Pinned directories below the start, the current one last. */
  readonly pinned: DirHandle[];
  /** Components still to go, the next one last. */
  readonly todo: ByteString[];
  linksLeft: number;
}

/** A step's answer that the walk is not over; -1 is failure and anything else the opened handle. */
const going = -2;

/**
 * Opens what `path` leads to below `dir` with openat's `flags`. At most `linksAllowed` symlinks are followed, and
 * only while they stay below (EXDEV otherwise). Returns -1 with the kernel's lastErrno set on failure.
 */
export function walk(
  kernel: Kernel,
  dir: DirHandle,
  path: ByteString,
  { flags, linksAllowed }: { flags: number; linksAllowed: number },
): number {
  const state: Walk = {
    goesBack: linksAllowed > 0,
    start: dir,
    pinned: [],
    todo: path.split("/").reverse(),
    linksLeft: linksAllowed,
  };
  try {
    for (;;) {
      const result = advance(kernel, state, flags);
      if (result !== going) return result;
    }
  } finally {
    for (const handle of state.pinned) kernel.call.close(handle);
  }
}

function advance(kernel: Kernel, state: Walk, flags: number): number {
  const { pinned, todo } = state;
  const component = todo.pop() ?? ".";
  const last = todo.length === 0;
  if (component === "..") return climb(kernel, pinned);
  if (!last && (component === "" || component === ".")) return going;
  const here = pinned.at(-1) ?? state.start;
  const next = open(kernel, here, component, last ? flags | O_NOFOLLOW : pinFlags);
  if (next < 0) return followLink(kernel, state, here, component);
  if (last) return next;
  if (!state.goesBack && pinned.length > 0) climb(kernel, pinned);
  pinned.push(next);
  return going;
}

function climb(kernel: Kernel, pinned: DirHandle[]): number {
  const left = pinned.pop();
  if (left === undefined) return refuse(kernel, errno.EXDEV);
  kernel.call.close(left);
  return going;
}

function open(kernel: Kernel, here: DirHandle, component: ByteString, flags: number): number {
  const address = kernel.path(component === "" ? "." : component, "openat");
  return kernel.attempt(() => kernel.call.openat(here, address, flags, 0));
}

/** Puts a link's target in front of what is still to go, if a link is why `component` did not open. */
function followLink(kernel: Kernel, state: Walk, here: DirHandle, component: ByteString): number {
  const reason = kernel.lastErrno;
  if (reason !== errno.ENOTDIR && reason !== errno.ELOOP) return -1;
  const path = kernel.path(component, "readlinkat");
  const { readlinkat } = kernel.call;
  const length = kernel.attempt(() => readlinkat(here, path, kernel.text, textCapacity));
  if (length < 0 || length === textCapacity) return refuse(kernel, reason);
  if (state.linksLeft-- <= 0) return refuse(kernel, errno.ELOOP);
  const target = kernel.takeText(length);
  if (target.startsWith("/")) return refuse(kernel, errno.EXDEV);
  state.todo.push(...target.split("/").reverse());
  return going;
}

function refuse(kernel: Kernel, reason: number): -1 {
  kernel.lastErrno = reason;
  return -1;
}
