// Directories that were filled apart: one rename, or, where somebody else has made one of the same
// name meanwhile, file by file without replacing anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type DirHandle, memoryFileSystem } from "../../src/fs/index.ts";
import { bringIn, type ReceiveContext } from "../../src/pipeline/index.ts";
import { Directory } from "../../src/tree/index.ts";
import { type FsFixture, put } from "../suites/fs/fixture.ts";

/** A target with a staged directory "1" that has two files, and a listing of these. */
function scene() {
  const fs = memoryFileSystem();
  const root = fs.openRoot("/");
  const fixture: FsFixture = { fs, root, obeysPermissions: false, close: () => undefined };
  fs.makeDirectory(root, "stage", 0o700);
  const stage = fs.openDirectory(root, "stage");
  fs.makeDirectory(stage, "1", 0o755);
  const inside = fs.openDirectory(stage, "1");
  put(fixture, inside, "one", "our one");
  put(fixture, inside, "two", "our two");
  const source = new Directory();
  fs.readNames(inside, source);
  fs.statEntries(inside, source, 0, source.count);
  const problems: string[] = [];
  const context = {
    fs,
    options: { onConflict: "skip" },
    problem: (path: string, operation: string) => problems.push(`${path}: ${operation}`),
  } as unknown as ReceiveContext;
  const apart = {
    staged: { dir: stage, name: "1", mount: "" },
    inside: { dir: inside, path: "new", isApart: true },
    source,
    to: source.count,
  };
  const bring = (): void => bringIn(context, apart, { dir: root, path: "" }, "new");
  return { fs, fixture, root, stage, problems, bring };
}

function namesIn(fs: ReturnType<typeof memoryFileSystem>, dir: DirHandle): string[] {
  const listing = new Directory();
  fs.readNames(dir, listing);
  return Array.from({ length: listing.count }, (_, i) => listing.name(i)).sort();
}

test("a directory gets its name with all that is in it", () => {
  const { fs, root, stage, problems, bring } = scene();
  bring();
  assert.deepEqual(namesIn(fs, fs.openDirectory(root, "new")), ["one", "two"]);
  assert.deepEqual(namesIn(fs, stage), []);
  assert.deepEqual(problems, []);
});

test("what somebody has put into a directory of that name is kept, the rest gets in", () => {
  const { fs, fixture, root, stage, problems, bring } = scene();
  fs.makeDirectory(root, "new", 0o700);
  const theirs = fs.openDirectory(root, "new");
  put(fixture, theirs, "one", "their one, longer");
  bring();
  assert.deepEqual(namesIn(fs, theirs), ["one", "two"]);
  const bytes = new Uint8Array(100);
  const file = fs.openRead(theirs, "one");
  const length = fs.read(file, bytes, 0, 100, 0);
  assert.equal(Buffer.from(bytes.subarray(0, length)).toString(), "their one, longer");
  assert.deepEqual(problems, ["new/one: conflict"]);
  assert.deepEqual(namesIn(fs, stage), []);
});

test("a name that something other than a directory has taken is an error, and nothing is lost", () => {
  const { fs, fixture, root, stage, bring } = scene();
  put(fixture, root, "new", "their file");
  assert.throws(bring, { code: "ENOTDIR" });
  assert.deepEqual(namesIn(fs, fs.openDirectory(stage, "1")), ["one", "two"]);
});
