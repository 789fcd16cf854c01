// The confined door: the conformance suite around two other doors; that nothing outside can be reached; hidden names;
// and that nothing can be changed where nothing may be.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { joinPath } from "../../src/base/index.ts";
import {
  type Confinement,
  confinedFileSystem,
  type FileSystem,
  memoryFileSystem,
  openFileSystem,
} from "../../src/fs/index.ts";
import { manyFilesCalls } from "../../src/fs/many-files.ts";
import {
  Directory,
  type FilterSource,
  parseFilterRules,
  withContents,
} from "../../src/tree/index.ts";
import { exists, get, namesOf, put, refuses, statOf } from "../suites/fs/fixture.ts";
import { type FsFixture, fsSuite } from "../suites/fs-suite.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";

function fixtureOf(inner: FileSystem): FsFixture {
  const fs = confinedFileSystem(inner, {
    root: "/",
    readOnly: false,
    munge: false,
    rules: undefined,
  });
  const root = fs.openRoot("/");
  const close = (): void => fs.closeDirectory(root);
  return { fs, root, obeysPermissions: false, confinesLinks: true, close };
}

fsSuite("confined, of memory", () => fixtureOf(memoryFileSystem()));

interface Scene {
  readonly folder: TemporaryFolder;
  readonly fs: FileSystem;
  [Symbol.dispose](): void;
}

/** A root with something in it, something outside, and links of all kinds. */
function scene(
  rules: readonly FilterSource[] = [],
  readOnly = false,
  munge = false,
  how: Pick<Confinement, "hidesByName" | "followsOut"> = {},
): Scene {
  const folder = temporaryFolder();
  const top = folder.at("top");
  mkdirSync(joinPath(top, "sub/deep"), { recursive: true });
  mkdirSync(folder.at("outside"));
  writeFileSync(folder.at("outside/secret"), "outside");
  for (const name of ["file", "sub/file", "sub/deep/file"]) writeFileSync(`${top}/${name}`, name);
  for (const [name, target] of [
    ["up", "../outside"],
    ["sub/up", "../../outside"],
    ["sub/absolute", `${folder.path}/outside`],
    ["secret", "../outside/secret"],
    ["sub/aside", "../file"],
    ["sub/down", "deep"],
    ["loop", "loop"],
    ["round", "up/../file"],
  ] as const) {
    symlinkSync(target, `${top}/${name}`);
  }
  const context = { readFile: () => undefined };
  const fs = confinedFileSystem(openFileSystem(), {
    root: top,
    readOnly,
    munge,
    rules: rules.length === 0 ? undefined : withContents(parseFilterRules(rules, context)),
    ...how,
  });
  return { folder, fs, [Symbol.dispose]: () => folder.remove() };
}

function fixtureIn(fs: FileSystem): FsFixture {
  return { fs, root: fs.openRoot("/"), obeysPermissions: false, close: () => undefined };
}

describe("a confined door", () => {
  it("takes every path for one below its root", () => {
    using here = scene();
    const { fs } = here;
    for (const path of ["/", ".", "..", "../../..", "/../..", "/sub/../../../"]) {
      assert.ok(namesOf(fs, fs.openRoot(path)).includes("sub"), path);
    }
    for (const path of ["sub", "/sub", "../sub", "/sub/deep/..", `sub/../../top/../sub`]) {
      assert.ok(namesOf(fs, fs.openRoot(path)).includes("deep"), path);
    }
    refuses("ENOENT", () => fs.openRoot(here.folder.at("outside")));
    refuses("ENOENT", () => fs.openRoot("/etc"));
  });

  it("opens no directory outside, by whatever link", () => {
    using here = scene();
    const { fs } = here;
    const root = fs.openRoot("/");
    const sub = fs.openDirectory(root, "sub");
    for (const path of ["up", "sub/up", "sub/absolute", "sub/../up"]) {
      refuses("EXDEV", () => fs.openRoot(path));
      for (const follow of ["beneath", "anywhere"] as const) {
        refuses("EXDEV", () => fs.openDirectory(root, path, follow));
      }
    }
    refuses("EXDEV", () => fs.openDirectory(sub, "up", "anywhere"));
    refuses("EXDEV", () => fs.openDirectory(sub, "../up", "anywhere"));
    refuses("ELOOP", () => fs.openRoot("loop"));
    assert.ok(namesOf(fs, fs.openDirectory(sub, "../../..", "anywhere")).includes("sub"));
    assert.deepEqual(namesOf(fs, fs.openDirectory(sub, "down", "anywhere")), ["file"]);
  });

  it("reads and looks at nothing outside through links, and at everything inside", () => {
    using here = scene();
    const { fs } = here;
    const root = fs.openRoot("/");
    const sub = fs.openDirectory(root, "sub");
    for (const name of ["secret", "round", "up"]) {
      for (const follow of ["beneath", "anywhere"] as const) {
        refuses("EXDEV", () => fs.openRead(root, name, { follow }));
      }
      refuses("EXDEV", () => statOf(fs, root, name, true));
    }
    const file = fs.openRead(sub, "aside", { follow: "anywhere" });
    fs.closeFile(file);
    assert.equal(statOf(fs, sub, "aside", true).size, 4);
    const listing = new Directory();
    fs.readNames(root, listing);
    fs.statEntries(root, listing, 0, listing.count, true);
    for (let i = 0; i < listing.count; i++) {
      const isOut = ["secret", "up", "round", "loop"].includes(listing.name(i));
      assert.equal(listing.problem[i] !== 0, isOut, listing.name(i));
    }
  });

  it("has no call that works on many names at once, and looks at none of them", () => {
    using around = scene([], true);
    for (const call of manyFilesCalls) assert.equal(around.fs[call], undefined, call);
  });

  it("knows only handles that it gave", () => {
    using here = scene();
    const outside = openFileSystem().openRoot(here.folder.at("outside"));
    refuses("EBADF", () => here.fs.openDirectory(outside, ""));
  });

  it("stores links so that nobody can follow them, and shows them as they were given", () => {
    using here = scene([], false, true);
    const { fs } = here;
    const root = fs.openRoot("/");
    fs.makeSymlink(root, "new", "sub");
    assert.equal(readlinkSync(here.folder.at("top/new")), "/rsyncd-munged/sub");
    assert.equal(fs.readLink(root, "new"), "sub");
    assert.equal(fs.readLink(root, "up"), "../outside");
    refuses("EXDEV", () => fs.openDirectory(root, "new", "anywhere"));
  });

  it("changes nothing where nothing may be changed", () => {
    using here = scene([], true);
    const { fs } = here;
    const root = fs.openRoot("/");
    assert.equal(get(fixtureIn(fs), root, "file"), "file");
    const acts: readonly (() => unknown)[] = [
      () => fs.createFile(root, "new", 0o644),
      () => fs.openWrite(root, "file"),
      () => fs.makeDirectory(root, "new", 0o755),
      () => fs.makeSymlink(root, "new", "file"),
      () => fs.makeNode(root, "new", 0o010644, 0, 0),
      () => fs.link(root, "file", root, "new"),
      () => fs.rename(root, "file", root, "new"),
      () => fs.unlink(root, "file"),
      () => fs.removeDirectory(root, "sub"),
      () => fs.setMode(root, "file", 0o600),
      () => fs.setTimes(root, "file", 0, 0, 0, 0),
      () => fs.setDirectoryTimes(root, 0, 0, 0, 0),
      () => fs.setXattr(root, "file", "user.x", new Uint8Array(1)),
    ];
    for (const act of acts) refuses("EROFS", act);
    assert.equal(readFileSync(here.folder.at("top/file"), "utf8"), "file");
  });

  it("hides names: they cannot be listed, looked at, read, made, replaced, removed or entered", () => {
    using here = scene([
      { kind: "exclude", value: "/sub/deep" },
      { kind: "exclude", value: "file" },
      { kind: "exclude", value: "*.new/" },
    ]);
    const { fs } = here;
    const fixture = fixtureIn(fs);
    const { root } = fixture;
    const sub = fs.openDirectory(root, "sub");
    assert.deepEqual(namesOf(fs, sub), ["absolute", "aside", "down", "up"]);
    assert.ok(!exists(fs, root, "file"));
    assert.ok(!exists(fs, sub, "deep"));
    const listing = new Directory();
    listing.add("file", 0);
    fs.statEntries(root, listing, 0, 1);
    assert.equal(listing.problem[0], 2);
    const absent: readonly (() => unknown)[] = [
      () => fs.openDirectory(root, "sub/deep"),
      () => fs.openDirectory(sub, "deep"),
      () => fs.openRoot("sub/deep"),
      () => fs.openRoot("sub/down"),
      () => fs.openDirectory(sub, "down", "anywhere"),
      () => fs.openRead(root, "file"),
      () => fs.openRead(sub, "aside", { follow: "anywhere" }),
      () => fs.openWrite(root, "file"),
      () => fs.unlink(root, "file"),
      () => fs.setMode(root, "file", 0o600),
      () => fs.link(root, "file", root, "copy"),
      () => fs.rename(root, "file", root, "copy"),
    ];
    for (const act of absent) refuses("ENOENT", act);
    put(fixture, root, "other", "other");
    fs.makeDirectory(root, "made", 0o755);
    const forbidden: readonly (() => unknown)[] = [
      () => fs.createFile(fs.openRoot("made"), "file", 0o644),
      () => fs.makeDirectory(root, "x.new", 0o755),
      () => fs.link(root, "other", sub, "file"),
      () => fs.rename(root, "other", root, "file"),
      () => fs.rename(root, "made", root, "x.new"),
      // What a directory brings along has not been asked about.
      () => fs.rename(root, "made", root, "renamed"),
    ];
    for (const act of forbidden) refuses("EACCES", act);
    put(fixture, root, "x.new", "a rule for directories");
    assert.equal(readFileSync(here.folder.at("top/file"), "utf8"), "file");
  });

  it("hides by name, where it is to: what another name leads to is there", () => {
    const rules: readonly FilterSource[] = [
      { kind: "exclude", value: "/sub/deep/" },
      { kind: "exclude", value: "/file" },
    ];
    using here = scene(rules, false, false, { hidesByName: true });
    const { fs } = here;
    const fixture = fixtureIn(fs);
    const { root } = fixture;
    const sub = fs.openDirectory(root, "sub");
    assert.deepEqual(namesOf(fs, sub), ["absolute", "aside", "down", "file", "up"]);
    assert.equal(get(fixture, fs.openRoot("sub/down"), "file"), "sub/deep/file");
    fs.closeFile(fs.openRead(sub, "aside", { follow: "anywhere" }));
    const down = fs.openDirectory(sub, "down", "anywhere");
    put(fixture, down, "new", "new");
    assert.equal(readFileSync(here.folder.at("top/sub/deep/new"), "utf8"), "new");
    const hidden = fs.openRoot("sub/deep");
    assert.deepEqual(namesOf(fs, hidden), []);
    refuses("ENOENT", () => fs.openRead(hidden, "file"));
    refuses("ENOENT", () => fs.setDirectoryMode(hidden, 0o700));
    refuses("EACCES", () => fs.createFile(hidden, "other", 0o600));
    refuses("ENOENT", () => fs.openRead(root, "file"));
    refuses("EXDEV", () => fs.openRoot("up"));
  });

  it("leads out by the links that stand in it, where the operator says so", () => {
    const how = { hidesByName: true, followsOut: true };
    using here = scene([{ kind: "exclude", value: "/sub/up/secret" }], false, false, how);
    const { fs } = here;
    const fixture = fixtureIn(fs);
    const { root } = fixture;
    assert.equal(get(fixture, fs.openRoot("up"), "secret"), "outside");
    assert.equal(get(fixture, fs.openDirectory(root, "up", "anywhere"), "secret"), "outside");
    assert.equal(statOf(fs, root, "secret", true).size, "outside".length);
    fs.closeFile(fs.openRead(root, "secret", { follow: "anywhere" }));
    refuses("ENOENT", () => fs.openRead(fs.openRoot("sub/up"), "secret"));
  });
});
