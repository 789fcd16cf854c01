// Pins that the memory of diff and receive does not grow with the tree: a million entries take less
// than 200 MB, the runtime and everything included, and no more than an eighth of them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/index.ts";
import { writeManyAdded, writeManyListed } from "./million.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const entries = isLong ? 1_000_000 : 8_000;
const peakMax = 200_000_000;
/** What chance may add. */
const growthMax = 1.3;
const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));

/** Runs a shell command that execs manifold, and returns the greatest memory that it had, in bytes. */
function peakOf(cwd: string, command: string): number {
  const watch = [
    "import resource, subprocess, sys",
    "code = subprocess.run(['sh', '-c', sys.argv[1]]).returncode",
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)",
    "sys.exit(code)",
  ].join("\n");
  const script = command.replaceAll("M ", `exec "${manifold}" `);
  const { status, stdout, stderr } = spawnSync("python3", ["-c", watch, script], {
    cwd,
    encoding: "utf8",
  });
  assert.equal(status, 0, `${command}: ${stderr}`);
  return Number(stdout);
}

test(`diff and receive of ${entries} entries take less than 200 MB`, (t) => {
  if (spawnSync("python3", ["--version"]).status !== 0) {
    t.skip("python3 is not installed");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["empty", "target", "small"]) mkdirSync(join(cwd, name));
  writeManyListed(join(cwd, "listing"), entries);
  writeManyAdded(join(cwd, "changeset"), entries);
  writeManyAdded(join(cwd, "eighth"), entries / 8);
  const peaks = {
    added: peakOf(cwd, "M diff listing empty > cset"),
    deleted: peakOf(cwd, "M diff empty listing > inverse"),
    dry: peakOf(cwd, "M receive -n target < changeset"),
    eighth: peakOf(cwd, "M receive small < eighth"),
    received: peakOf(cwd, "M receive target < changeset"),
    again: peakOf(cwd, "cat changeset | M receive target"),
    scanned: peakOf(cwd, "M scan target > listed"),
  };
  for (const name of ["target", "small"]) rmSync(join(cwd, name), { recursive: true });
  for (const [name, peak] of Object.entries(peaks)) {
    assert.ok(peak > 0 && peak < peakMax, `${name}: ${JSON.stringify(peaks)}`);
  }
  assert.ok(peaks.received < growthMax * peaks.eighth || !isLong, JSON.stringify(peaks));
  t.diagnostic(JSON.stringify(peaks));
});
