// Pins that the working directory is bytes as all paths are, and that one that is gone is told in a line.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temporary-folder.ts";

const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));

test("relative basis directories are found from a directory whose name is not UTF-8", () => {
  using folder = temporaryFolder();
  const script = `mkdir $'in\\xff' && cd $'in\\xff' && mkdir src old && echo 1 >src/f && cp -p src/f old/f &&
    "$M" --link-dest=../old src/ new/ && [ new/f -ef old/f ] && echo linked`;
  const env = { ...process.env, M: manifold, LC_ALL: "C.UTF-8" };
  const ran = spawnSync("bash", ["-c", script], { cwd: folder.path, env, encoding: "latin1" });
  assert.deepEqual({ out: ran.stdout, err: ran.stderr }, { out: "linked\n", err: "" });
});

test("a working directory that has been removed: exit 3, one line, no stack", () => {
  using folder = temporaryFolder();
  const script = 'mkdir gone && cd gone && rmdir ../gone && "$M" a b';
  const env = { ...process.env, M: manifold };
  const ran = spawnSync("bash", ["-c", script], { cwd: folder.path, env, encoding: "utf8" });
  assert.equal(ran.status, 3);
  const told = ran.stderr.split("\n").filter((line) => line.startsWith("manifold: "));
  assert.deepEqual(told, [
    "manifold: cannot tell the working directory: No such file or directory (exit 3)",
  ]);
  assert.doesNotMatch(ran.stderr, /\n {4}at /);
});
