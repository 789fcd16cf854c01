// Choosing a file door: by system calls where they can be had, by node:fs elsewhere.

import { openSync } from "node:fs";
import process from "node:process";
import type { ByteString } from "../base/index.ts";
import { isKoffiInstalled, loadSystemCalls, type SystemCalls } from "../native/index.ts";
import type { FileSystem } from "./file-system.ts";
import { linuxFileSystem, openNamedFile as openNamedLinux } from "./linux/index.ts";
import { type OperatorLinks, ownLinks } from "./operator-path.ts";
import { asBuffer, call } from "./path-calls.ts";
import { openNamedFile as openNamedPortable, portableFileSystem } from "./portable/index.ts";

/**
 * Returns this thread's door to the machine's files. `prefer` asks for one kind; so does the environment variable
 * MANIFOLD_FS=portable, which wins. Without system calls it is the portable door whatever was asked. `links`: what is asked
 * of those on the operator's paths.
 */
export function openFileSystem(
  prefer: "linux" | "portable" = "linux",
  links: OperatorLinks = ownLinks,
): FileSystem {
  const calls = prefer === "linux" ? callsHere() : undefined;
  return calls === undefined ? portableFileSystem({ links }) : linuxFileSystem(calls, { links });
}

/**
 * Opens a file that the operator named, and that is not part of any tree, with open(2)'s flags; `mode`: for a file that is made.
 * Throws FsError; ELOOP for a link of somebody else on the path, unless `insecure`.
 */
export function openNamed(
  path: ByteString,
  flags: number,
  { insecure }: Pick<OperatorLinks, "insecure">,
  mode = 0,
): number {
  if (insecure) return call("open", path, () => openSync(asBuffer(path), flags, mode));
  const calls = callsHere();
  const how = { flags, mode };
  return calls === undefined ? openNamedPortable(path, how) : openNamedLinux(calls, path, how);
}

function callsHere(): SystemCalls | undefined {
  return process.env.MANIFOLD_FS === "portable" ? undefined : loadSystemCalls();
}

/** Says, without loading anything, whether `openFileSystem` will give the door by system calls. */
export function expectsSystemCalls(): boolean {
  return process.env.MANIFOLD_FS !== "portable" && isKoffiInstalled();
}

/** Why `openFileSystem` gives a portable door here, as the end of a sentence. */
export function whyPortable(): string {
  if (process.env.MANIFOLD_FS === "portable") return "MANIFOLD_FS=portable asks for them";
  if (process.platform !== "linux") return "system calls are used on Linux only";
  return "the package koffi, by which system calls are made, is not there or does not load";
}
