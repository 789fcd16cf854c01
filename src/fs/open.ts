// Choosing a file door: by system calls where they can be had, by node:fs elsewhere.

import process from "node:process";
import { isKoffiInstalled, loadSystemCalls } from "../native/index.ts";
import type { FileSystem } from "./file-system.ts";
import { linuxFileSystem } from "./linux/index.ts";
import { portableFileSystem } from "./portable/index.ts";

/**
 * Returns this thread's door to the machine's files. `prefer` asks for one kind; so does the environment variable
 * MANIFOLD_FS=portable, which wins. Without system calls it is the portable door whatever was asked.
 */
export function openFileSystem(prefer: "linux" | "portable" = "linux"): FileSystem {
  const wanted = process.env.MANIFOLD_FS === "portable" ? "portable" : prefer;
  const calls = wanted === "linux" ? loadSystemCalls() : undefined;
  return calls === undefined ? portableFileSystem() : linuxFileSystem(calls);
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
