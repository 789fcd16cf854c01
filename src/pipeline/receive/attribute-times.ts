// Times of target entries: which of them an entry is given, and how they are set.

import { type FileHandle, omitTime } from "../../fs/index.ts";
import {
  type AttributeRules,
  atimeNanos,
  change,
  type Directory,
  isSymlink,
} from "../../tree/index.ts";
import type { AttributePlace, ReceiveContext } from "./context.ts";

/** Returns the bits of the times that an entry of this mode is given. */
export function timeBits(rules: AttributeRules, mode: number): number {
  const isLink = isSymlink(mode);
  let bits = 0;
  if (isLink ? rules.linkTimes : rules.times) bits |= change.mtime;
  if (isLink ? rules.linkAtimes : rules.atimes) bits |= change.atime;
  return bits;
}

/** Sets the times of a file that is open. Throws FsError. */
export function setFileTimes(
  { fs, options }: ReceiveContext,
  file: FileHandle,
  source: Directory,
  i: number,
): void {
  const { attributes: rules } = options;
  if (!rules.times && !rules.atimes) return;
  fs.setFileTimes(
    file,
    source.atime[i] as number,
    rules.atimes ? atimeNanos(rules, source, i) : omitTime,
    source.mtime[i] as number,
    rules.times ? (source.mtimeNanos[i] as number) : omitTime,
  );
}

/** Sets those times of an entry that `bits` name. Throws FsError. */
export function setEntryTimes(
  { fs, options }: ReceiveContext,
  at: AttributePlace,
  source: Directory,
  i: number,
  bits: number,
): void {
  const rules = options.attributes;
  const given = bits & change.quietTimes ? bits | timeBits(rules, source.mode[i] as number) : bits;
  if ((given & (change.mtime | change.atime)) === 0) return;
  fs.setTimes(
    at.dir,
    at.name,
    source.atime[i] as number,
    given & change.atime ? atimeNanos(rules, source, i) : omitTime,
    source.mtime[i] as number,
    given & change.mtime ? (source.mtimeNanos[i] as number) : omitTime,
  );
}
