// Opening a path below a directory one component at a time, each pinned without following links:
// what openat2 does in the kernel, for kernels (before 5.6) and sandboxes without it.
// Symlinks are followed by hand where they may be: ".." pops the stack of pinned directories, so
// it can never climb above the start, whatever is renamed meanwhile.

import type { ByteString } from "../../base/index.ts";
import { errno } from "../../native/index.ts";
import type { DirHandle } from "../file-system.ts";
import { O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_PATH } from "./constants.ts";
import { type Kernel, textCapacity } from "./kernel.ts";

/** Symlinks followed on one path, as the kernel counts them (path_resolution(7)). */
export const linksMax = 40;

const pinFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

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
  const pinned: DirHandle[] = [];
  /** Components still to go, the next one last. */
  const todo = path.split("/").reverse();
  let links = 0;
  try {
    for (;;) {
      const here = pinned.at(-1) ?? dir;
      const component = todo.pop() ?? ".";
      const last = todo.length === 0;
      if (!last && (component === "" || component === ".")) continue;
      if (component === "..") {
        const left = pinned.pop();
        if (left === undefined) return refuse(kernel, errno.EXDEV);
        kernel.call.close(left);
        continue;
      }
      const next = step(kernel, here, component, last ? flags | O_NOFOLLOW : pinFlags);
      if (next >= 0) {
        if (last) return next;
        pinned.push(next);
        continue;
      }
      const reason = kernel.lastErrno;
      const target = reason === errno.ENOTDIR || reason === errno.ELOOP ? linkTarget(kernel, here, component) : undefined;
      if (target === undefined) return refuse(kernel, reason);
      if (links++ >= linksAllowed) return refuse(kernel, errno.ELOOP);
      if (target.startsWith("/")) return refuse(kernel, errno.EXDEV);
      todo.push(...target.split("/").reverse());
    }
  } finally {
    for (const handle of pinned) kernel.call.close(handle);
  }
}

function refuse(kernel: Kernel, reason: number): -1 {
  kernel.lastErrno = reason;
  return -1;
}

function step(kernel: Kernel, here: DirHandle, component: ByteString, flags: number): number {
  const address = kernel.path(component === "" ? "." : component, "openat");
  let handle: number;
  do handle = kernel.call.openat(here, address, flags, 0);
  while (handle < 0 && kernel.interrupted());
  return handle;
}

function linkTarget(kernel: Kernel, dir: DirHandle, name: ByteString): ByteString | undefined {
  const length = kernel.call.readlinkat(dir, kernel.path(name, "readlinkat"), kernel.text, textCapacity);
  return length < 0 || length === textCapacity ? undefined : kernel.takeText(length);
}
