// Holes, reserved space, copies inside the kernel.

import assert from "node:assert/strict";
import { toBytes } from "../../../src/base/index.ts";
import type { FileHandle, FileSystem } from "../../../src/fs/index.ts";
import { check, type FsFixture, get, put, readAll, statOf, using } from "./fixture.ts";

const mebibyte = 1 << 20;

/** The data ranges of a file as the door tells them. */
function dataRanges(fs: FileSystem, file: FileHandle, size: number): [number, number][] {
  const ranges: [number, number][] = [];
  for (let at = 0; at < size; ) {
    const data = fs.seekData(file, at);
    if (data < 0) break;
    const hole = fs.seekHole(file, data);
    assert.ok(data >= at && hole > data && hole <= size, `data ${data}, hole ${hole} from ${at}`);
    ranges.push([data, hole]);
    at = hole;
  }
  return ranges;
}

/** Defines the tests of holes, space, copies and flushing. */
export function rangeTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("every byte that is not zero lies in a data range", (fixture) => {
    const { fs, root } = fixture;
    const size = 8 * mebibyte;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.truncate(file, size);
      const places = [0, mebibyte, 3 * mebibyte + 17, size - 1];
      for (const place of places) fs.write(file, toBytes("x"), 0, 1, place);
      const ranges = dataRanges(fs, file, size);
      for (const place of places) {
        assert.ok(
          ranges.some(([from, to]) => from <= place && place < to),
          `${place} is data`,
        );
      }
      const told = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
      if (fs.abilities.holes) assert.ok(told <= 4 * mebibyte, `${told} bytes of data`);
    });
  });

  define("a file of nothing but a hole has no data; its end is a hole", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.truncate(file, mebibyte);
      if (fs.abilities.holes) {
        assert.equal(fs.seekData(file, 0), -1);
        assert.equal(fs.seekHole(file, 5), 5);
      } else {
        assert.equal(fs.seekData(file, 5), 5);
        assert.equal(fs.seekHole(file, 5), mebibyte);
      }
      fs.write(file, new Uint8Array(mebibyte).fill(1), 0, mebibyte, 0);
      assert.equal(fs.seekHole(file, 0), mebibyte);
      assert.equal(fs.seekData(file, 77), 77);
      assert.equal(fs.seekData(file, mebibyte), fs.abilities.holes ? -1 : mebibyte);
    });
  });

  define("a punched range reads as zeros and the size stays", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, new Uint8Array(4 * mebibyte).fill(7), 0, 4 * mebibyte, 0);
      const punched = fs.punchHole(file, mebibyte, 2 * mebibyte);
      if (!fs.abilities.holes) assert.equal(punched, false);
      const into = new Uint8Array(4);
      for (const [place, value] of [
        [0, 7],
        [mebibyte, 0],
        [3 * mebibyte - 4, 0],
        [3 * mebibyte, 7],
      ] as const) {
        fs.read(file, into, 0, 4, place);
        assert.deepEqual([...into], new Array(4).fill(punched ? value : 7));
      }
    });
    assert.equal(statOf(fs, root, "f").size, 4 * mebibyte);
  });

  define("reserving space leaves size and content", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, toBytes("abc"), 0, 3, 0);
      const reserved = fs.allocate(file, 0, 2 * mebibyte);
      assert.equal(readAll(fs, file), "abc");
      const { blocks } = statOf(fs, root, "f");
      if (reserved) assert.ok(blocks * 512 >= 2 * mebibyte, `${blocks} blocks`);
      assert.equal(typeof fs.allocate(file, 0, 0), "boolean");
    });
  });

  define("a copied range is the same bytes at the new place, or is declined", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "from", "0123456789");
    using(fs, fs.openRead(root, "from"), (from) =>
      using(fs, fs.createFile(root, "to", 0o600), (to) => {
        const count = fs.copyRange(from, 2, to, 5, 100);
        if (!fs.abilities.kernelCopy) assert.equal(count, -1);
        if (count < 0) return;
        assert.equal(count, 8);
        assert.equal(readAll(fs, to), "\0\0\0\0\x0023456789");
        assert.equal(fs.copyRange(from, 10, to, 0, 5), 0);
        assert.equal(fs.copyRange(from, 2 ** 33, to, 0, 5), 0);
        assert.equal(fs.copyRange(from, 0, to, 2 ** 33, 5), 5);
        const into = new Uint8Array(5);
        fs.read(to, into, 0, 5, 2 ** 33);
        assert.equal(Buffer.from(into).toString(), "01234");
      }),
    );
  });

  define("a clone has the same content, or is declined and changes nothing", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "from", "content");
    using(fs, fs.openRead(root, "from"), (from) =>
      using(fs, fs.createFile(root, "to", 0o600), (to) => {
        const expected = fs.clone(from, to) ? "content" : "";
        assert.equal(readAll(fs, to), expected);
      }),
    );
    assert.equal(get(fixture, root, "from"), "content");
  });

  define("flushing works on files and on file systems, and there is free space", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      fs.write(file, toBytes("x"), 0, 1, 0);
      fs.syncFile(file);
    });
    fs.syncDirectory(root);
    fs.syncFileSystem(root);
    const free = fs.freeBytes(root);
    assert.ok(Number.isInteger(free) && free > 0, `${free} bytes free`);
  });
}
