// The faulty door: with no faults planned it is the door that it wraps, which the conformance suite
// checks on all of them; and each kind of fault does what it says, no more and no less.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { errno, seededRandom, toBytes } from "../../src/base/index.ts";
import {
  type Call,
  Crash,
  type FaultPlan,
  type FileSystem,
  faultAt,
  faultOf,
  faultyFileSystem,
  firstOf,
  linuxFileSystem,
  memoryFileSystem,
  noFaults,
  portableFileSystem,
  seededFaults,
} from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { Directory } from "../../src/tree/index.ts";
import { exists, get, namesOf, put, refuses, statOf, using } from "../suites/fs/fixture.ts";
import { type FsFixture, fsSuite } from "../suites/fs-suite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const calls = loadSystemCalls();
const shared = existsSync("/dev/shm") ? "/dev/shm" : undefined;

function onDisk(inner: FileSystem): FsFixture {
  const folder = temporaryFolder(shared);
  const fs = faultyFileSystem(inner, noFaults);
  const root = fs.openRoot(folder.path);
  const close = (): void => {
    fs.closeDirectory(root);
    folder.remove();
  };
  const obeysPermissions = process.geteuid?.() !== 0;
  return { fs, root, path: folder.path, obeysPermissions, close };
}

fsSuite("faulty around memory", () => {
  const inner = memoryFileSystem();
  const fs = faultyFileSystem(inner, noFaults);
  const root = fs.openRoot("/");
  const close = (): void => {
    fs.closeDirectory(root);
    assert.equal(inner.openHandles, 0, "every handle is closed");
  };
  return { fs, root, obeysPermissions: false, close };
});
fsSuite("faulty around portable", () => onDisk(portableFileSystem()));
if (calls !== undefined) fsSuite("faulty around linux", () => onDisk(linuxFileSystem(calls)));

/** A memory door with a file "f" of eight bytes, and a faulty one around it. */
function open(plan: FaultPlan, delay?: () => void) {
  const inner = memoryFileSystem();
  const root = inner.openRoot("/");
  const plain: FsFixture = { fs: inner, root, obeysPermissions: false, close: () => undefined };
  put(plain, root, "f", "12345678");
  return { inner, root, plain, fs: faultyFileSystem(inner, plan, { delay }) };
}

const broken = { kind: "fail", errno: errno.EIO } as const;
const buffer = new Uint8Array(8);

test("a call that fails is not made, and the next one is", () => {
  const { fs, root, inner } = open(faultOf("makeDirectory", 2, broken));
  fs.makeDirectory(root, "a", 0o755);
  refuses("EIO", () => fs.makeDirectory(root, "b", 0o755));
  fs.makeDirectory(root, "c", 0o755);
  assert.deepEqual(namesOf(inner, root), ["a", "c", "f"]);
});

test("errors have the operation and the name that Linux's have", () => {
  const { fs, root } = open(faultOf("unlink", 1, broken));
  assert.throws(() => fs.unlink(root, "f"), { operation: "unlinkat", path: "f", code: "EIO" });
});

test("a call that fails after success was made", () => {
  const { fs, root, inner } = open(
    faultOf("rename", 1, { kind: "fail-after", errno: errno.ESTALE }),
  );
  refuses("ESTALE", () => fs.rename(root, "f", root, "g"));
  assert.deepEqual(namesOf(inner, root), ["g"]);
});

test("a file that was made although that failed is there, and nobody has it open", () => {
  const { fs, root, inner } = open(
    faultOf("createFile", 1, { kind: "fail-after", errno: errno.EIO }),
  );
  refuses("EIO", () => fs.createFile(root, "g", 0o600));
  assert.ok(exists(fs, root, "g"));
  assert.equal(inner.openHandles, 1, "only the root is open");
});

test("a fault lasts for the operation, or for all of the door", () => {
  const forOne = open(faultAt(2, broken, "operation"));
  forOne.fs.makeDirectory(forOne.root, "a", 0o755);
  refuses("EIO", () => forOne.fs.makeDirectory(forOne.root, "b", 0o755));
  assert.ok(exists(forOne.fs, forOne.root, "a"));
  refuses("EIO", () => forOne.fs.makeDirectory(forOne.root, "b", 0o755));
  const forAll = open(faultAt(2, broken, "device"));
  forAll.fs.makeDirectory(forAll.root, "a", 0o755);
  refuses("EIO", () => forAll.fs.makeDirectory(forAll.root, "b", 0o755));
  refuses("EIO", () => exists(forAll.fs, forAll.root, "a"));
});

test("short reads and copies bring half, a short write leaves half and fails", () => {
  const short = { kind: "short", errno: errno.ENOSPC } as const;
  const plan = firstOf(
    faultOf("read", 1, short),
    faultOf("write", 1, short),
    faultOf("copyRange", 1, short),
  );
  const { fs, root, plain } = open(plan);
  using(fs, fs.openRead(root, "f"), (from) => {
    assert.equal(fs.read(from, buffer, 0, 8, 0), 4);
    assert.equal(fs.read(from, buffer, 0, 8, 0), 8);
    using(fs, fs.createFile(root, "g", 0o600), (to) => {
      refuses("ENOSPC", () => fs.write(to, toBytes("abcdefgh"), 0, 8, 0));
      assert.equal(get(plain, root, "g"), "abcd");
      assert.equal(fs.copyRange(from, 0, to, 0, 8), 4);
      assert.equal(get(plain, root, "g"), "1234");
    });
  });
});

test("the attributes of one entry fail without the others', as a problem of the listing", () => {
  const { fs, root, plain } = open(faultOf("statEntries", 2, broken));
  put(plain, root, "g");
  put(plain, root, "h");
  const listing = new Directory();
  fs.readNames(root, listing);
  fs.statEntries(root, listing, 0, listing.count);
  assert.deepEqual([...listing.problem.subarray(0, 3)], [0, errno.EIO, 0]);
  assert.equal(listing.mode[1], 0);
  assert.notEqual(listing.mode[2], 0);
});

test("an error that says that nothing is there is the answer no", () => {
  const { fs, root } = open(faultOf("stat", 1, { kind: "fail", errno: errno.ENOENT }));
  assert.equal(exists(fs, root, "f"), false);
  assert.equal(exists(fs, root, "f"), true);
});

test("a close that fails has closed", () => {
  const { fs, root, inner } = open(firstOf(faultOf("closeFile", 1, broken)));
  const file = fs.openRead(root, "f");
  refuses("EIO", () => fs.closeFile(file));
  assert.equal(inner.openHandles, 1, "only the root is open");
});

test("somebody else changes things between two calls", () => {
  const { fs, root, plain } = open(
    faultOf("read", 2, {
      kind: "meddle",
      act: (inner, { number, operation }) => {
        assert.deepEqual([number, operation], [3, "read"]);
        using(inner, inner.openWrite(root, "f"), (file) => inner.truncate(file, 2));
      },
    }),
  );
  using(fs, fs.openRead(root, "f"), (file) => {
    assert.equal(fs.read(file, buffer, 0, 4, 0), 4);
    assert.equal(fs.read(file, buffer, 4, 4, 4), 0);
  });
  assert.equal(statOf(plain.fs, root, "f").size, 2);
});

test("after a crash no call is made, and none is an error of a path", () => {
  const { fs, root, inner } = open(faultOf("makeDirectory", 2, { kind: "crash" }));
  fs.makeDirectory(root, "a", 0o755);
  assert.throws(() => fs.makeDirectory(root, "b", 0o755), Crash);
  assert.throws(() => fs.makeDirectory(root, "c", 0o755), Crash);
  const listing = new Directory();
  listing.add("f", 0);
  assert.throws(() => fs.statEntries(root, listing, 0, 1), Crash);
  assert.throws(() => fs.closeDirectory(root), Crash);
  assert.deepEqual(namesOf(inner, root), ["a", "f"]);
});

test("every call waits before it is made, one entry of statEntries at a time", () => {
  let waited = 0;
  const { fs, root } = open(noFaults, () => waited++);
  const listing = new Directory();
  fs.readNames(root, listing);
  listing.add("absent", 0);
  fs.statEntries(root, listing, 0, 2);
  assert.equal(waited, 3);
});

test("a seed has the same faults every time, about as many as were asked for", () => {
  const heard = (seed: number): string => {
    const met: string[] = [];
    const full = { kind: "fail", errno: errno.ENOSPC } as const;
    const plan = seededFaults(seededRandom(seed), 100, [broken, full]);
    const seen = (call: Call) => {
      const fault = plan(call);
      if (fault?.kind === "fail") met.push(`${call.number}:${fault.errno}`);
      return fault;
    };
    const { fs, root } = open(seen);
    for (let i = 0; i < 1000; i++) {
      try {
        exists(fs, root, "f");
      } catch {
        // Planned.
      }
    }
    assert.ok(met.length > 50 && met.length < 200, `${met.length} of 1000`);
    return met.join();
  };
  assert.equal(heard(1), heard(1));
  assert.notEqual(heard(1), heard(2));
});
