// Large files, which several lanes write, when something goes wrong with them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errno } from "../../src/base/index.ts";
import {
  type DirHandle,
  type FaultPlan,
  type FileHandle,
  type FileSystem,
  FsError,
  faultyFileSystem,
  memoryFileSystem,
} from "../../src/fs/index.ts";
import { runInline } from "./run-inline.ts";

process.umask(0);

const size = 65 * (1 << 20);

/** Content without repetitions. */
function content(): Buffer {
  const words = new Uint32Array(size / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state ^ i;
  }
  return Buffer.from(words.buffer);
}

/** Makes a directory with a large file of that content and that time. */
function makeEnd(fs: FileSystem, root: DirHandle, name: string, bytes: Buffer, time: number): void {
  fs.makeDirectory(root, name, 0o755);
  const dir = fs.openDirectory(root, name);
  const file = fs.createFile(dir, "large", 0o644);
  fs.write(file, bytes, 0, bytes.length, 0);
  fs.closeFile(file);
  fs.setTimes(dir, "large", time, 0, time, 0);
  fs.closeDirectory(dir);
}

function readLarge(fs: FileSystem, root: DirHandle, name: string): Buffer {
  const dir = fs.openDirectory(root, name);
  const file = fs.openRead(dir, "large");
  const bytes = Buffer.alloc(size);
  assert.equal(fs.read(file, bytes, 0, size, 0), size);
  fs.closeFile(file);
  fs.closeDirectory(dir);
  return bytes;
}

/** The door with some operations replaced. */
function replaced(door: FileSystem, operations: Partial<FileSystem>): FileSystem {
  return new Proxy(door, {
    get: (inner, key: keyof FileSystem) => {
      const value = operations[key] ?? inner[key];
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

test("a source that cannot be read is the source's trouble and ends no run", async () => {
  const fs = memoryFileSystem();
  const root = fs.openRoot("/");
  makeEnd(fs, root, "from", content(), 1);
  // From the second piece on neither the kernel nor we can read it.
  let copies = 0;
  const plan: FaultPlan = ({ operation }) => {
    if (operation === "copyRange") copies++;
    const fails = copies > 4 && (operation === "copyRange" || operation === "read");
    return fails ? { kind: "fail", errno: errno.EIO } : undefined;
  };
  const door = faultyFileSystem(replaced(fs, { clone: () => false }), plan);
  const { exit, events } = await runInline(door, ["-a", "/from/", "/to/"]);
  assert.equal(exit, 23);
  const problems = events.filter((event) => event.type === "problem");
  assert.deepEqual(
    problems.map(({ role, errno: number }) => [role, number]),
    [["source", errno.EIO]],
  );
});

for (const personality of ["manifold", "manifold-rsync"] as const) {
  const isOurs = personality === "manifold";
  const kept = isOurs ? "what lies behind a gap is kept too" : "nothing but a whole start is kept";
  test(`of a file whose first piece fails ${kept}: ${personality}`, async () => {
    const fs = memoryFileSystem();
    const root = fs.openRoot("/");
    const wanted = content();
    makeEnd(fs, root, "from", wanted, 1);
    let broken: FileHandle | undefined;
    const fails = (file: FileHandle, position: number): void => {
      if (file === broken && position < 1 << 25) throw new FsError(errno.EIO, "pread", "");
    };
    const door = replaced(fs, {
      clone: () => false,
      openRead: (dir, name) => {
        const file = fs.openRead(dir, name);
        if (name === "large") broken ??= file;
        return file;
      },
      copyRange: (from, at, ...rest) => {
        fails(from, at);
        return fs.copyRange(from, at, ...rest);
      },
      read: (file, into, offset, length, position) => {
        fails(file, position);
        return fs.read(file, into, offset, length, position);
      },
    });
    const argv = ["-a", "--partial", "--stats", "/from/", "/to/"];
    assert.equal((await runInline(door, argv, personality)).exit, 23);
    let copied = 0;
    const again = replaced(fs, {
      clone: () => false,
      write: (...[file, bytes, offset, length, position]) => {
        copied += length;
        return fs.write(file, bytes, offset, length, position);
      },
      copyRange: (...range) => {
        const length = fs.copyRange(...range);
        copied += length;
        return length;
      },
    });
    assert.equal((await runInline(again, argv, personality)).exit, 0);
    assert.ok(readLarge(fs, root, "to").equals(wanted));
    const missing = isOurs ? 1 << 25 : size;
    assert.ok(copied >= missing && copied < missing + (1 << 20), `${copied} bytes were copied`);
  });
}

test("a basis that changes while a file shares its blocks does not get into the file", async () => {
  const fs = memoryFileSystem();
  const root = fs.openRoot("/");
  const wanted = content();
  const old = Buffer.from(wanted);
  old.fill(7, 40_000_000, 40_000_100);
  makeEnd(fs, root, "from", wanted, 2);
  makeEnd(fs, root, "to", old, 1);
  const to = fs.openDirectory(root, "to");
  // When reading begins, somebody gives the basis what the new file has there.
  const basis = fs.openWrite(to, "large");
  let reads = 0;
  const door = replaced(fs, {
    read: (file, into, offset, length, position) => {
      if (reads++ === 0) fs.write(basis, wanted, 40_000_000, 100, 40_000_000);
      return fs.read(file, into, offset, length, position);
    },
  });
  await runInline(door, ["-a", "--no-whole-file", "--on-conflict=overwrite", "/from/", "/to/"]);
  assert.ok(reads > 0);
  assert.ok(readLarge(fs, root, "to").equals(wanted));
});
