// The Linux door: the conformance suite on the disk and in memory, without the newer system calls,
// with calls that signals interrupt and that move few bytes at a time; and what is Linux's own.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, lchownSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { errno, toBytes } from "../../src/base/index.ts";
import {
  type FileSystem,
  FsError,
  isSameInode,
  linuxFileSystem,
  type OperatorLinks,
  Stat,
} from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { typeDirectory, typeRegular } from "../../src/tree/index.ts";
import { get, namesOf, put, refuses, statOf, using } from "../suites/fs/fixture.ts";
import { linkSettingTests } from "../suites/fs/operator-paths.ts";
import { type FsFixture, fsSuite } from "../suites/fs-suite.ts";
import { childModule } from "../support/child-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { altered, type Calls } from "./altered-calls.ts";
import { openDescriptors } from "./open-descriptors.ts";

const calls = loadSystemCalls();
const memory = existsSync("/dev/shm") ? "/dev/shm" : undefined;

function fixtureOf(fs: FileSystem, parent: string | undefined): FsFixture {
  const folder = temporaryFolder(parent);
  const root = fs.openRoot(folder.path);
  return {
    fs,
    root,
    path: folder.path,
    obeysPermissions: process.geteuid?.() !== 0,
    close: () => {
      fs.closeDirectory(root);
      const left = openDescriptors(folder.path);
      folder.remove();
      assert.deepEqual(left, [], "every descriptor is closed");
    },
  };
}

/** Every second call is interrupted, except those that Linux never interrupts or that must not be made again. */
function interrupting(real: Calls): Calls {
  let count = 0;
  const limits: Record<string, number> = { pread: 2, pwrite: 2, copy_file_range: 4 };
  const uninterrupted = ["close", "fcntl", "lseek", "geteuid", "sync"];
  const faulty = altered(real, (name, call) => {
    if (uninterrupted.includes(name)) return call;
    const length = limits[name];
    return (...values) => {
      if (count++ % 2 === 0) return faulty.fails(errno.EINTR);
      if (length !== undefined)
        values[length] = Math.min(values[length], name === "pread" ? 1e6 : 4093);
      return call(...values);
    };
  });
  return faulty;
}

/** Calls that following a path through one link takes, at most, below a folder in memory. */
const callsMax = 24;

function exchange(one: string, other: string): void {
  renameSync(one, `${one}-meanwhile`);
  renameSync(other, one);
  renameSync(`${one}-meanwhile`, other);
}

function without(real: Calls, numbers: Record<string, number>): Calls {
  const faulty = altered(real, (name, call) => {
    const number = numbers[name];
    return number === undefined ? call : () => faulty.fails(number);
  });
  return faulty;
}

if (calls !== undefined) linuxTests(calls);

function linuxTests(real: Calls): void {
  const older = { openat2: true, fchmodat2: true, xattrat: true };
  fsSuite("linux", () => fixtureOf(linuxFileSystem(real), undefined));
  fsSuite("linux in memory", () => fixtureOf(linuxFileSystem(real), memory));
  fsSuite("linux of an older kernel", () => fixtureOf(linuxFileSystem(real, older), memory));
  const withLinks = (without: typeof older | undefined) => (links: OperatorLinks) =>
    linuxFileSystem(real, { ...without, links });
  linkSettingTests("linux", withLinks(undefined));
  linkSettingTests("linux of an older kernel", withLinks(older));
  fsSuite("linux interrupted", () => fixtureOf(linuxFileSystem(interrupting(real)), memory));

  const skip = process.geteuid?.() !== 0 && "needs root, to give links to somebody else";
  test("a link that is exchanged for another's between any two calls leads nowhere", {
    skip,
  }, () => {
    using folder = temporaryFolder(memory);
    const path = (name: string): string => folder.at(name);
    for (const name of ["good", "evil"]) mkdirSync(path(name));
    /** Calls to go until the links change places. */
    let moments: number[] = [];
    const fs = linuxFileSystem(
      altered(real, (_, call) => (...values) => {
        moments = moments.map((left) => left - 1);
        if (moments.includes(0)) exchange(path("way"), path("other"));
        return call(...values);
      }),
    );
    const [evil, found] = [new Stat(), new Stat()];
    fs.closeDirectory(fs.openRoot(path("good")));
    const top = fs.openRoot(folder.path);
    fs.stat(top, "evil", evil);
    fs.closeDirectory(top);
    const outcomes = new Set<string>();
    for (let first = 1; first <= callsMax; first++) {
      for (let second = first; second <= callsMax; second++) {
        for (const name of ["way", "other"]) rmSync(path(name), { force: true });
        symlinkSync("good", path("way"));
        symlinkSync("evil", path("other"));
        lchownSync(path("other"), 4321, 4321);
        moments = first === second ? [first] : [first, second];
        try {
          const handle = fs.openRoot(path("way"));
          fs.statDirectory(handle, found);
          fs.closeDirectory(handle);
          assert.ok(!isSameInode(found, evil), `somebody else's link: ${first}, ${second}`);
          outcomes.add("opened");
        } catch (error) {
          if (!(error instanceof FsError)) throw error;
          outcomes.add(error.code);
        }
      }
    }
    assert.deepEqual([...outcomes].sort(), ["ELOOP", "opened"]);
  });

  const check = (
    property: string,
    numbers: Record<string, number>,
    body: (fixture: FsFixture) => void,
  ) =>
    test(property, () => {
      const fixture = fixtureOf(linuxFileSystem(without(real, numbers)), undefined);
      try {
        body(fixture);
      } finally {
        fixture.close();
      }
    });

  check(
    "no-replace is kept where the file system does not know it",
    { renameat2: errno.EINVAL },
    (fixture) => {
      const { fs, root } = fixture;
      put(fixture, root, "a", "a");
      put(fixture, root, "b", "b");
      fs.makeDirectory(root, "d", 0o755);
      fs.makeDirectory(root, "e", 0o755);
      refuses("EEXIST", () => fs.rename(root, "a", root, "b", "no-replace"));
      refuses("EEXIST", () => fs.rename(root, "d", root, "e", "no-replace"));
      fs.rename(root, "a", root, "c", "no-replace");
      fs.rename(root, "d", root, "f", "no-replace");
      assert.deepEqual(namesOf(fs, root), ["b", "c", "e", "f"]);
      assert.equal(get(fixture, root, "c"), "a");
      refuses("EINVAL", () => fs.rename(root, "b", root, "c", "exchange"));
    },
  );

  check(
    "where holes cannot be found everything is data",
    { lseek: errno.EINVAL },
    ({ fs, root }) => {
      using(fs, fs.createFile(root, "f", 0o600), (file) => {
        fs.truncate(file, 5000);
        assert.equal(fs.seekData(file, 7), 7);
        assert.equal(fs.seekHole(file, 7), 5000);
      });
    },
  );

  const declined = {
    copy_file_range: errno.EXDEV,
    ioctl: errno.ENOTTY,
    fallocate: errno.EOPNOTSUPP,
  };
  check("what the file system cannot do is declined, not thrown", declined, ({ fs, root }) => {
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, toBytes("abc"), 0, 3, 0);
      assert.equal(fs.copyRange(file, 0, file, 10, 3), -1);
      assert.equal(fs.clone(file, file), false);
      assert.equal(fs.allocate(file, 0, 100), false);
      assert.equal(fs.punchHole(file, 0, 100), false);
    });
  });

  const broken = {
    pread: errno.EIO,
    pwrite: errno.ENOSPC,
    getdents64: errno.EIO,
    fsync: errno.EIO,
    statx: errno.EIO,
  };
  check("errors keep their number", broken, ({ fs, root }) => {
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      refuses("EIO", () => fs.read(file, new Uint8Array(1), 0, 1, 0));
      refuses("ENOSPC", () => fs.write(file, new Uint8Array(1), 0, 1, 0));
      refuses("EIO", () => fs.syncFile(file));
    });
    refuses("EIO", () => namesOf(fs, root));
    refuses("EIO", () => fs.stat(root, "f", new Stat()));
    refuses("EIO", () => fs.openWrite(root, "f"));
  });

  test("times far outside 32 bits are exact where the file system has them", () => {
    const fixture = fixtureOf(linuxFileSystem(real), memory);
    const { fs, root } = fixture;
    put(fixture, root, "f");
    for (const seconds of [-1, 2 ** 32 + 1, -(2 ** 32) - 5, 2 ** 36 - 1, -(2 ** 31) - 1]) {
      fs.setTimes(root, "f", seconds, 1, seconds - 1, 999_999_999);
      const stat = statOf(fs, root, "f");
      const kept = [stat.atime, stat.atimeNanos, stat.mtime, stat.mtimeNanos];
      if (memory !== undefined) assert.deepEqual(kept, [seconds, 1, seconds - 1, 999_999_999]);
    }
    fixture.close();
  });

  test("threads work through one handle, each with its own door", async () => {
    const fixture = fixtureOf(linuxFileSystem(real), memory);
    const { fs, root } = fixture;
    const workers = ["a", "b", "c"].map((prefix) => {
      const workerData = { root, prefix, count: 300 };
      return new Worker(childModule("linux-child.ts", import.meta.url), { workerData });
    });
    const wrong = await Promise.all(workers.map((worker) => once(worker, "message")));
    await Promise.all(workers.map((worker) => worker.terminate()));
    assert.deepEqual(wrong, [[0], [0], [0]]);
    assert.equal(namesOf(fs, root).length, 900);
    fixture.close();
  });

  test("a root is opened by any path, through symlinks too", () => {
    using folder = temporaryFolder();
    const fs = linuxFileSystem(real);
    const root = fs.openRoot(folder.path);
    fs.makeDirectory(root, "\xff", 0o755);
    fs.makeSymlink(root, "link", "\xff");
    put({ fs, root, obeysPermissions: false, close: () => undefined }, root, "file");
    for (const path of ["\xff", "link", "link/../\xff/"]) {
      const below = fs.openRoot(`${folder.path}/${path}`);
      assert.equal(statOf(fs, root, "\xff").mode & ~0o777, typeDirectory);
      fs.closeDirectory(below);
    }
    refuses("ENOENT", () => fs.openRoot(`${folder.path}/absent`));
    refuses("ENOENT", () => fs.openRoot(""));
    refuses("ENOTDIR", () => fs.openRoot(`${folder.path}/file`));
    refuses("ENAMETOOLONG", () => fs.openRoot(`/${"x/".repeat(3000)}`));
    assert.equal(statOf(fs, root, "file").mode & ~0o777, typeRegular);
    fs.closeDirectory(root);
  });
}
