// What a door does with many files of a directory in one go, where it can: copying new ones and
// comparing. What is not marked as done must be as it was.

import assert from "node:assert/strict";
import type { ByteString } from "../../../src/base/index.ts";
import { type DirHandle, pickMark } from "../../../src/fs/index.ts";
import { Directory, permissionMask } from "../../../src/tree/index.ts";
import { check, type FsFixture, get, inside, namesOf, oddNames, put, statOf } from "./fixture.ts";

const sizes = [0, 1, 4095, 4096, 262_144, 262_145, 700_001];

/** The entries of a directory as a scan has them. */
function listed({ fs }: FsFixture, dir: DirHandle, names: readonly ByteString[]): Directory {
  const listing = new Directory();
  for (const name of names) listing.add(name, 0);
  fs.statEntries(dir, listing, 0, listing.count);
  return listing;
}

function contentOf(size: number): string {
  return "0123456789abcdef-".repeat(Math.ceil(size / 17)).slice(0, size);
}

/** Defines the tests of calls on many files. */
export function inOneGoTests(open: () => FsFixture): void {
  const define = (
    property: string,
    body: (fixture: FsFixture, from: DirHandle, to: DirHandle) => void,
  ): void => {
    check(open, property, (fixture) => {
      if (fixture.fs.copyNewFiles === undefined) return;
      inside(fixture, fixture.root, "from", (from) =>
        inside(fixture, fixture.root, "to", (to) => body(fixture, from, to)),
      );
    });
  };

  define("new files are copied whole, with permissions and time", (fixture, from, to) => {
    const { fs } = fixture;
    const names = [...sizes.map((size) => `size-${size}`), ...oddNames];
    for (const [i, name] of names.entries()) {
      put(fixture, from, name, contentOf(sizes[i] ?? 9));
      fs.setMode(from, name, [0o600, 0o644, 0o751][i % 3] as number);
      fs.setTimes(from, name, 5, 0, i - 20, 123_456_789);
    }
    const listing = listed(fixture, from, names);
    const marks = new Uint8Array(names.length).fill(pickMark.wanted);
    fs.copyNewFiles?.(from, to, listing, 0, names.length, marks);
    for (const [i, name] of names.entries()) {
      // A door may leave any file to single calls, but then it leaves nothing of it.
      if (marks[i] !== pickMark.done) continue;
      assert.equal(get(fixture, to, name), get(fixture, from, name));
      const [made, source] = [statOf(fs, to, name), statOf(fs, from, name)];
      assert.deepEqual([made.mtime, made.mtimeNanos], [source.mtime, source.mtimeNanos]);
      const unmasked = fixture.obeysPermissions || process.umask() !== 0;
      if (!unmasked) assert.equal(made.mode & permissionMask, source.mode & permissionMask);
    }
    const done = names.filter((_, i) => marks[i] === pickMark.done);
    assert.deepEqual(namesOf(fs, to), [...done].sort());
  });

  define("what is not as listed is left alone, and nothing remains of it", (fixture, from, to) => {
    const { fs } = fixture;
    const names = ["changed", "dir", "good", "gone", "link", "longer", "taken", "unpicked"];
    for (const name of names) put(fixture, from, name, contentOf(100));
    const listing = listed(fixture, from, names);
    put(fixture, to, "taken", "theirs");
    fs.setTimes(from, "changed", 1, 0, 2, 0);
    for (const name of ["gone", "link", "dir", "longer"]) fs.unlink(from, name);
    fs.makeSymlink(from, "link", "good");
    fs.makeDirectory(from, "dir", 0o755);
    put(fixture, from, "longer", contentOf(200));
    const marks = new Uint8Array(names.length).fill(pickMark.wanted);
    marks[names.indexOf("unpicked")] = pickMark.none;
    fs.copyNewFiles?.(from, to, listing, 0, names.length, marks);
    const done = names.filter((_, i) => marks[i] === pickMark.done);
    assert.ok(
      done.every((name) => name === "good"),
      `${done} are done`,
    );
    assert.deepEqual(namesOf(fs, to), [...done, "taken"].sort());
    assert.equal(get(fixture, to, "taken"), "theirs");
  });

  define("only the range that is asked for is touched", (fixture, from, to) => {
    const { fs } = fixture;
    const names = ["a", "b", "c", "d"];
    for (const name of names) put(fixture, from, name, name);
    const listing = listed(fixture, from, names);
    const marks = new Uint8Array(names.length).fill(pickMark.wanted);
    fs.copyNewFiles?.(from, to, listing, 1, 3, marks);
    assert.deepEqual([marks[0], marks[3]], [pickMark.wanted, pickMark.wanted]);
    assert.ok(namesOf(fs, to).every((name) => name === "b" || name === "c"));
  });

  const defineApart = (
    property: string,
    body: (fixture: FsFixture, from: DirHandle, to: DirHandle, stage: DirHandle) => void,
  ): void => {
    define(property, (fixture, from, to) => {
      if (fixture.fs.readFiles === undefined || fixture.fs.writeNewFiles === undefined) return;
      inside(fixture, fixture.root, "stage", (stage) => body(fixture, from, to, stage));
    });
  };

  defineApart("files are read into memory and written anew", (fixture, from, to, stage) => {
    const { fs } = fixture;
    const names = [...sizes.map((size) => `size-${size}`), ...oddNames];
    for (const [i, name] of names.entries()) {
      put(fixture, from, name, contentOf(sizes[i] ?? 9));
      fs.setTimes(from, name, 5, 0, i - 20, 123_456_789);
    }
    const listing = listed(fixture, from, names);
    const marks = new Uint8Array(names.length).fill(pickMark.wanted);
    const bytes = new Uint8Array(new SharedArrayBuffer(2_000_000));
    const end = fs.readFiles?.(from, listing, 0, names.length, marks, bytes, 7) ?? 0;
    const starts = new Float64Array(names.length);
    let at = 7;
    for (let i = 0; i < names.length; i++) {
      if (marks[i] !== pickMark.done) continue;
      starts[i] = at;
      at += listing.size[i] as number;
      marks[i] = pickMark.wanted;
    }
    assert.equal(end, at);
    put(fixture, to, "size-1", "theirs");
    fs.writeNewFiles?.(stage, to, listing, 0, names.length, marks, bytes, starts);
    for (const [i, name] of names.entries()) {
      if (marks[i] !== pickMark.done) continue;
      assert.equal(get(fixture, to, name), get(fixture, from, name));
      const made = statOf(fs, to, name);
      assert.deepEqual([made.mtime, made.mtimeNanos], [i - 20, 123_456_789]);
    }
    const done = names.filter((_, i) => marks[i] === pickMark.done);
    assert.deepEqual(namesOf(fs, to), [...done, "size-1"].sort());
    assert.equal(get(fixture, to, "size-1"), "theirs");
    assert.deepEqual(namesOf(fs, stage), []);
  });

  defineApart("what is not as listed, or has no room, is not read", (fixture, from) => {
    const { fs } = fixture;
    const names = ["changed", "good", "gone", "last", "link", "longer"];
    for (const name of names) put(fixture, from, name, contentOf(100));
    const listing = listed(fixture, from, names);
    fs.setTimes(from, "changed", 1, 0, 2, 0);
    for (const name of ["gone", "link", "longer"]) fs.unlink(from, name);
    fs.makeSymlink(from, "link", "good");
    put(fixture, from, "longer", contentOf(200));
    const marks = new Uint8Array(names.length).fill(pickMark.wanted);
    const bytes = new Uint8Array(150);
    const end = fs.readFiles?.(from, listing, 0, names.length, marks, bytes, 0);
    const done = names.filter((_, i) => marks[i] === pickMark.done);
    assert.ok(done.every((name) => name === "good"));
    assert.equal(end, done.length * 100);
    assert.equal(Buffer.from(bytes.subarray(0, end)).toString(), contentOf(end ?? 0));
  });
}
