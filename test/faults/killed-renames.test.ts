// kill -9 at any moment of a run that only has to rename and rotate: no content is lost that the run has not replaced, and
// the next run completes it and leaves nothing behind. MANIFOLD_LONG=1 kills 100 runs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Side } from "../cli/rename-scenes.ts";
import { runOurs } from "../cli/run-ours.ts";
import { assertSameTree, temporaryFolder } from "../support/index.ts";
import { noStrace } from "./traced-run.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");
const runs = process.env.MANIFOLD_LONG === "1" ? 100 : 5;

/** Digests of all files below a folder, what is unfinished included. */
function contents(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    found.add(createHash("sha256").update(bytes).digest("hex"));
  }
  return found;
}

/** Ten logs, a cycle of three, and files that move out of a directory that goes. */
function begin(side: Side): void {
  for (let i = 1; i <= 10; i++) side.file(`log.${i}`, 30_000 + i, 20 - i);
  for (const name of ["a", "b", "c"]) side.file(`cycle/${name}`, 20_000 + name.charCodeAt(0), 3);
  for (let i = 0; i < 20; i++) side.file(`gone/f${i}`, 5000 + i, i);
}

function change(side: Side): void {
  side.remove("log.10");
  for (let i = 9; i >= 1; i--) side.move(`log.${i}`, `log.${i + 1}`);
  side.file("log.1", 7, 30);
  side.move("cycle/a", "cycle/spare");
  side.move("cycle/b", "cycle/a");
  side.move("cycle/c", "cycle/b");
  side.move("cycle/spare", "cycle/c");
  side.move("gone", "new/place");
}

/** Kills a run when it makes its `nth` call that gives a name or takes one away; false = it made fewer. */
function killAt(cwd: string, nth: number): Promise<boolean> {
  const calls = "renameat2,renameat,linkat,unlinkat,mkdirat";
  const tracing = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`];
  const inject = ["-e", `inject=${calls}:signal=KILL:when=${nth}`];
  const argv = [...tracing, ...inject, program, "sync", "--delete", "src/", "dst/"];
  const env = { ...process.env, NODE_OPTIONS: "", HOME: "/nonexistent" };
  const child = spawn("strace", argv, { cwd, env, stdio: "ignore" });
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(signal !== null || code === 137)),
  );
}

describe("a run that rotates and is killed", { skip: noStrace }, () => {
  it("loses nothing, and the next one completes it", async () => {
    let killed = 0;
    for (let run = 0; run < runs; run++) {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      const side = new Side(folder.at("src"));
      begin(side);
      assert.equal(runOurs("manifold", ["sync", "src/", "dst/"], { cwd: folder.path }).exit, 0);
      const old = contents(folder.at("dst"));
      change(side);
      const wanted = contents(folder.at("src"));
      // Spread over the run: each call of the long ones, some of the short.
      const nth = 1 + Math.floor((run * 150) / runs);
      if (await killAt(folder.path, nth)) killed++;
      const left = contents(folder.at("dst"));
      // The oldest log is wanted no more; everything else is there, in staging at least.
      for (const digest of old) {
        if (wanted.has(digest)) assert.ok(left.has(digest), `run ${run}, call ${nth}`);
      }
      const next = runOurs("manifold", ["sync", "--delete", "src/", "dst/"], { cwd: folder.path });
      assert.equal(next.exit, 0, next.stderr);
      assertSameTree(folder.at("src"), folder.at("dst"));
      assert.ok(!readdirSync(folder.at("dst")).includes(".manifold"), `run ${run}`);
    }
    assert.ok(killed > 0, "some runs were killed");
  });
});
