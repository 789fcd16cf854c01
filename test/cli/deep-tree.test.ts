// A tree deeper than any system call can say (PATH_MAX): copied, found equal, changed and cleaned up,
// by either door. rsync ends at such a depth.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { runOurs } from "./run-ours.ts";

const levels = 24;

function shell(folder: TemporaryFolder, script: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", script], {
    cwd: folder.path,
    encoding: "latin1",
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Runs JavaScript in a process of its own, which can go down step by step: shells keep the whole path. */
function walker(folder: TemporaryFolder, script: string): void {
  const start = `const fs = require("node:fs"); const name = "level-".padEnd(200, "x");`;
  const ran = spawnSync(process.execPath, ["-e", start + script], { cwd: folder.path });
  assert.equal(ran.status, 0, String(ran.stderr));
}

/** Makes a level and goes down into it. */
const goDown = `
  process.chdir("src");
  for (let i = 0; i < ${levels}; i++) {
    fs.mkdirSync(name);
    process.chdir(name);
    fs.writeFileSync("file", String(i));
    fs.utimesSync("file", i, i);
    fs.linkSync("file", "twin");
    fs.symlinkSync("file", "link");
  }
`;
/** Eight levels and all that is below them go, and a file comes in their place. */
const replace = `
  process.chdir("src");
  for (let i = 0; i < 8; i++) process.chdir(name);
  require("node:child_process").spawnSync("rm", ["-rf", name]);
  fs.writeFileSync(name, "new");
`;

/** Everything of a tree, a line each; find(1) goes down step by step. */
function describe(folder: TemporaryFolder, tree: string): string {
  const facts = "find . -printf '%P %y %m %s %T@ %l\\n' | sort";
  const contents = "find . -type f -execdir md5sum {} \\; | sort";
  return shell(folder, `cd ${tree} && ${facts} && ${contents}`);
}

for (const door of ["linux", "portable"]) {
  test(`a tree of ${levels} levels of 200 bytes is kept like any other (${door})`, () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    walker(folder, goDown);
    const sync = (...argv: string[]): ReturnType<typeof runOurs> => {
      const env = { MANIFOLD_FS: door };
      const ended = runOurs("manifold", ["sync", "-aHi", ...argv], { cwd: folder.path, env });
      assert.equal(ended.stderr, "");
      assert.equal(ended.exit, 0);
      return ended;
    };
    try {
      sync("src/", "dst/");
      // The time of a directory by find(1) has nanoseconds, which this door does not keep.
      const kept = (tree: string): string =>
        describe(folder, tree).replace(/(\.\d{6})\d{4}/g, door === "portable" ? "$1" : "$&");
      assert.equal(kept("dst"), kept("src"));
      assert.deepEqual(sync("src/", "dst/").lines, []);
      walker(folder, replace);
      sync("--delete", "src/", "dst/");
      assert.equal(kept("dst"), kept("src"));
    } finally {
      // Not by paths.
      spawnSync("rm", ["-rf", folder.at("src"), folder.at("dst")]);
    }
  });
}
