// A path that the operator gave, followed one component at a time. Whoever may write to a directory on it can plant a
// symbolic link there and so choose what the operator's process opens; therefore a link is followed only if root or this
// process's user owns it, as rsync 3.5 does. The rule is here, once; what a door has to do for it are its steps.

import process from "node:process";
import { type ByteString, errno } from "../base/index.ts";
import { FsError } from "./fs-error.ts";
import type { DirHandle } from "./handles.ts";

/** What is asked of symbolic links on paths that the operator gave. */
export interface OperatorLinks {
  /** Links are followed whoever owns them (--insecure-links). */
  readonly insecure: boolean;
  /** Where "bounded" paths must come out (--confine-root); absolute. Undefined = anywhere. */
  readonly confineRoot: ByteString | undefined;
}

/** What holds unless the operator says otherwise. */
export const ownLinks: OperatorLinks = { insecure: false, confineRoot: undefined };

/** For paths that say what is to be copied: there everybody's links are followed. */
export const anyLinks: OperatorLinks = { insecure: true, confineRoot: undefined };

/** Symlinks followed on one path, as the kernel counts them (path_resolution(7)). */
const linksMax = 40;

/** A symbolic link on the way. */
export interface LinkOnPath {
  readonly uid: number;
  /** Undefined = one of the kernel's own, in /proc, that no text leads to. */
  readonly target: ByteString | undefined;
}

/** What a walk asks of a door. Errors: FsError. */
export interface PathSteps {
  /** Pins "/". */
  top(): DirHandle;
  /** Pins a directory in `here`, also ".."; a link only with `follow`. */
  enter(here: DirHandle, name: ByteString, follow: boolean): DirHandle;
  /** The link of that name; undefined when there is something else, or nothing. Owner and target are of one link. */
  link(here: DirHandle, name: ByteString): LinkOnPath | undefined;
  release(dir: DirHandle): void;
}

/** Opens what is at the end of a walk: a name in a pinned directory, "." for that itself; a link only with `follow`. */
export type OpenLast<Opened> = (here: DirHandle, name: ByteString, follow: boolean) => Opened;

/**
 * Follows `path` from the pinned directory `start` and opens what it leads to. Throws FsError; ELOOP for a link of
 * somebody else, and for more than 40 of them.
 */
export function followOperatorPath<Opened>(
  steps: PathSteps,
  start: DirHandle,
  path: ByteString,
  open: OpenLast<Opened>,
): Opened {
  if (path === "") throw new FsError(errno.ENOENT, "open", path);
  /** Components still to go, the next one last. */
  const todo: ByteString[] = [];
  let here = start;
  let links = 0;
  const moveTo = (next: DirHandle): void => {
    if (here !== start) steps.release(here);
    here = next;
  };
  const put = (more: ByteString): void => {
    if (more.startsWith("/")) moveTo(steps.top());
    todo.push(...more.split("/").reverse());
  };
  try {
    put(path);
    for (;;) {
      const name = todo.pop() || ".";
      const isLast = todo.length === 0;
      if (name === "." && !isLast) continue;
      const link = steps.link(here, name);
      if (link !== undefined && (!isTrusted(link) || ++links > linksMax)) throw refusal(link, path);
      if (link?.target !== undefined) put(link.target);
      else if (isLast) return open(here, name, link !== undefined);
      else moveTo(steps.enter(here, name, link !== undefined));
    }
  } finally {
    if (here !== start) steps.release(here);
  }
}

function isTrusted({ uid }: LinkOnPath): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function refusal(link: LinkOnPath, path: ByteString): FsError {
  const why = isTrusted(link) ? undefined : "one belongs to another user";
  return new FsError(errno.ELOOP, "open", path, why);
}

/** Throws ELOOP unless what is open at the absolute path `at`, which has no links, lies in `root`. */
export function checkBound(at: ByteString, root: ByteString, path: ByteString): void {
  if (root === "/" || at === root || at.startsWith(`${root}/`)) return;
  throw new FsError(errno.ELOOP, "open", path, "it leads out of --confine-root");
}
