// Paths that the operator gave, on the portable door: followed one component at a time. A link is looked at before and after it
// is read, because node:fs cannot hold one; who exchanges it for another and back in between is not noticed.

import { constants, lstatSync, openSync, readlinkSync, realpathSync, statfsSync } from "node:fs";
import process from "node:process";
import { type ByteString, errno } from "../../base/index.ts";
import type { DirHandle, FileHandle, Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import {
  checkBound,
  followOperatorPath,
  type LinkOnPath,
  type OperatorLinks,
  ownLinks,
  type PathSteps,
} from "../operator-path.ts";
import { perform } from "./perform.ts";
import { bestPins, entryPath, type Pins } from "./pins.ts";

/** What /proc is to statfs(2). */
const procType = 0x9fa0;
const { O_NOFOLLOW = 0 } = constants as Partial<typeof constants>;

/** How such a path is opened. */
export interface OperatorOpening {
  readonly links: OperatorLinks;
  readonly follow: Follow;
}

/** Says whether links on a path have to be looked at. */
export function looksAtLinks({ links, follow }: OperatorOpening): boolean {
  return (follow === "trusted" || follow === "bounded") && !links.insecure;
}

/** Pins a directory by a path that begins at `dir`, undefined = the working directory. */
export function openOperatorDirectory(
  pins: Pins,
  dir: DirHandle | undefined,
  path: ByteString,
  opening: OperatorOpening,
): DirHandle {
  return walk(pins, dir, path, (here, name, leads) => {
    check(pins, here, name, opening);
    const at = name === "." ? pins.self(here) : `${pins.self(here)}/${name}`;
    return pins.pin(at, path, !leads && name !== ".");
  });
}

/** Opens a file by a path that begins at `dir`, undefined = the working directory, with open(2)'s flags. */
export function openOperatorFile(
  pins: Pins,
  dir: DirHandle | undefined,
  path: ByteString,
  { flags, mode, ...opening }: OperatorOpening & { readonly flags: number; readonly mode?: number },
): FileHandle {
  return walk(pins, dir, path, (here, name, leads) => {
    check(pins, here, name, opening);
    const also = leads ? 0 : O_NOFOLLOW;
    return perform("open", path, () => openSync(entryPath(pins, here, name), flags | also, mode));
  });
}

/**
 * Opens a file that is not part of any tree by a path of the operator's, with open(2)'s flags, and returns its descriptor. Throws
 * FsError.
 */
export function openNamedFile(
  path: ByteString,
  { flags, mode }: { readonly flags: number; readonly mode: number },
): number {
  return openOperatorFile(bestPins(), undefined, path, {
    ...{ links: ownLinks, follow: "trusted" },
    ...{ flags, mode },
  });
}

function walk(
  pins: Pins,
  dir: DirHandle | undefined,
  path: ByteString,
  open: (here: DirHandle, name: ByteString, leads: boolean) => number,
): number {
  const start = dir ?? pins.pin(".", path, false);
  try {
    return followOperatorPath(stepsOf(pins), start, path, open);
  } finally {
    if (dir === undefined) pins.unpin(start);
  }
}

/** Throws ELOOP for what has to be in bounds and is not. */
function check(
  pins: Pins,
  here: DirHandle,
  name: ByteString,
  { links: { confineRoot }, follow }: OperatorOpening,
): void {
  if (follow !== "bounded" || confineRoot === undefined) return;
  const real = (path: Buffer): ByteString =>
    perform("realpath", name, () => realpathSync(path, { encoding: "latin1" }));
  checkBound(real(entryPath(pins, here, name)), boundary(confineRoot, real), name);
}

function boundary(confineRoot: ByteString, real: (path: Buffer) => ByteString): ByteString {
  try {
    return real(Buffer.from(confineRoot, "latin1"));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return confineRoot;
  }
}

function stepsOf(pins: Pins): PathSteps {
  return {
    top: () => pins.pin("/", "/", true),
    enter: (here, name, follow) => pins.pin(`${pins.self(here)}/${name}`, name, !follow),
    link: (here, name) => linkAt(pins, here, name),
    release: (dir) => pins.unpin(dir),
  };
}

function linkAt(pins: Pins, here: DirHandle, name: ByteString): LinkOnPath | undefined {
  if (name === "." || name === "..") return undefined;
  const path = entryPath(pins, here, name);
  const look = () =>
    perform("lstat", name, () => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  const before = look();
  if (before?.isSymbolicLink() !== true) return undefined;
  const uid = Number(before.uid);
  if (isProc(pins, here)) return { uid, target: undefined };
  const target = perform("readlink", name, () => readlinkSync(path, { encoding: "latin1" }));
  const after = look();
  if (after?.ino === before.ino && after.ctimeNs === before.ctimeNs) return { uid, target };
  throw new FsError(errno.ELOOP, "open", name, "it changed while it was looked at");
}

function isProc(pins: Pins, here: DirHandle): boolean {
  if (process.platform !== "linux") return false;
  const at = Buffer.from(pins.self(here), "latin1");
  return perform("statfs", "", () => statfsSync(at).type) === procType;
}
