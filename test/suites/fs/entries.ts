// Making and removing entries of every kind.

import assert from "node:assert/strict";
import {
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeRegular,
  typeSocket,
} from "../../../src/tree/index.ts";
import {
  check,
  exists,
  type FsFixture,
  get,
  inside,
  namesOf,
  oddNames,
  put,
  refuses,
  statOf,
} from "./fixture.ts";

/** Defines the tests of making and removing entries. */
export function entryTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("directories are made once and removed when empty", (fixture) => {
    const { fs, root } = fixture;
    fs.makeDirectory(root, "d", 0o750);
    assert.equal(statOf(fs, root, "d").mode & ~0o022, typeDirectory | 0o750);
    refuses("EEXIST", () => fs.makeDirectory(root, "d", 0o755));
    put(fixture, root, "file");
    refuses("EEXIST", () => fs.makeDirectory(root, "file", 0o755));
    refuses("ENOTDIR", () => fs.removeDirectory(root, "file"));
    refuses("ENOENT", () => fs.removeDirectory(root, "absent"));
    const d = fs.openDirectory(root, "d");
    put(fixture, d, "x");
    refuses(["ENOTEMPTY", "EEXIST"], () => fs.removeDirectory(root, "d"));
    fs.unlink(d, "x");
    fs.closeDirectory(d);
    fs.removeDirectory(root, "d");
    assert.deepEqual(namesOf(fs, root), ["file"]);
  });

  define("unlink removes names but no directories", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeSymlink(root, "link", "file");
    fs.makeDirectory(root, "dir", 0o755);
    fs.makeSymlink(root, "toDir", "dir");
    refuses("EISDIR", () => fs.unlink(root, "dir"));
    refuses("ENOENT", () => fs.unlink(root, "absent"));
    refuses("ENOTDIR", () => fs.removeDirectory(root, "toDir"));
    fs.unlink(root, "link");
    fs.unlink(root, "toDir");
    assert.deepEqual(namesOf(fs, root), ["dir", "file"]);
    fs.unlink(root, "file");
    assert.ok(!exists(fs, root, "file"));
  });

  define("a symlink keeps its target byte for byte", (fixture) => {
    const { fs, root } = fixture;
    const targets = [...oddNames, ".", "..", "/", "a/../../b", "/etc/passwd", "t/".repeat(2047)];
    for (const [index, target] of targets.entries()) fs.makeSymlink(root, `l${index}`, target);
    targets.forEach((target, index) => {
      assert.equal(fs.readLink(root, `l${index}`), target);
      assert.equal(statOf(fs, root, `l${index}`).size, target.length);
    });
    refuses("EEXIST", () => fs.makeSymlink(root, "l0", "again"));
    refuses("ENOENT", () => fs.makeSymlink(root, "empty", ""));
    refuses("ENAMETOOLONG", () => fs.makeSymlink(root, "long", "x".repeat(4096)));
    refuses(["EINVAL", "ENOENT"], () => fs.makeSymlink(root, "cut", "a\0b"));
  });

  define("only a symlink can be read as one", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeDirectory(root, "dir", 0o755);
    refuses("EINVAL", () => fs.readLink(root, "file"));
    refuses("EINVAL", () => fs.readLink(root, "dir"));
    refuses("ENOENT", () => fs.readLink(root, "absent"));
  });

  define("a hard link is the same file under another name", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "one", "content");
    inside(fixture, root, "d", (d) => {
      fs.link(root, "one", d, "two");
      assert.deepEqual(statOf(fs, d, "two"), statOf(fs, root, "one"));
      assert.equal(statOf(fs, d, "two").nlink, 2);
      refuses("EEXIST", () => fs.link(root, "one", d, "two"));
      refuses("ENOENT", () => fs.link(root, "absent", d, "three"));
      refuses("EPERM", () => fs.link(root, "d", root, "e"));
      fs.unlink(root, "one");
      assert.equal(get(fixture, d, "two"), "content");
      assert.equal(statOf(fs, d, "two").nlink, 1);
    });
  });

  define("a hard link of a symlink is the symlink, not what it points to", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeSymlink(root, "link", "file");
    fs.link(root, "link", root, "other");
    assert.equal(fs.readLink(root, "other"), "file");
    assert.equal(statOf(fs, root, "file").nlink, 1);
  });

  define("pipes, sockets and devices are made with type and number, or refused", (fixture) => {
    const { fs, root } = fixture;
    const nodes = [
      ["pipe", typeFifo, 0, 0, false],
      ["socket", typeSocket, 0, 0, false],
      ["char", typeCharacter, 1, 3, true],
      ["block", typeBlock, 8, 1, true],
      ["high", typeCharacter, 4095, 1_048_575, true],
      ["middle", typeBlock, 259, 65_793, true],
    ] as const;
    for (const [name, type, major, minor, needsPrivilege] of nodes) {
      const make = () => fs.makeNode(root, name, type | 0o640, major, minor);
      if (!(needsPrivilege ? fs.abilities.devices : fs.abilities.specials)) {
        refuses(["EPERM", "EOPNOTSUPP", "ENOSYS"], make);
        continue;
      }
      make();
      const stat = statOf(fs, root, name);
      assert.equal(stat.mode & typeMask, type);
      if (needsPrivilege) assert.deepEqual([stat.rdevMajor, stat.rdevMinor], [major, minor], name);
      refuses("EEXIST", make);
      fs.unlink(root, name);
    }
  });

  define("a regular file's type bits are told", (fixture) => {
    put(fixture, fixture.root, "f");
    assert.equal(statOf(fixture.fs, fixture.root, "f").mode & typeMask, typeRegular);
  });

  define("a directory that we may not write refuses every change", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    if (!obeysPermissions) return;
    inside(fixture, root, "d", (d) => {
      put(fixture, d, "x");
      fs.setDirectoryMode(d, 0o555);
      const changes = [
        () => fs.createFile(d, "y", 0o600),
        () => fs.unlink(d, "x"),
        () => fs.makeDirectory(d, "y", 0o755),
        () => fs.makeSymlink(d, "y", "x"),
        () => fs.rename(d, "x", d, "y"),
        () => fs.link(d, "x", d, "y"),
      ];
      for (const change of changes) refuses("EACCES", change);
      fs.setDirectoryMode(d, 0o755);
      assert.deepEqual(namesOf(fs, d), ["x"]);
    });
  });
}
