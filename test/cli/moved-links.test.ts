// Pins that moving a tree whose symlinks are followed (-L --remove-source-files) does not take a file away
// before the links that lead to it were copied.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/index.ts";

const manifold = fileURLToPath(new URL("../../manifold-rsync", import.meta.url));

test("a file and symlinks to it, which are followed, are moved together", () => {
  using folder = temporaryFolder();
  const at = (path: string): string => join(folder.path, path);
  mkdirSync(at("s/below"), { recursive: true });
  writeFileSync(at("s/file"), "content");
  symlinkSync("file", at("s/link"));
  symlinkSync("../file", at("s/below/link"));
  const argv = ["-aL", "--remove-source-files", "s/", "t"];
  const ran = spawnSync(manifold, argv, { cwd: folder.path, encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  for (const path of ["file", "link", "below/link"]) {
    assert.equal(readFileSync(at(`t/${path}`), "utf8"), "content");
  }
  assert.equal(existsSync(at("s/file")), false);
});
