// Pins what is said where standard input cannot be read: the reason in one line, for whatever reads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/index.ts";

const manifold = join(import.meta.dirname, "..", "..", "manifold");

test("a directory as standard input is an error of one line, and nothing is touched", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a/d", "b"]) mkdirSync(join(cwd, name), { recursive: true });
  const directory = openSync(join(cwd, "a"), "r");
  for (const line of [
    "sync --files-from=- a b",
    "sync --include-from=- a b",
    "receive b",
    "send a",
    "invert",
    "diff - b",
  ]) {
    const stdio = [directory, "ignore", "pipe"] as const;
    const ran = spawnSync(manifold, line.split(" "), { cwd, stdio: [...stdio] });
    assert.equal(ran.status, 3, line);
    assert.equal(
      ran.stderr.toString(),
      "manifold: cannot read standard input: Is a directory (exit 3)\n",
    );
  }
  closeSync(directory);
  assert.deepEqual(readdirSync(join(cwd, "b")), []);
});
