// Paths that the operator gave: whose symbolic links are followed on them. Somebody else's link is refused wherever it stands.

import assert from "node:assert/strict";
import { lchownSync, mkdirSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import type { ByteString } from "../../../src/base/index.ts";
import {
  type DirHandle,
  type FileSystem,
  FsError,
  type OperatorLinks,
} from "../../../src/fs/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { check, type FsFixture, inside, namesOf, put, readAll, refuses, using } from "./fixture.ts";

const foreigner = 4321;
const isRoot = process.geteuid?.() === 0;
const mayGive = !isRoot && "needs root, to give links to somebody else";

/** Gives a link to somebody else; false where this user may not. */
function give({ fs }: FsFixture, dir: DirHandle, name: ByteString): boolean {
  try {
    fs.setOwner(dir, name, foreigner, foreigner);
    return true;
  } catch (error) {
    if (error instanceof FsError && error.code === "EPERM") return false;
    throw error;
  }
}

/** Defines the tests for one door. */
export function operatorPathTests(open: () => FsFixture): void {
  const define = check.bind(undefined, open);

  define("trusted links are followed wherever they lead", (fixture) => {
    const { fs, root } = fixture;
    inside(fixture, root, "a", (a) => {
      fs.makeSymlink(a, "up", "..");
      fs.makeSymlink(a, "hop", "../over");
      put(fixture, a, "file", "text");
    });
    fs.makeSymlink(root, "over", "a/up/a");
    for (const path of ["over", "a/hop", "over/../a", "over/.", "over/", "a//hop/up/a"]) {
      const handle = fs.openDirectory(root, path, "trusted");
      assert.deepEqual(namesOf(fs, handle), ["file", "hop", "up"], path);
      fs.closeDirectory(handle);
    }
    fs.makeSymlink(root, "read", "over/file");
    const text = using(fs, fs.openRead(root, "read", { follow: "trusted" }), (file) =>
      readAll(fs, file),
    );
    assert.equal(text, "text");
  });

  define("what is no link ends in its own error", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeSymlink(root, "self", "self");
    fs.makeSymlink(root, "lost", "absent/x");
    for (const follow of ["trusted", "bounded"] as const) {
      refuses("ENOENT", () => fs.openDirectory(root, "absent", follow));
      refuses("ENOENT", () => fs.openDirectory(root, "lost", follow));
      refuses("ENOTDIR", () => fs.openDirectory(root, "file", follow));
      refuses("ENOTDIR", () => fs.openDirectory(root, "file/x", follow));
      refuses("ELOOP", () => fs.openDirectory(root, "self", follow));
      refuses("ENOENT", () => fs.openRead(root, "absent", { follow }));
      refuses("ENOENT", () => fs.openRead(root, "lost", { follow }));
    }
  });

  define("somebody else's link is refused wherever it stands on the path", (fixture) => {
    const { fs, root } = fixture;
    if (fixture.confinesLinks === true) return;
    inside(fixture, root, "a", (a) => inside(fixture, a, "b", () => undefined));
    put(fixture, root, "file");
    fs.makeSymlink(root, "planted", "a");
    fs.makeSymlink(root, "plantedFile", "file");
    fs.makeSymlink(root, "ours", "planted/b");
    if (!give(fixture, root, "planted") || !give(fixture, root, "plantedFile")) return;
    for (const path of ["planted", "planted/b", "a/../planted", "ours"]) {
      refuses("ELOOP", () => fs.openDirectory(root, path, "trusted"));
      refuses("ELOOP", () => fs.openDirectory(root, path, "bounded"));
      fs.closeDirectory(fs.openDirectory(root, path, "anywhere"));
    }
    refuses("ELOOP", () => fs.openRead(root, "plantedFile", { follow: "trusted" }));
    fs.closeFile(fs.openRead(root, "plantedFile", { follow: "anywhere" }));
  });
}

/** Defines the tests of what a door is told of links when it is made. */
export function linkSettingTests(name: string, make: (links: OperatorLinks) => FileSystem): void {
  const open = (links: OperatorLinks, path: string, follow: "trusted" | "bounded"): string => {
    const fs = make(links);
    try {
      fs.closeDirectory(fs.openRoot(path, follow));
      return "opened";
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return error.code;
    }
  };

  test(`file door ${name}: with --insecure-links everybody's links are followed`, {
    skip: mayGive,
  }, () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("a"));
    symlinkSync("a", folder.at("planted"));
    lchownSync(folder.at("planted"), foreigner, foreigner);
    const path = folder.at("planted");
    assert.equal(open({ insecure: false, confineRoot: undefined }, path, "trusted"), "ELOOP");
    assert.equal(open({ insecure: true, confineRoot: undefined }, path, "trusted"), "opened");
    assert.equal(open({ insecure: true, confineRoot: undefined }, path, "bounded"), "opened");
  });

  test(`file door ${name}: --confine-root asks where a path comes out`, () => {
    using folder = temporaryFolder();
    for (const path of ["in/below", "inner", "out"])
      mkdirSync(folder.at(path), { recursive: true });
    symlinkSync("../out", folder.at("in/leads-out"));
    symlinkSync("in/below", folder.at("leads-in"));
    symlinkSync("in", folder.at("root"));
    for (const root of ["in", "root"]) {
      const links = { insecure: false, confineRoot: folder.at(root) };
      for (const path of ["in", "in/below", "leads-in", "in/../in/below"]) {
        assert.equal(open(links, folder.at(path), "bounded"), "opened", path);
      }
      for (const path of ["out", "inner", "in/leads-out", "in/..", "in/below/../../out"]) {
        assert.equal(open(links, folder.at(path), "bounded"), "ELOOP", path);
        assert.equal(open(links, folder.at(path), "trusted"), "opened", path);
      }
    }
    const absent = { insecure: false, confineRoot: folder.at("absent") };
    assert.equal(open(absent, folder.at("in"), "bounded"), "ELOOP");
    assert.equal(open({ ...absent, confineRoot: "/" }, folder.at("in"), "bounded"), "opened");
  });
}
