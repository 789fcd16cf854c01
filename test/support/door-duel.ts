// Two file doors play the same random operations and must answer alike, errno by errno. What one
// of them is known to do right (Linux's), the other is shown to do.
//
// All names are a few letters, so that operations meet. Links lead at most one directory above the
// start, which therefore must lie alone in its parent. Handles stay open, directories vanish below them.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { FileHandle, Follow } from "../../src/fs/index.ts";
import {
  type ByteString,
  Directory,
  type DirHandle,
  type FileSystem,
  FsError,
  isDevice,
  isDirectory,
  Stat,
  typeBlock,
  typeCharacter,
  typeFifo,
  typeMask,
  typeSocket,
} from "./rooms.ts";

/** One operation, its arguments still numbers that a player looks up in what it has. */
export interface Step {
  readonly operation: OperationName;
  readonly dir: number;
  readonly file: number;
  readonly name: number;
  readonly other: number;
  readonly value: number;
}

const names: readonly ByteString[] = ["a", "b", "c", "d", "a", "b", "c", "d", "\xff", "A"];
const targets: readonly ByteString[] = [
  ...["a", "b", "c", "a/b", "../a", "../b", "b/../c", ".", "..", "/absent-top", "c/", "d/."],
  "x".repeat(300),
];
const paths: readonly ByteString[] = ["", ".", "..", "a/..", "./a", "a/.", "a//b", "/", "a/b/c"];
const modes = [0o644, 0o755, 0o600, 0o4755, 0o2775, 0o1777, 0o500, 0o300, 0o000, 0o2644, 0o7777];
const owners = [0, 1000, 2000, 0xffffffff];
const follows: readonly Follow[] = ["none", "beneath"];
const content = Buffer.from("0123456789abcdefghijklmnopqrstuvwxyz".repeat(300));

/** What a player sees of times: those that were set are below this, the clock's are not. */
const setTimesMax = 100_000;

/** Plays steps on one door and tells what came of each. */
export class Player {
  readonly #fs: FileSystem;
  readonly #dirs: DirHandle[];
  readonly #files: FileHandle[] = [];

  /** The handle stays the caller's. */
  constructor(fs: FileSystem, root: DirHandle) {
    this.#fs = fs;
    this.#dirs = [fs.openDirectory(root, "")];
  }

  /** Returns the outcome as text: a value or an error's name. */
  play(step: Step): string {
    try {
      const value: unknown = operations[step.operation](this.#given(step));
      return JSON.stringify(value) ?? "done";
    } catch (error) {
      if (error instanceof FsError) return error.code;
      throw error;
    }
  }

  #given(step: Step): Given {
    const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
    return {
      fs: this.#fs,
      dirs: this.#dirs,
      files: this.#files,
      dir: pick(this.#dirs, step.dir),
      toDir: pick(this.#dirs, step.other),
      fileIndex: this.#files.length === 0 ? -1 : step.file % this.#files.length,
      name: pick(names, step.name),
      other: pick(names, step.other + step.value),
      value: step.value,
      pick,
    };
  }

  /** Describes the tree below, and closes everything. */
  finish(): string[] {
    const lines: string[] = [];
    const visit = (dir: DirHandle, path: ByteString): void => {
      for (const name of namesOf(this.#fs, dir)) {
        const stat = new Stat();
        this.#fs.stat(dir, name, stat);
        lines.push(`${path}/${name} ${JSON.stringify(describe(stat))}`);
        if (!isDirectory(stat.mode)) continue;
        const below = this.#fs.openDirectory(dir, name);
        visit(below, `${path}/${name}`);
        this.#fs.closeDirectory(below);
      }
    };
    visit(this.#dirs[0] as DirHandle, "");
    for (const file of this.#files) this.#fs.closeFile(file);
    for (const dir of this.#dirs) this.#fs.closeDirectory(dir);
    return lines;
  }
}

interface Given {
  readonly fs: FileSystem;
  readonly dirs: DirHandle[];
  readonly files: FileHandle[];
  readonly dir: DirHandle;
  readonly toDir: DirHandle;
  readonly fileIndex: number;
  readonly name: ByteString;
  readonly other: ByteString;
  readonly value: number;
  pick<T>(list: readonly T[], index: number): T;
}

type OperationName = keyof typeof operations;

function namesOf(fs: FileSystem, dir: DirHandle): ByteString[] {
  const listing = new Directory();
  fs.readNames(dir, listing);
  return Array.from({ length: listing.count }, (_, index) => listing.name(index)).sort();
}

/** What is the same on every file system. */
function describe(stat: Stat): unknown {
  const { mode, uid, gid, nlink, rdevMajor, rdevMinor, mtime, mtimeNanos } = stat;
  const size = isDirectory(mode) ? 0 : stat.size;
  const time = Math.abs(mtime) < setTimesMax ? mtime + mtimeNanos / 1e9 : "now";
  return [mode.toString(8), size, uid, gid, nlink, rdevMajor, rdevMinor, time];
}

function withFile(given: Given, action: (file: FileHandle) => unknown): unknown {
  const file = given.files[given.fileIndex];
  return file === undefined ? "no file" : action(file);
}

/** Devices are never opened: some do things when they are. */
function leadsToDevice({ fs, dir, name }: Given): boolean {
  const stat = new Stat();
  try {
    return fs.stat(dir, name, stat, true) && isDevice(stat.mode);
  } catch {
    return false;
  }
}

function keep(given: Given, file: FileHandle): void {
  given.files.push(file);
  // A pipe without another end blocks nobody, but reading many of them is no test.
  if (given.files.length > 6) given.fs.closeFile(given.files.shift() as FileHandle);
}

function timesOf({ value }: Given): [number, number, number, number] {
  return [(value * 7) % 50_000, 0, (value * 37) % 90_000, (value % 1000) * 1_000_000];
}

const operations = {
  openDirectory: (given: Given) => {
    const { fs, dirs, dir, name, other, value, pick } = given;
    const several = value % 3 === 0 ? pick(paths, value) : `${name}/${other}`;
    const path = value % 2 === 0 ? name : several;
    dirs.push(fs.openDirectory(dir, path, pick(follows, value >> 2)));
  },
  closeDirectory: ({ fs, dirs, value }: Given) => {
    if (dirs.length > 1)
      fs.closeDirectory(dirs.splice(1 + (value % (dirs.length - 1)), 1)[0] ?? -1);
  },
  names: ({ fs, dir }: Given) => namesOf(fs, dir),
  types: ({ fs, dir }: Given) => {
    const listing = new Directory();
    fs.readNames(dir, listing);
    return Array.from(
      { length: listing.count },
      (_, index) => `${listing.name(index)} ${(listing.mode[index] as number).toString(8)}`,
    ).sort();
  },
  statEntries: ({ fs, dir, value }: Given) => {
    const listing = new Directory();
    for (const name of ["a", "absent", "b", "c", "d", "y".repeat(256)]) listing.add(name, 0);
    fs.statEntries(dir, listing, 0, listing.count, value % 2 === 0);
    return Array.from({ length: listing.count }, (_, index) => {
      const mode = listing.mode[index] as number;
      const size = isDirectory(mode) || mode === 0 ? 0 : listing.size[index];
      return [listing.problem[index], mode.toString(8), size];
    });
  },
  stat: ({ fs, dir, name, value }: Given) => {
    const stat = new Stat();
    return fs.stat(dir, name, stat, value % 3 === 0) ? describe(stat) : false;
  },
  statDirectory: ({ fs, dir }: Given) => {
    const stat = new Stat();
    fs.statDirectory(dir, stat);
    return describe(stat);
  },
  statFile: (given: Given) =>
    withFile(given, (file) => {
      const stat = new Stat();
      given.fs.statFile(file, stat);
      return describe(stat);
    }),
  readLink: ({ fs, dir, name }: Given) => fs.readLink(dir, name),
  openRead: (given: Given) => {
    if (leadsToDevice(given)) return "device";
    const { fs, dir, name, value, pick } = given;
    return keep(given, fs.openRead(dir, name, { follow: pick(follows, value) }));
  },
  createFile: (given: Given) =>
    keep(given, given.fs.createFile(given.dir, given.name, given.pick(modes, given.value))),
  openWrite: (given: Given) =>
    leadsToDevice(given) ? "device" : keep(given, given.fs.openWrite(given.dir, given.name)),
  closeFile: ({ fs, files, fileIndex }: Given) => {
    if (fileIndex >= 0) fs.closeFile(files.splice(fileIndex, 1)[0] ?? -1);
  },
  read: (given: Given) =>
    withFile(given, (file) => {
      const stat = new Stat();
      given.fs.statFile(file, stat);
      // Reading a pipe with nobody at the other end is the pipe's business.
      if ((stat.mode & typeMask) === typeFifo) return "pipe";
      const into = Buffer.alloc(200);
      const count = given.fs.read(file, into, 10, 100 + (given.value % 90), given.value * 3);
      return into.toString("latin1", 0, 10 + count);
    }),
  write: (given: Given) =>
    withFile(given, (file) =>
      given.fs.write(file, content, given.value % 36, 1 + ((given.value * 31) % 9000), given.value),
    ),
  truncate: (given: Given) =>
    withFile(given, (file) => given.fs.truncate(file, (given.value * 53) % 20_000)),
  makeDirectory: ({ fs, dir, name, value, pick }: Given) =>
    fs.makeDirectory(dir, name, pick(modes, value)),
  makeSymlink: ({ fs, dir, name, value, pick }: Given) =>
    fs.makeSymlink(dir, name, pick(targets, value)),
  makeNode: ({ fs, dir, name, value, pick }: Given) => {
    const type = pick([typeFifo, typeSocket, typeCharacter, typeBlock], value);
    fs.makeNode(dir, name, type | pick(modes, value >> 2), value % 300, value % 70_000);
  },
  link: ({ fs, dir, name, toDir, other }: Given) => fs.link(dir, name, toDir, other),
  rename: ({ fs, dir, name, toDir, other, value, pick }: Given) =>
    fs.rename(
      dir,
      name,
      toDir,
      other,
      pick(["replace", "replace", "no-replace", "exchange"], value),
    ),
  unlink: ({ fs, dir, name }: Given) => fs.unlink(dir, name),
  removeDirectory: ({ fs, dir, name }: Given) => fs.removeDirectory(dir, name),
  setMode: ({ fs, dir, name, value, pick }: Given) => fs.setMode(dir, name, pick(modes, value)),
  setOwner: ({ fs, dir, name, value, pick }: Given) =>
    fs.setOwner(dir, name, pick(owners, value), pick(owners, value >> 2)),
  setTimes: (given: Given) => given.fs.setTimes(given.dir, given.name, ...timesOf(given)),
  setFileMode: (given: Given) =>
    withFile(given, (file) => given.fs.setFileMode(file, given.pick(modes, given.value))),
  setFileTimes: (given: Given) =>
    withFile(given, (file) => given.fs.setFileTimes(file, ...timesOf(given))),
  setFileOwner: (given: Given) =>
    withFile(given, (file) => {
      const { fs, pick, value } = given;
      fs.setFileOwner(file, pick(owners, value), pick(owners, value >> 2));
    }),
  setDirectoryMode: ({ fs, dir, value, pick }: Given) =>
    fs.setDirectoryMode(dir, pick(modes, value)),
  setDirectoryTimes: (given: Given) => given.fs.setDirectoryTimes(given.dir, ...timesOf(given)),
  setXattr: ({ fs, dir, name, other, value }: Given) =>
    fs.setXattr(dir, value % 5 === 0 ? "" : name, `user.${other}`, content.subarray(0, value % 50)),
  getXattr: ({ fs, dir, name, other }: Given) => {
    const value = fs.getXattr(dir, name, `user.${other}`);
    return value === undefined ? "none" : Buffer.from(value).toString("latin1");
  },
  listXattrs: ({ fs, dir, name }: Given) => fs.listXattrs(dir, name).sort(),
  removeXattr: ({ fs, dir, name, other }: Given) => fs.removeXattr(dir, name, `user.${other}`),
};

/** Every operation's name, to leave some out. */
export const operationNames = Object.keys(operations) as OperationName[];

/** Lists of steps to play. */
export function steps(
  without: readonly OperationName[],
  lengthMax: number,
): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.record({
      operation: fc.constantFrom(...operationNames.filter((name) => !without.includes(name))),
      dir: fc.nat(5),
      file: fc.nat(5),
      name: fc.nat(9),
      other: fc.nat(9),
      value: fc.nat(999),
    }),
    { maxLength: lengthMax, size: "max" },
  );
}

/** Says whether two outcomes promise the same: a link that is not followed may be either error. */
export function sameOutcome(left: string, right: string): boolean {
  const refusals = ["ELOOP", "ENOTDIR"];
  return left === right || (refusals.includes(left) && refusals.includes(right));
}

/** Plays the steps on both and asserts that the outcomes are alike; `same` may forgive more. */
export function playBoth(
  [left, right]: readonly [Player, Player],
  list: readonly Step[],
  same: (left: string, right: string, step: Step) => boolean = sameOutcome,
): void {
  list.forEach((step, index) => {
    const [one, other] = [left.play(step), right.play(step)];
    if (!same(one, other, step)) {
      assert.equal(other, one, `step ${index}: ${JSON.stringify(step)}`);
    }
  });
}
