// Promise P1 as a check: whatever stopped a run, every path is the complete old entry or the
// complete new one.

import { AssertionError } from "node:assert";
import type { TreeEntry, TreeSnapshot } from "../support/index.ts";

/** Bits that the kernel takes away when an owner changes, until they are set again. */
const setIdBits = 0o6000;

/** What is asked of whom. */
export interface OldOrNew {
  /** How to repeat it. */
  readonly about: string;
  /** "any": only types and contents are looked at. */
  readonly attributes?: "exact" | "any";
  /** Of these paths it was told that attributes could not be set. */
  readonly isTold?: (path: string) => boolean;
}

/**
 * Throws unless every path of `found` is what it was or what it is to be, and none is missing that has been there
 * and is to stay. An entry with its old content may have some of its new attributes already, one with new content
 * has all of them, unless it was told of (`isTold`) that they could not be set. Attributes of directories may be
 * anything: they are set when the contents are there.
 */
export function assertOldOrNew(
  old: TreeSnapshot,
  wanted: TreeSnapshot,
  found: TreeSnapshot,
  { about, attributes = "exact", isTold }: OldOrNew,
): void {
  const wrong: string[] = [];
  for (const [path, entry] of found.entries) {
    const [before, after] = [old.entries.get(path), wanted.entries.get(path)];
    if (before === undefined && after === undefined) wrong.push(`${path}: nobody wanted it`);
    else if (!isComplete(entry, before, after, attributes === "any" || isTold?.(path) === true)) {
      wrong.push(`${path}: ${show(entry)}, was ${show(before)}, to be ${show(after)}`);
    }
  }
  for (const path of wanted.entries.keys()) {
    if (old.entries.has(path) && !found.entries.has(path)) wrong.push(`${path}: missing`);
  }
  if (wrong.length === 0) return;
  throw new AssertionError({ message: `Half done (${about}):\n${wrong.join("\n")}` });
}

function isComplete(
  entry: TreeEntry,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  anyAttributes: boolean,
): boolean {
  const hasAny = anyAttributes || entry.kind === "directory";
  if (after !== undefined && isSameThing(entry, after)) {
    if (hasAny || hasAttributes(entry, after)) return true;
  }
  return (
    before !== undefined &&
    isSameThing(entry, before) &&
    (hasAny || hasAttributesOf(entry, before, after))
  );
}

function isSameThing(entry: TreeEntry, other: TreeEntry): boolean {
  return (
    entry.kind === other.kind &&
    entry.content === other.content &&
    entry.size === other.size &&
    entry.target === other.target &&
    entry.device === other.device
  );
}

function hasAttributes(entry: TreeEntry, other: TreeEntry): boolean {
  return (
    entry.mode === other.mode &&
    entry.uid === other.uid &&
    entry.gid === other.gid &&
    entry.mtimeNs === other.mtimeNs &&
    entry.xattrs === other.xattrs
  );
}

/**
 * Each attribute is the old one or the new one; xattrs and access control lists come one by one. What happens to one
 * name of a file with several happens to all.
 */
function hasAttributesOf(
  entry: TreeEntry,
  before: TreeEntry,
  after: TreeEntry | undefined,
): boolean {
  if (before.linkGroup !== "") return true;
  const next = after ?? before;
  const modes = [before.mode, next.mode, before.mode & ~setIdBits, next.mode & ~setIdBits];
  return (
    modes.includes(entry.mode) &&
    [before.uid, next.uid].includes(entry.uid) &&
    [before.gid, next.gid].includes(entry.gid) &&
    [before.mtimeNs, next.mtimeNs].includes(entry.mtimeNs)
  );
}

function show(entry: TreeEntry | undefined): string {
  if (entry === undefined) return "nothing";
  const { kind, content, target, mode, uid, gid, mtimeNs, size } = entry;
  const what = `${content.slice(0, 8)}${target}`;
  return `[${kind} ${size} ${what} ${mode.toString(8)} ${uid}:${gid} ${mtimeNs}]`;
}
