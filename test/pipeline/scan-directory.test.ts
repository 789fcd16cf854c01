// Pins what a scan makes of a directory that others change while it is read: the listing is in its
// order, has every name once, and does not call whole what it could not read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errno } from "../../src/base/index.ts";
import {
  type DirHandle,
  type FaultPlan,
  type FileSystem,
  faultOf,
  faultyFileSystem,
  memoryFileSystem,
  noFaults,
} from "../../src/fs/index.ts";
import { type ScanContext, scanDirectory } from "../../src/pipeline/index.ts";
import { compareEntries, Directory, typeRegular } from "../../src/tree/index.ts";
import { put } from "../suites/fs/fixture.ts";

interface Scanned {
  readonly names: readonly string[];
  readonly listing: Directory;
  readonly problems: readonly string[];
}

/** Files a to d and directories p to s, scanned through a door on which this happens. */
function scan(plan: FaultPlan, around: (fs: FileSystem) => FileSystem = (fs) => fs): Scanned {
  const inner = memoryFileSystem();
  const root = inner.openRoot("/");
  for (const name of ["d", "b", "a", "c"]) put({ fs: inner, root } as never, root, name);
  for (const name of ["s", "q", "p", "r"]) inner.makeDirectory(root, name, 0o755);
  const fs = around(faultyFileSystem(inner, plan));
  const problems: string[] = [];
  const context: ScanContext = {
    roots: [{ fs, dir: root, label: "src/" }],
    options: {
      copyLinks: false,
      copyUnsafe: false,
      copyDirLinks: false,
      xattrs: undefined,
      linkTargets: true,
      oneFileSystem: 0,
      directories: true,
      unmunge: false,
    },
    hides: undefined,
    problem: (path, operation, number) => problems.push(`${operation} ${path} ${number}`),
    note: () => undefined,
  };
  const listing = new Directory();
  const origin = { root: 0, path: "", named: 0, order: 0 };
  scanDirectory(context, { path: "", origins: [origin], named: [] }, listing);
  for (let i = 1; i < listing.count; i++) {
    assert.ok(compareEntries(listing, i - 1, listing, i) < 0, "the listing is in order");
  }
  const names = Array.from({ length: listing.count }, (_, i) => listing.name(i));
  return { names, listing, problems };
}

/** Somebody acts after the names were read and before any entry is looked at. */
function before(act: (inner: FileSystem, root: DirHandle) => void): FaultPlan {
  return faultOf("statEntries", 1, {
    kind: "meddle",
    act: (inner) => {
      const root = inner.openRoot("/");
      act(inner, root);
      inner.closeDirectory(root);
    },
  });
}

/** The door tells some names twice. */
function telling(fs: FileSystem, names: readonly string[], type: number): FileSystem {
  const readNames: FileSystem["readNames"] = (dir, listing) => {
    for (const name of names) listing.add(name, type);
    fs.readNames(dir, listing);
  };
  return new Proxy(fs, {
    get: (door, key: keyof FileSystem) => {
      if (key === "readNames") return readNames;
      const value = door[key];
      return typeof value === "function" ? value.bind(door) : value;
    },
  });
}

test("undisturbed, files come first and directories last", () => {
  const { names, listing, problems } = scan(noFaults);
  assert.deepEqual(names, ["a", "b", "c", "d", "p", "q", "r", "s"]);
  assert.deepEqual([listing.complete, problems], [true, []]);
});

test("an entry of another type by the time it is looked at stands where that belongs", () => {
  const swap = (inner: FileSystem, root: DirHandle, name: string): void => {
    if (name < "p") {
      inner.unlink(root, name);
      inner.makeDirectory(root, name, 0o755);
    } else {
      inner.removeDirectory(root, name);
      inner.makeSymlink(root, name, "elsewhere");
    }
  };
  for (const turned of [
    ["r"],
    ["p"],
    ["s"],
    ["d"],
    ["a"],
    ["d", "p"],
    ["a", "s"],
    ["c", "q", "r"],
  ]) {
    const { names, listing } = scan(
      before((inner, root) => {
        for (const name of turned) swap(inner, root, name);
      }),
    );
    assert.deepEqual([...names].sort(), ["a", "b", "c", "d", "p", "q", "r", "s"]);
    const isDirectory = (name: string): boolean => name >= "p" !== turned.includes(name);
    for (const [i, name] of names.entries())
      assert.equal(listing.isDirectory(i), isDirectory(name), name);
    for (const [i, name] of names.entries()) {
      if (turned.includes(name) && name >= "p")
        assert.equal(listing.linkTargets.get(i), "elsewhere", "details are those of the entry");
    }
  }
});

test("entries that vanish or change type at once leave the others in order", () => {
  const { names, listing, problems } = scan(
    before((inner, root) => {
      inner.unlink(root, "d");
      inner.removeDirectory(root, "p");
      put({ fs: inner, root } as never, root, "p");
    }),
  );
  assert.deepEqual(names, ["a", "b", "c", "p", "q", "r", "s"]);
  assert.deepEqual(problems, [`lstat src/d ${errno.ENOENT}`]);
  assert.ok(listing.complete, "what is gone is no reason not to delete it");
});

test("a name that the file system tells twice is listed once", () => {
  for (const type of [typeRegular, 0]) {
    const { names } = scan(noFaults, (fs) => telling(fs, ["b", "d", "b"], type));
    assert.deepEqual(names, ["a", "b", "c", "d", "p", "q", "r", "s"]);
  }
});

test("a listing that ends in an error is not whole", () => {
  const broken = faultOf("readNames", 1, { kind: "fail", errno: errno.EIO });
  const { listing, problems } = scan(broken);
  assert.equal(listing.complete, false);
  assert.deepEqual(problems, [`readdir src/ ${errno.EIO}`]);
});
