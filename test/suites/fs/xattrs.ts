// Extended attributes of entries, of the pinned directory itself, of symlinks.

import assert from "node:assert/strict";
import { errno, toBytes } from "../../../src/base/index.ts";
import { FsError } from "../../../src/fs/index.ts";
import { accessAclName, defaultAclName } from "../../../src/tree/index.ts";
import { check, type FsFixture, inside, put, refuses, statOf } from "./fixture.ts";

/** Whether this directory's file system takes user attributes (an old tmpfs does not). */
function takesXattrs({ fs, root }: FsFixture): boolean {
  if (!fs.abilities.xattrs) return false;
  try {
    fs.setXattr(root, "", "user.probe", new Uint8Array(1));
    fs.removeXattr(root, "", "user.probe");
    return true;
  } catch (error) {
    if (error instanceof FsError && error.errno === errno.EOPNOTSUPP) return false;
    throw error;
  }
}

/** Defines the tests of extended attributes. */
export function xattrTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("attributes are set, listed, read, replaced and removed", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    put(fixture, root, "f");
    fs.makeDirectory(root, "d", 0o755);
    for (const name of ["f", "d", ""]) {
      assert.deepEqual(fs.listXattrs(root, name), []);
      assert.equal(fs.getXattr(root, name, "user.a"), undefined);
      fs.setXattr(root, name, "user.a", toBytes("one"));
      fs.setXattr(root, name, "user.a", toBytes("two"));
      fs.setXattr(root, name, "user.\xff\xfe", new Uint8Array(0));
      assert.deepEqual(fs.listXattrs(root, name).sort(), ["user.a", "user.\xff\xfe"]);
      assert.deepEqual(fs.getXattr(root, name, "user.a"), toBytes("two"));
      assert.deepEqual(fs.getXattr(root, name, "user.\xff\xfe"), new Uint8Array(0));
      fs.removeXattr(root, name, "user.a");
      assert.deepEqual(fs.listXattrs(root, name), ["user.\xff\xfe"]);
      refuses("ENODATA", () => fs.removeXattr(root, name, "user.a"));
    }
  });

  define("values are the caller's own copy", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    put(fixture, root, "f");
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    fs.setXattr(root, "f", "user.all", all);
    fs.setXattr(root, "f", "user.other", toBytes("other"));
    const first = fs.getXattr(root, "f", "user.all");
    fs.getXattr(root, "f", "user.other");
    assert.deepEqual(first, all);
  });

  define("large values and long lists arrive complete", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    put(fixture, root, "f");
    const large = new Uint8Array(30_000).fill(7);
    try {
      fs.setXattr(root, "f", "user.large", large);
      assert.deepEqual(fs.getXattr(root, "f", "user.large"), large);
      fs.removeXattr(root, "f", "user.large");
    } catch (error) {
      // ext4 keeps all attributes of a file in one block.
      if (!(error instanceof FsError && error.errno === errno.ENOSPC)) throw error;
    }
    const names = Array.from({ length: 12 }, (_, index) => `user.${index}-${"n".repeat(200)}`);
    for (const name of names) fs.setXattr(root, "f", name, toBytes(name.slice(0, 20)));
    assert.deepEqual(fs.listXattrs(root, "f").sort(), names.sort());
    for (const name of names)
      assert.deepEqual(fs.getXattr(root, "f", name), toBytes(name.slice(0, 20)));
  });

  define("attributes belong to the file, not to the symlink that points to it", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    put(fixture, root, "f");
    fs.makeSymlink(root, "link", "f");
    fs.setXattr(root, "f", "user.a", toBytes("one"));
    assert.deepEqual(fs.listXattrs(root, "link"), []);
    refuses(["EPERM", "EOPNOTSUPP"], () => fs.setXattr(root, "link", "user.b", toBytes("two")));
    assert.deepEqual(fs.listXattrs(root, "f"), ["user.a"]);
  });

  define("odd names of files are reached", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    inside(fixture, root, "d", (d) => {
      for (const name of ["\xff\xfe", "x".repeat(255), "a\nb", "-rf"]) {
        put(fixture, d, name);
        fs.setXattr(d, name, "user.a", toBytes(name));
        assert.deepEqual(fs.getXattr(d, name, "user.a"), toBytes(name));
      }
    });
  });

  define("access control lists are attributes, and say the mode's group bits", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    put(fixture, root, "f");
    fs.setMode(root, "f", 0o640);
    fs.makeDirectory(root, "d", 0o755);
    // Version 2; tag, permissions and id of each entry: owner rw, user 7 rwx, group r, mask rwx, others none.
    const list = Uint8Array.from([
      ...[2, 0, 0, 0],
      ...[1, 0, 6, 0, 255, 255, 255, 255],
      ...[2, 0, 7, 0, 7, 0, 0, 0],
      ...[4, 0, 4, 0, 255, 255, 255, 255],
      ...[16, 0, 7, 0, 255, 255, 255, 255],
      ...[32, 0, 0, 0, 255, 255, 255, 255],
    ]);
    try {
      fs.setXattr(root, "f", accessAclName, list);
    } catch (error) {
      // A file system without lists says so.
      if (error instanceof FsError && error.errno === errno.EOPNOTSUPP) return;
      throw error;
    }
    assert.deepEqual(fs.getXattr(root, "f", accessAclName), list);
    assert.ok(fs.listXattrs(root, "f").includes(accessAclName));
    fs.setXattr(root, "d", defaultAclName, list);
    const d = fs.openDirectory(root, "d");
    assert.deepEqual(fs.getXattr(d, "", defaultAclName), list);
    fs.closeDirectory(d);
    fs.removeXattr(root, "f", accessAclName);
    assert.equal(fs.getXattr(root, "f", accessAclName), undefined);
    if (fs.kind === "linux") {
      fs.setXattr(root, "f", accessAclName, list);
      assert.equal(statOf(fs, root, "f").mode & 0o777, 0o670);
    }
  });

  define("an absent file has no attributes to ask for", (fixture) => {
    const { fs, root } = fixture;
    if (!takesXattrs(fixture)) return;
    refuses("ENOENT", () => fs.listXattrs(root, "absent"));
    refuses("ENOENT", () => fs.getXattr(root, "absent", "user.a"));
    refuses("ENOENT", () => fs.setXattr(root, "absent", "user.a", new Uint8Array(1)));
  });

  define("a door without attributes lists none and refuses to set", (fixture) => {
    const { fs, root } = fixture;
    if (fs.abilities.xattrs) return;
    put(fixture, root, "f");
    assert.deepEqual(fs.listXattrs(root, "f"), []);
    assert.equal(fs.getXattr(root, "f", "user.a"), undefined);
    refuses("EOPNOTSUPP", () => fs.setXattr(root, "f", "user.a", new Uint8Array(1)));
  });
}
