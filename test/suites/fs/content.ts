// Opening files and moving their bytes.

import assert from "node:assert/strict";
import { AssertionError, toBytes } from "../../../src/base/index.ts";
import { typeFifo } from "../../../src/tree/index.ts";
import {
  check,
  type FsFixture,
  get,
  inside,
  namesOf,
  put,
  readAll,
  refuses,
  statOf,
  using,
} from "./fixture.ts";

/** Defines the tests of opening, reading and writing. */
export function contentTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("bytes are read back from where they were written", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      const bytes = toBytes("0123456789");
      fs.write(file, bytes, 2, 5, 10);
      fs.write(file, bytes, 0, 1, 0);
      assert.equal(readAll(fs, file), `0${"\0".repeat(9)}23456`);
      const into = new Uint8Array(8).fill(255);
      assert.equal(fs.read(file, into, 3, 4, 11), 4);
      assert.deepEqual([...into], [255, 255, 255, 51, 52, 53, 54, 255]);
      assert.equal(fs.read(file, into, 0, 8, 13), 2);
      assert.equal(fs.read(file, into, 0, 8, 15), 0);
      assert.equal(fs.read(file, into, 0, 8, 1_000_000), 0);
      assert.equal(fs.read(file, into, 8, 0, 0), 0);
      fs.write(file, bytes, 10, 0, 50);
    });
    assert.equal(statOf(fs, root, "f").size, 15);
  });

  define(
    "views into larger and shared buffers are read and written at their own place",
    (fixture) => {
      const { fs, root } = fixture;
      using(fs, fs.createFile(root, "f", 0o600), (file) => {
        const whole = new Uint8Array(new ArrayBuffer(100)).fill(1);
        fs.write(file, toBytes("abcdef"), 0, 6, 0);
        fs.read(file, whole.subarray(10, 20), 2, 6, 0);
        assert.equal(Buffer.from(whole.subarray(12, 18)).toString(), "abcdef");
        assert.deepEqual([whole[11], whole[18]], [1, 1]);
        fs.write(file, whole.subarray(12), 2, 4, 100);
        const shared = new Uint8Array(new SharedArrayBuffer(32), 8, 16);
        assert.equal(fs.read(file, shared, 1, 10, 100), 4);
        assert.equal(Buffer.from(shared).toString("latin1", 1, 5), "cdef");
        fs.write(file, shared, 1, 4, 0);
        assert.equal(readAll(fs, file).slice(0, 6), "cdefef");
        // Small arrays lie inside the JavaScript heap until somebody asks where they are.
        for (let i = 0; i < 50; i++) {
          const small = new Uint8Array(4);
          fs.read(file, small, 0, 4, 0);
          assert.equal(Buffer.from(small).toString(), "cdef");
        }
      });
    },
  );

  define("8 MiB in one go arrive complete", (fixture) => {
    const { fs, root } = fixture;
    const bytes = new Uint8Array(8 << 20);
    for (let i = 0; i < bytes.length; i += 4099) bytes[i] = i % 251;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, bytes, 0, bytes.length, 0);
      const back = new Uint8Array(bytes.length);
      let used = 0;
      while (used < back.length) used += fs.read(file, back, used, back.length - used, used);
      assert.ok(Buffer.from(back.buffer).equals(bytes));
    });
  });

  define("reading or writing outside the buffer is a bug, not a crash", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      const bytes = new Uint8Array(10);
      for (const [offset, length] of [
        [0, 11],
        [10, 1],
        [-1, 5],
        [5, -1],
        [2 ** 40, 1],
        [Number.NaN, 1],
      ] as const) {
        assert.throws(() => fs.read(file, bytes, offset, length, 0), AssertionError);
        assert.throws(() => fs.write(file, bytes, offset, length, 0), AssertionError);
      }
    });
  });

  define("positions beyond 4 GiB are exact", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      for (const position of [2 ** 31 - 2, 2 ** 32 - 2, 2 ** 33 + 12_345]) {
        fs.write(file, toBytes("mark"), 0, 4, position);
        const into = new Uint8Array(6);
        assert.equal(fs.read(file, into, 0, 4, position), 4);
        assert.equal(Buffer.from(into).toString("latin1", 0, 4), "mark");
      }
    });
    assert.equal(statOf(fs, root, "f").size, 2 ** 33 + 12_349);
  });

  define("truncate cuts, and extends with zeros", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, toBytes("abcdef"), 0, 6, 0);
      fs.truncate(file, 3);
      fs.truncate(file, 5);
      assert.equal(readAll(fs, file), "abc\0\0");
    });
  });

  define("creating takes no name that is taken, by a symlink neither", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file", "old");
    fs.makeDirectory(root, "dir", 0o755);
    fs.makeSymlink(root, "dangling", "elsewhere");
    for (const name of ["file", "dir", "dangling"])
      refuses("EEXIST", () => fs.createFile(root, name, 0o600));
    assert.equal(get(fixture, root, "file"), "old");
    assert.deepEqual(namesOf(fs, root), ["dangling", "dir", "file"]);
    refuses("ENOENT", () => fs.openRead(root, "absent"));
    refuses("ENOENT", () => fs.openWrite(root, "absent"));
  });

  define("no file is opened through a symlink unless asked", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) => {
      put(fixture, a, "file", "content");
      fs.makeSymlink(a, "inside", "./file");
      fs.makeSymlink(a, "chain", "inside");
      fs.makeSymlink(a, "outside", "../file");
      fs.makeSymlink(a, "absolute", "/etc/passwd");
      put(fixture, root, "file", "above");
      for (const name of ["inside", "outside", "absolute"]) {
        refuses("ELOOP", () => fs.openRead(a, name));
        refuses("ELOOP", () => fs.openWrite(a, name));
      }
      for (const name of ["inside", "chain", "file"]) {
        for (const follow of ["beneath", "anywhere"] as const) {
          using(fs, fs.openRead(a, name, { follow }), (file) =>
            assert.equal(readAll(fs, file), "content"),
          );
        }
      }
      refuses("EXDEV", () => fs.openRead(a, "outside", { follow: "beneath" }));
      refuses("EXDEV", () => fs.openRead(a, "absolute", { follow: "beneath" }));
      using(fs, fs.openRead(a, "outside", { follow: "anywhere" }), (file) =>
        assert.equal(readAll(fs, file), "above"),
      );
    });
  });

  define("asking not to touch the access time never stops a file from being read", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f", "content");
    using(fs, fs.openRead(root, "f", { noAtime: true }), (file) =>
      assert.equal(readAll(fs, file), "content"),
    );
    refuses("ENOENT", () => fs.openRead(root, "absent", { noAtime: true }));
  });

  define("openWrite changes in place and takes regular files only", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f", "abcdef");
    using(fs, fs.openWrite(root, "f"), (file) => {
      assert.equal(readAll(fs, file), "abcdef");
      fs.write(file, toBytes("XY"), 0, 2, 2);
    });
    assert.equal(get(fixture, root, "f"), "abXYef");
    fs.makeDirectory(root, "dir", 0o755);
    refuses("EISDIR", () => fs.openWrite(root, "dir"));
  });

  define("a pipe is opened without waiting for its other end", (fixture) => {
    const { fs, root } = fixture;
    try {
      fs.makeNode(root, "pipe", typeFifo | 0o600, 0, 0);
    } catch {
      return; // This door cannot make one; entries.ts has the test of that.
    }
    fs.closeFile(fs.openRead(root, "pipe"));
    refuses(["EINVAL", "ENXIO"], () => fs.openWrite(root, "pipe"));
  });

  define("a file outlives its name while it is open", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f", "content");
    using(fs, fs.openRead(root, "f"), (file) => {
      fs.unlink(root, "f");
      assert.equal(readAll(fs, file), "content");
    });
  });

  define("a file open for reading only is not written, a closed one not touched", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f", "content");
    const file = fs.openRead(root, "f");
    refuses("EBADF", () => fs.write(file, new Uint8Array(3), 0, 3, 0));
    refuses(["EBADF", "EINVAL"], () => fs.truncate(file, 0));
    fs.closeFile(file);
    refuses("EBADF", () => fs.closeFile(file));
    refuses("EBADF", () => fs.read(file, new Uint8Array(3), 0, 3, 0));
  });

  define("permission bits of a file are kept to", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    if (!obeysPermissions) return;
    put(fixture, root, "f", "content");
    fs.setMode(root, "f", 0);
    refuses("EACCES", () => fs.openRead(root, "f"));
    fs.setMode(root, "f", 0o444);
    refuses("EACCES", () => fs.openWrite(root, "f"));
    assert.equal(get(fixture, root, "f"), "content");
  });
}
