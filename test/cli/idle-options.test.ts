// Pins that options which cannot do anything on one machine are told as such to those who ask (-v).

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runOurs } from "./run-ours.ts";

test("options without effect are named under -v, by manifold only", () => {
  using folder = temporaryFolder();
  mkdirSync(folder.at("src"));
  const run = (program: "manifold" | "manifold-rsync", ...argv: string[]): string =>
    runOurs(program, [...argv, "src/", "dst/"], { cwd: folder.path }).stdout;
  const idle = ["-z", "--timeout=9", "--timeout=8", "--no-compress"];
  const told = "without effect on one machine: --compress, --timeout\n";
  assert.ok(run("manifold", "-v", ...idle).includes(told));
  assert.ok(!run("manifold", ...idle).includes("without effect"));
  assert.ok(!run("manifold", "-v", "--outbuf=L", "--stderr=errors").includes("without effect"));
  assert.ok(!run("manifold-rsync", "-av", ...idle).includes("without effect"));
});
