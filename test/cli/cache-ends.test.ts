// Each end of a run has its own digest cache: a wrong digest in either is believed, which shows that it is used, and
// costs a transfer and nothing else.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { cacheFile } from "../../src/cache/index.ts";
import { digestOf } from "../../src/hash/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { forge, makeEnds } from "./forged-digests.ts";
import { type Ended, isRoot, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

function run(folder: TemporaryFolder, way: string, ...argv: string[]): Ended {
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\n[ "$1" = -l ] && shift 2\nshift\neval "exec $*"\n');
  chmodSync(shell, 0o755);
  const [from, to] = [folder.at("src/"), folder.at("dst/")];
  const places = {
    local: [from, to],
    pull: [`host:${from}`, to],
    push: [from, `host:${to}`],
  }[way] as string[];
  const connection = way === "local" ? [] : ["-e", shell, `--remote-path=${program}`];
  const env = { XDG_CACHE_HOME: folder.at("cache") };
  return runOurs("manifold", ["-ci", ...argv, ...connection, ...places], { cwd: folder.path, env });
}

/** Made first and looked at last: its files must have stood still for two seconds. */
const settling = temporaryFolder();
makeEnds(settling);

for (const way of ["local", "pull", "push"]) {
  test(`(${way}) the digests of each end come from that end's cache`, () => {
    for (const end of ["src", "dst"]) {
      using folder = temporaryFolder();
      makeEnds(folder);
      mkdirSync(folder.at("cache"));
      forge(folder, "src", "b", "content of b");
      forge(folder, "dst", "b", "content of b");
      forge(folder, end, "a", "something else");
      const { exit, lines } = run(folder, way);
      assert.equal(exit, 0);
      assert.deepEqual(
        lines.map((line) => line.slice(1)),
        ["fc........ a"],
        `${way}, ${end}`,
      );
      assert.equal(readFileSync(folder.at("dst/a"), "utf8"), "content of a");
      assert.deepEqual(run(folder, way, "--no-cache").lines, []);
    }
  });
}

test("scan --digests and diff --checksum ask the cache", () => {
  using folder = temporaryFolder();
  makeEnds(folder);
  mkdirSync(folder.at("cache"));
  const stage = (...argv: string[]): string => {
    const env = { XDG_CACHE_HOME: folder.at("cache") };
    const { exit, stdout, stderr } = runOurs("manifold", argv, { cwd: folder.path, env });
    assert.equal(exit, 0, stderr);
    return stdout;
  };
  const digest = (content: string): string =>
    Buffer.from(digestOf("blake3", Buffer.from(content))).toString("latin1");
  forge(folder, "src", "a", "something else");
  const listing = stage("scan", "--digests", "src");
  assert.ok(listing.includes(digest("something else")) && listing.includes(digest("content of b")));
  const anew = stage("scan", "--digests", "--no-cache", "src");
  assert.ok(anew.includes(digest("content of a")) && !anew.includes(digest("something else")));
  const files = (...flags: string[]): string =>
    stage("diff", "--checksum", "--basis=none", ...flags, "src", "dst");
  // The one is a change, the other is none.
  assert.ok(files().length > files("--no-cache").length);
});

test("a cache directory that cannot be written to costs one line for each root at -v", (context) => {
  if (!isRoot) return context.skip("only root can be somebody else");
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  makeEnds(folder);
  mkdirSync(folder.at("cache"), 0o755);
  const places = [folder.at("src/"), folder.at("dst/")];
  const run = (...argv: string[]): Ended => {
    const env = { XDG_CACHE_HOME: folder.at("cache") };
    return runOurs("manifold", [...argv, ...places], { cwd: folder.path, env, asNobody: true });
  };
  assert.deepEqual([run("-c").stdout, run("-c").stderr, run("-c").exit], ["", "", 0]);
  const { lines, exit } = run("-cv");
  assert.equal(exit, 0);
  const notes = lines.filter((line) => line.includes("are not kept"));
  assert.equal(notes.length, 2);
  assert.match(
    notes[0] as string,
    /^digests of files in \/.*src are not kept: .*Operation not permitted$/,
  );
});

test("a tree that was written long enough ago is read once", async () => {
  using folder = settling;
  const { ctimeMs } = statSync(folder.at("dst"));
  do await setImmediate();
  while (Date.now() < ctimeMs + 2100);
  const size = (end: string): number => {
    const path = cacheFile(folder.at("cache/manifold/digests"), folder.at(end));
    return statSync(path).size;
  };
  mkdirSync(folder.at("cache"));
  assert.deepEqual(run(folder, "local").lines, []);
  const sizes = [size("src"), size("dst")];
  assert.ok(
    sizes.every((bytes) => bytes > 2 * 76 + 76),
    `${sizes}`,
  );
  assert.deepEqual(run(folder, "local").lines, []);
  assert.deepEqual([size("src"), size("dst")], sizes);
});
