// Where tests make their folders: in memory where there is enough of it. Half of what the kernel did for a whole run was
// the disk's file system looking for free inodes; 100 of 650 seconds of processor time are saved.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";
/** Short: names of sockets have 107 bytes at most. */
const prefix = "mt-";
/** The tests of large files, several of them at a time, need some 4 GiB. */
const bytesMin = 8 * 2 ** 30;

/**
 * Makes a folder for the temporary files of one run, which goes when the process ends, and returns its path. What the
 * tests count on a disk's file system has, one in memory must have, too: extended attributes are there since Linux 6.6.
 * @returns {string}
 */
export function makeScratch() {
  const scratch = (hasRoom() && inMemory()) || mkdtempSync(join(tmpdir(), prefix));
  // Some tests are other users for a while.
  chmodSync(scratch, 0o1777);
  process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return Math.min(bavail * bsize, freemem()) >= bytesMin;
  } catch {
    return false;
  }
}

function inMemory() {
  const scratch = mkdtempSync(join(memory, prefix));
  const probe = join(scratch, "probe");
  writeFileSync(probe, "");
  if (spawnSync("setfattr", ["-n", "user.probe", "-v", "1", probe]).status === 0) {
    rmSync(probe);
    return scratch;
  }
  rmSync(scratch, { recursive: true });
  return undefined;
}
