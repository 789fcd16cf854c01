// Many new files copied in one go: content, mode and time arrive, and what does not go as the common
// case goes leaves nothing behind.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { type FileSystem, openFileSystem, pickMark } from "../../src/fs/index.ts";
import { Directory, typeRegular } from "../../src/tree/index.ts";
import { type FsFixture, put } from "../suites/fs/fixture.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const fs: FileSystem = openFileSystem();
const skip = fs.copyNewFiles === undefined && "this door does not copy many files in one go";

test("new files arrive whole; a taken name, a changed source and a link stay out", { skip }, () => {
  using folder = temporaryFolder();
  const root = fs.openRoot(folder.path);
  const fixture: FsFixture = { fs, root, obeysPermissions: false, close: () => undefined };
  fs.makeDirectory(root, "a", 0o755);
  fs.makeDirectory(root, "b", 0o755);
  const [a, b] = [fs.openDirectory(root, "a"), fs.openDirectory(root, "b")];
  const long = "0123456789abcdef".repeat(40_000);
  const contents: Record<string, string> = {
    changed: "later longer",
    empty: "",
    long,
    short: "short",
    taken: "mine",
    unwanted: "unwanted",
  };
  for (const [name, content] of Object.entries(contents)) put(fixture, a, name, content);
  put(fixture, b, "taken", "theirs");
  fs.makeSymlink(a, "zlink", "short");
  const listing = new Directory();
  for (const name of [...Object.keys(contents), "zlink"]) listing.add(name, typeRegular | 0o640);
  fs.statEntries(a, listing, 0, listing.count);
  for (let i = 0; i < listing.count; i++) listing.mode[i] = typeRegular | 0o640;
  // The listing is of an earlier moment than the file.
  listing.size[0] = 5;
  const open = readdirSync("/proc/self/fd").length;
  const marks = new Uint8Array(listing.count).fill(pickMark.wanted);
  marks[5] = pickMark.none;
  fs.copyNewFiles?.(a, b, listing, 0, listing.count, marks);
  const { none, wanted, done } = pickMark;
  assert.deepEqual([...marks], [wanted, done, done, done, wanted, none, wanted]);
  assert.deepEqual(readdirSync(folder.at("b")).sort(), ["empty", "long", "short", "taken"]);
  for (const name of ["empty", "long", "short"]) {
    assert.equal(readFileSync(folder.at(`b/${name}`), "latin1"), contents[name]);
    const [from, to] = [statSync(folder.at(`a/${name}`)), statSync(folder.at(`b/${name}`))];
    assert.equal(to.mtimeMs, from.mtimeMs);
    assert.equal(to.mode & 0o777, 0o640);
  }
  assert.equal(readFileSync(folder.at("b/taken"), "latin1"), "theirs");
  assert.equal(readdirSync("/proc/self/fd").length, open, "no descriptor stays open");
  for (const dir of [a, b, root]) fs.closeDirectory(dir);
});
