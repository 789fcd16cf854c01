// What a door brings to the suite, and the few words the suite's tests are written in.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteString,
  type ErrnoName,
  errno,
  fromText,
  toBytes,
} from "../../../src/base/index.ts";
import {
  type DirHandle,
  type FileHandle,
  type FileSystem,
  FsError,
  Stat,
} from "../../../src/fs/index.ts";
import { Directory } from "../../../src/tree/index.ts";

/** A door and an empty directory of its own. */
export interface FsFixture {
  readonly fs: FileSystem;
  readonly root: DirHandle;
  /** Where the directory is on this machine, if it is there at all; symlink races need it. */
  readonly path?: string;
  /** Whether permission bits stop us (false as root). */
  readonly obeysPermissions: boolean;
  /** Links of the operator's paths are followed whoever owns them, because they cannot lead out. */
  readonly confinesLinks?: boolean;
  /** Removes the directory and closes what the door holds. */
  close(): void;
}

/** Defines one test on a fresh fixture. */
export function check(
  open: () => FsFixture,
  property: string,
  body: (fixture: FsFixture) => void | Promise<void>,
): void {
  test(property, async () => {
    const fixture = open();
    try {
      await body(fixture);
    } finally {
      fixture.close();
    }
  });
}

/** Asserts that the action throws an FsError with one of these numbers. */
export function refuses(names: ErrnoName | readonly ErrnoName[], action: () => unknown): void {
  const allowed = typeof names === "string" ? [names] : names;
  assert.throws(action, (error) => {
    if (!(error instanceof FsError)) throw error;
    const numbers = allowed.map((name) => errno[name]);
    assert.ok(numbers.includes(error.errno), `${error.message}, expected ${allowed.join(" or ")}`);
    return true;
  });
}

/** Creates a file with this content. */
export function put(
  { fs }: FsFixture,
  dir: DirHandle,
  name: ByteString,
  content: ByteString = "",
): void {
  const file = fs.createFile(dir, name, 0o644);
  fs.write(file, toBytes(content), 0, content.length, 0);
  fs.closeFile(file);
}

/** Reads a whole small file. */
export function get({ fs }: FsFixture, dir: DirHandle, name: ByteString): ByteString {
  return using(fs, fs.openRead(dir, name), (file) => readAll(fs, file));
}

/** Reads everything from an open file, up to 1 MiB. */
export function readAll(fs: FileSystem, file: FileHandle, from = 0): ByteString {
  const bytes = new Uint8Array(1 << 20);
  let used = 0;
  for (;;) {
    const count = fs.read(file, bytes, used, bytes.length - used, from + used);
    if (count === 0) return Buffer.from(bytes.buffer, 0, used).toString("latin1");
    used += count;
  }
}

/** Runs the action with an open file and closes it. */
export function using<T>(fs: FileSystem, file: FileHandle, action: (file: FileHandle) => T): T {
  try {
    return action(file);
  } finally {
    fs.closeFile(file);
  }
}

/** Makes a directory and runs the action with a handle of it. */
export function inside<T>(
  { fs }: FsFixture,
  dir: DirHandle,
  name: ByteString,
  action: (dir: DirHandle) => T,
): T {
  fs.makeDirectory(dir, name, 0o755);
  const handle = fs.openDirectory(dir, name);
  try {
    return action(handle);
  } finally {
    fs.closeDirectory(handle);
  }
}

/** The sorted names of a directory. */
export function namesOf(fs: FileSystem, dir: DirHandle): ByteString[] {
  const listing = new Directory();
  fs.readNames(dir, listing);
  return Array.from({ length: listing.count }, (_, index) => listing.name(index)).sort();
}

/** The attributes of an entry that is there. */
export function statOf(fs: FileSystem, dir: DirHandle, name: ByteString, follow = false): Stat {
  const stat = new Stat();
  assert.ok(fs.stat(dir, name, stat, follow), `${name} is there`);
  return stat;
}

/** Says whether the entry is there. */
export function exists(fs: FileSystem, dir: DirHandle, name: ByteString): boolean {
  return fs.stat(dir, name, new Stat());
}

/** Names that text-minded code gets wrong: odd bytes, no UTF-8, look-alikes, words of shells and of JavaScript. */
export const oddNames: readonly ByteString[] = [
  ...Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).filter(
    (name) => name !== "/" && name !== ".",
  ),
  "\xff\xfe",
  "\xc3\xc3",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  fromText("\u00e9"),
  fromText("e\u0301"),
  fromText("ﬁle"),
  fromText("😀"),
  "...",
  "..a",
  ".hidden",
  "__proto__",
  "constructor",
  "-rf",
  "~root",
  "$(id)",
  "a\nb",
  "\u001b[31m",
  "a\\b",
  "con",
  "trailing ",
  "x".repeat(255),
  "\xe2".repeat(255),
];
