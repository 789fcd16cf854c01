// `manifold cache`: what there is, and what becomes of it.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { forge, makeEnds } from "./forged-digests.ts";
import { type Ended, runOurs } from "./run-ours.ts";

/** Two roots with two digests each. */
function makeCaches(folder: TemporaryFolder): void {
  makeEnds(folder);
  mkdirSync(folder.at("cache"));
  for (const end of ["src", "dst"]) {
    for (const name of ["a", "b"]) forge(folder, end, name, `content of ${name}`);
  }
}

function cache(folder: TemporaryFolder, ...words: string[]): Ended {
  const env = { XDG_CACHE_HOME: folder.at("cache") };
  return runOurs("manifold", ["cache", ...words], { cwd: folder.path, env });
}

test("list tells of each root, and of none where there is no cache", () => {
  using folder = temporaryFolder();
  assert.deepEqual([cache(folder).exit, cache(folder).stdout], [0, ""]);
  makeCaches(folder);
  const { exit, lines } = cache(folder, "list");
  assert.equal(exit, 0);
  assert.equal(lines.length, 2);
  assert.match(lines[0] as string, new RegExp(`^2 digests, \\d+ bytes: ${folder.path}/dst$`));
  assert.match(lines[1] as string, new RegExp(`^2 digests, \\d+ bytes: ${folder.path}/src$`));
  assert.deepEqual(cache(folder).lines, lines);
});

test("prune forgets files that changed or went, and roots that went", () => {
  using folder = temporaryFolder();
  makeCaches(folder);
  writeFileSync(folder.at("src/a"), "changed");
  rmSync(folder.at("dst"), { recursive: true });
  const { exit, lines } = cache(folder, "prune");
  assert.equal(exit, 0);
  assert.deepEqual(lines, [
    `forgotten, as the root has gone: ${folder.path}/dst`,
    `1 digests left: ${folder.path}/src`,
  ]);
  assert.match(cache(folder).lines[0] as string, /^1 digests, .*src$/);
  assert.deepEqual(cache(folder, "verify").lines, [`1 digests right, 0 wrong: ${folder.path}/src`]);
});

test("verify tells which files are not what they were, and trusts that cache no more", () => {
  using folder = temporaryFolder();
  makeCaches(folder);
  assert.equal(cache(folder, "verify").exit, 0);
  forge(folder, "dst", "b", "something else");
  const { exit, lines } = cache(folder, "verify");
  assert.equal(exit, 23);
  assert.deepEqual(lines, [
    `not what it was: ${folder.path}/dst/b`,
    `1 digests right, 1 wrong: ${folder.path}/dst`,
    `2 digests right, 0 wrong: ${folder.path}/src`,
  ]);
  assert.equal(cache(folder).lines.length, 1);
});

test("clear forgets the roots that are named, or all", () => {
  using folder = temporaryFolder();
  makeCaches(folder);
  assert.deepEqual(cache(folder, "clear", "src/../src/").lines, [`forgotten: ${folder.path}/src`]);
  assert.equal(cache(folder).lines.length, 1);
  const unknown = cache(folder, "clear", "src");
  assert.equal(unknown.exit, 1);
  assert.match(unknown.stderr, /there are no digests of .*src/);
  assert.equal(cache(folder, "clear").exit, 0);
  assert.deepEqual(readdirSync(folder.at("cache/manifold/digests")), []);
});

test("another word is refused", () => {
  using folder = temporaryFolder();
  const { exit, stderr } = cache(folder, "toString");
  assert.equal(exit, 1);
  assert.match(stderr, /there is no "cache toString"; see manifold help cache/);
});
