// Pinning directories: paths of several components, links on them, and what a handle stays with.

import assert from "node:assert/strict";
import type { DirHandle } from "../../../src/fs/index.ts";
import { check, type FsFixture, get, inside, namesOf, put, refuses } from "./fixture.ts";

/** Defines the tests of pinning directories. */
export function directoryTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("a path of several components opens the directory at its end", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) =>
      inside(fixture, a, "b", (b) => fs.makeDirectory(b, "c", 0o755)),
    );
    for (const path of ["a/b/c", "a//b/./c", "a/b/c/"]) {
      const handle = fs.openDirectory(root, path);
      put(fixture, handle, "here");
      fs.unlink(handle, "here");
      fs.closeDirectory(handle);
    }
    const a = fs.openDirectory(root, "a");
    assert.deepEqual(namesOf(fs, a), ["b"]);
    fs.closeDirectory(a);
  });

  define("the empty path is a second handle of the same directory", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "x");
    const second = fs.openDirectory(root, "");
    assert.deepEqual(namesOf(fs, second), ["x"]);
    assert.deepEqual(namesOf(fs, root), ["x"]);
    fs.closeDirectory(second);
    assert.deepEqual(namesOf(fs, root), ["x"]);
  });

  define("what is not a directory does not open as one", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    refuses("ENOENT", () => fs.openDirectory(root, "absent"));
    refuses("ENOENT", () => fs.openDirectory(root, "absent/below"));
    refuses("ENOTDIR", () => fs.openDirectory(root, "file"));
    refuses("ENOTDIR", () => fs.openDirectory(root, "file/below"));
    refuses("ENAMETOOLONG", () => fs.openDirectory(root, "x".repeat(256)));
    for (const follow of ["none", "beneath"] as const) {
      refuses(["ENOTDIR"], () => fs.openDirectory(root, "file/", follow));
      refuses(["EINVAL", "ENOENT"], () => fs.openDirectory(root, "a\0b", follow));
    }
  });

  define("nothing climbs out by dots or from the top", (fixture) => {
    const { fs, root } = fixture;
    fs.makeDirectory(root, "a", 0o755);
    for (const path of ["..", "../a", "a/..", "a/../a", "a/../..", "/", "/tmp", "//"]) {
      refuses(["EINVAL", "EXDEV"], () => fs.openDirectory(root, path));
      refuses(["EINVAL", "EXDEV"], () => fs.openDirectory(root, path, "beneath"));
    }
  });

  define("by default no symlink on the path is followed", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "real", (real) => fs.makeDirectory(real, "below", 0o755));
    fs.makeSymlink(root, "link", "real");
    fs.makeSymlink(root, "dangling", "nowhere");
    for (const path of ["link", "link/", "link/below", "link/.", "dangling"]) {
      refuses(["ELOOP", "ENOTDIR"], () => fs.openDirectory(root, path));
    }
  });

  define("links that stay beneath are followed on request", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) => {
      fs.makeSymlink(a, "side", "../b");
      fs.makeSymlink(a, "zigzag", "../a/../b/./");
    });
    inside(fixture, root, "b", (b) => put(fixture, b, "goal"));
    fs.makeSymlink(root, "first", "second");
    fs.makeSymlink(root, "second", "a/side");
    for (const path of ["first", "a/side", "a/zigzag", "a/side/", "second/."]) {
      const handle = fs.openDirectory(root, path, "beneath");
      assert.deepEqual(namesOf(fs, handle), ["goal"], path);
      fs.closeDirectory(handle);
    }
  });

  define("links that lead out are refused with EXDEV", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) => {
      fs.makeSymlink(a, "out", "../..");
      fs.makeSymlink(a, "outAndBack", "../../../x");
      fs.makeSymlink(a, "top", "/");
      fs.makeSymlink(a, "absolute", "/tmp");
      fs.makeSymlink(a, "viaOut", "out/tmp");
    });
    for (const name of ["out", "outAndBack", "top", "absolute", "viaOut"]) {
      refuses("EXDEV", () => fs.openDirectory(root, `a/${name}`, "beneath"));
    }
  });

  define("links in a circle end in ELOOP, dangling ones in ENOENT", (fixture) => {
    const { fs, root } = fixture;
    fs.makeSymlink(root, "one", "two");
    fs.makeSymlink(root, "two", "one");
    fs.makeSymlink(root, "self", "self/x");
    fs.makeSymlink(root, "dangling", "absent");
    put(fixture, root, "file");
    fs.makeSymlink(root, "toFile", "file");
    for (const follow of ["beneath", "anywhere"] as const) {
      refuses("ELOOP", () => fs.openDirectory(root, "one", follow));
      refuses("ELOOP", () => fs.openDirectory(root, "self", follow));
      refuses("ENOENT", () => fs.openDirectory(root, "dangling", follow));
      refuses("ENOTDIR", () => fs.openDirectory(root, "toFile", follow));
    }
  });

  define("anywhere follows as the kernel does", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) => fs.makeSymlink(a, "up", ".."));
    put(fixture, root, "mark");
    for (const path of ["a/up", "a/..", "a/up/a/../."]) {
      const handle = fs.openDirectory(root, path, "anywhere");
      assert.deepEqual(namesOf(fs, handle), ["a", "mark"], path);
      fs.closeDirectory(handle);
    }
  });

  define("a handle stays with its directory when that is renamed or replaced", (fixture) => {
    const { fs, root } = fixture;
    if (!fs.abilities.confined) return;
    inside(fixture, root, "before", (handle) => {
      fs.rename(root, "before", root, "after");
      fs.makeDirectory(root, "before", 0o755);
      put(fixture, handle, "x", "kept");
      const after = fs.openDirectory(root, "after");
      assert.equal(get(fixture, after, "x"), "kept");
      fs.closeDirectory(after);
      assert.deepEqual(namesOf(fs, handle), ["x"]);
    });
  });

  define("nothing can be made in a directory that was removed", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "gone", (handle) => {
      fs.removeDirectory(root, "gone");
      refuses("ENOENT", () => fs.createFile(handle, "x", 0o600));
      refuses("ENOENT", () => fs.makeDirectory(handle, "x", 0o700));
    });
  });

  define("a directory without read permission can be entered but not listed", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    if (!obeysPermissions) return;
    inside(fixture, root, "dark", (dark) => put(fixture, dark, "known", "yes"));
    fs.setMode(root, "dark", 0o300);
    const handle = fs.openDirectory(root, "dark");
    assert.equal(get(fixture, handle, "known"), "yes");
    refuses("EACCES", () => namesOf(fs, handle));
    fs.setDirectoryTimes(handle, 1, 2, 3, 0);
    fs.setDirectoryMode(handle, 0o755);
    fs.closeDirectory(handle);
    const lit = fs.openDirectory(root, "dark");
    assert.deepEqual(namesOf(fs, lit), ["known"]);
    fs.closeDirectory(lit);
  });

  define("a directory without search permission opens but leads nowhere", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    if (!obeysPermissions) return;
    inside(fixture, root, "shut", (shut) => fs.makeDirectory(shut, "below", 0o755));
    fs.setMode(root, "shut", 0o600);
    refuses("EACCES", () => fs.openDirectory(root, "shut/below"));
    refuses("EACCES", () => fs.openDirectory(root, "shut/below", "beneath"));
    fs.setMode(root, "shut", 0);
    const pinned = fs.openDirectory(root, "shut");
    const again = fs.openDirectory(pinned, "");
    fs.setDirectoryMode(again, 0o700);
    fs.closeDirectory(again);
    fs.closeDirectory(pinned);
  });

  define("below a handle, trees may be deeper than a system call can say", (fixture) => {
    const { fs, root } = fixture;
    if (!fs.abilities.confined) return; // Handles are paths there, and end where paths do.
    const names = Array.from({ length: 25 }, (_, level) => `${level}-`.padEnd(200, "deep"));
    const path = names.join("/");
    descend(fixture, root, names, (bottom) => {
      put(fixture, bottom, "file", "content");
      fs.makeSymlink(bottom, "up", "../..");
      for (const follow of ["none", "beneath", "anywhere"] as const) {
        const handle = fs.openDirectory(root, path, follow);
        assert.equal(get(fixture, handle, "file"), "content");
        fs.closeDirectory(handle);
        refuses("ENOENT", () => fs.openDirectory(root, `${path}/absent`, follow));
        refuses("ENOTDIR", () => fs.openDirectory(root, `${path}/file`, follow));
      }
      refuses(["ELOOP", "ENOTDIR"], () => fs.openDirectory(root, `${path}/up`));
      for (const follow of ["beneath", "anywhere"] as const) {
        const up = fs.openDirectory(root, `${path}/up`, follow);
        assert.deepEqual(namesOf(fs, up), [names.at(-2)]);
        fs.closeDirectory(up);
      }
      refuses("ENAMETOOLONG", () => fs.openDirectory(root, `${path}/${"x".repeat(256)}`));
      refuses("ENAMETOOLONG", () => fs.openDirectory(root, `${path}/`.repeat(300)));
      for (const name of ["file", "up"]) fs.unlink(bottom, name);
    });
    assert.deepEqual(namesOf(fs, root), []);
  });

  define("a closed handle is refused", (fixture) => {
    const { fs, root } = fixture;
    const handle = fs.openDirectory(root, "");
    fs.closeDirectory(handle);
    refuses("EBADF", () => fs.closeDirectory(handle));
    refuses("EBADF", () => fs.makeDirectory(handle, "x", 0o755));
    refuses("EBADF", () => namesOf(fs, handle));
  });
}

/** Makes directories in one another, works in the last, and removes them. */
function descend(
  fixture: FsFixture,
  dir: DirHandle,
  names: readonly string[],
  action: (bottom: DirHandle) => void,
): void {
  const [name, ...below] = names;
  if (name === undefined) {
    action(dir);
    return;
  }
  inside(fixture, dir, name, (made) => descend(fixture, made, below, action));
  fixture.fs.removeDirectory(dir, name);
}
