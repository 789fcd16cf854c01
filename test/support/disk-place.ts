// The machine's disk as a TreePlace: node:fs, and the system calls it lacks.

import * as fs from "node:fs";
import { getfattr } from "./getfattr.ts";
import type { PlaceEntry, Region, TreePlace } from "./place.ts";
import { type ByteString, joinPath } from "./rooms.ts";
import {
  haveSystemCalls,
  makeNode,
  removeXattr,
  setTimesExactly,
  setXattr,
} from "./system-calls.ts";

/** Returns the place below this folder (absolute path as a byte string). */
export function diskPlace(top: ByteString): TreePlace {
  const bytes = (path: ByteString): Buffer =>
    Buffer.from(path === "" ? top : joinPath(top, path), "latin1");
  const full = (path: ByteString): ByteString => (path === "" ? top : joinPath(top, path));
  return {
    description: top,
    names: (path) => fs.readdirSync(bytes(path), { encoding: "latin1" }).sort(byBytes),
    entry: (path) => entryOf(fs.lstatSync(bytes(path), { bigint: true, throwIfNoEntry: false })),
    readContent: (path) => fs.readFileSync(bytes(path)),
    readTarget: (path) => fs.readlinkSync(bytes(path), { encoding: "latin1" }),
    xattrs: () => getfattr(top),
    makeFile: (path, size, regions) => write(fs.openSync(bytes(path), "wx"), size, regions),
    editFile: (path, size, regions) => write(fs.openSync(bytes(path), "r+"), size, regions),
    makeDirectory: (path) => fs.mkdirSync(bytes(path)),
    makeSymlink: (path, target) => fs.symlinkSync(Buffer.from(target, "latin1"), bytes(path)),
    makeNode: (path, mode, major, minor) => makeNode(full(path), mode, major, minor),
    link: (from, to) => fs.linkSync(bytes(from), bytes(to)),
    rename: (from, to) => fs.renameSync(bytes(from), bytes(to)),
    remove: (path) => remove(bytes(path)),
    setMode: (path, mode) => fs.chmodSync(bytes(path), mode),
    setOwner: (path, uid, gid) => fs.lchownSync(bytes(path), uid, gid),
    setTimes: (path, atimeNs, mtimeNs) => {
      if (haveSystemCalls()) setTimesExactly(full(path), atimeNs, mtimeNs);
      // Numeric strings, because negative numbers mean "now" to node:fs.
      else fs.lutimesSync(bytes(path), decimal(atimeNs), decimal(mtimeNs));
    },
    setXattr: (path, name, value) => setXattr(full(path), name, value),
    removeXattr: (path, name) => removeXattr(full(path), name),
  };
}

/** Orders byte strings by bytes. */
export function byBytes(left: ByteString, right: ByteString): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function entryOf(stats: fs.BigIntStats | undefined): PlaceEntry | undefined {
  if (stats === undefined) return undefined;
  const { rdev } = stats;
  return {
    mode: Number(stats.mode),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    blocks: Number(stats.blocks),
    mtimeNs: stats.mtimeNs,
    atimeNs: stats.atimeNs,
    ctimeNs: stats.ctimeNs,
    nlink: Number(stats.nlink),
    identity: `${stats.dev}:${stats.ino}`,
    rdevMajor: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    rdevMinor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
  };
}

function write(file: number, size: number, regions: readonly Region[]): void {
  try {
    for (const { offset, bytes } of regions) {
      let done = 0;
      while (done < bytes.length) {
        done += fs.writeSync(file, bytes, done, bytes.length - done, offset + done);
      }
    }
    fs.ftruncateSync(file, size);
  } finally {
    fs.closeSync(file);
  }
}

// Not rmSync: as it meets a directory without permission it stops half way.
function remove(path: Buffer): void {
  if (!fs.lstatSync(path).isDirectory()) {
    fs.unlinkSync(path);
    return;
  }
  fs.chmodSync(path, 0o700);
  for (const name of fs.readdirSync(path, { encoding: "buffer" })) {
    remove(Buffer.concat([path, Buffer.from("/"), name]));
  }
  fs.rmdirSync(path);
}

function decimal(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? "-" : "";
  const positive = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${sign}${positive / 1_000_000_000n}.${String(positive % 1_000_000_000n).padStart(9, "0")}`;
}
