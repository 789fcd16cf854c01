// Two and more runs on one target at the same time: nothing is lost, nobody sweeps what another one
// staged, and what there is afterwards is what one run alone would have made.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import { buildScene } from "../cli/scenes.ts";
import {
  assertSameTree,
  sampled,
  sparse,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { noStrace, runTraced } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const manifold = join(import.meta.dirname, "..", "..", "manifold");

interface Ended {
  readonly exit: number | null;
  readonly stderr: string;
}

/** Starts a run and returns how it ended. */
function start(argv: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = spawn(manifold, argv, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("latin1").on("data", (text) => (stderr += text));
  return new Promise((resolve) => child.on("close", (exit) => resolve({ exit, stderr })));
}

describe("several runs at once", () => {
  for (const options of sampled([
    ["-H", "--delete"],
    ["-H", "--force"],
    ["--delete-during", "--threads=4"],
  ])) {
    it(`from one source make what one would have made: ${options.join(" ")}`, async () => {
      for (let seed = 1; seed <= (isLong ? 12 : 1); seed++) {
        using folder = temporaryFolder();
        const noTarget = seed % 3 === 0;
        const variety = { entries: 120, hardLinks: options.includes("-H") };
        buildScene(folder.path, seed, { variety, drift: 50, noTarget });
        if (noTarget) mkdirSync(folder.at("dst"));
        const alone = folder.at("alone");
        execFileSync("cp", ["-a", folder.at("dst"), alone]);
        assert.equal(
          runOurs("manifold", [...options, "src/", "alone/"], { cwd: folder.path }).exit,
          0,
        );
        const argv = [...options, "src/", "dst/"];
        const ended = await Promise.all([1, 2, 3].map(() => start(argv, folder.path)));
        const about = `seed ${seed}`;
        // One that comes upon a directory while it is another's turn there may have to say so; the next run is clean.
        for (const { exit, stderr } of ended) {
          assert.ok(exit === 0 || exit === 23, `${about}: ${exit} ${stderr}`);
          assert.doesNotMatch(stderr, /this is a bug/, about);
        }
        const ignore = options.includes("-H") ? [] : (["linkGroup"] as const);
        assert.equal(existsSync(folder.at("dst/.manifold")), false, about);
        const last = runOurs("manifold", argv, { cwd: folder.path });
        assert.equal(last.exit, 0, `${about}: ${last.stderr}`);
        assertSameTree(alone, folder.at("dst"), { ignore });
      }
    });
  }

  it("from different sources lose nothing of each other", async () => {
    using folder = temporaryFolder();
    const names = ["a", "b", "c"];
    for (const name of names) {
      mkdirSync(folder.at(name));
      const directories = Array.from({ length: 30 }, (_, d) => {
        const files = Array.from({ length: 12 }, (_, f) => [`${name}${f}`, `${name} ${d} ${f}`]);
        return [`d${d}/`, Object.fromEntries(files)];
      });
      writeTree(folder.at(name), treeOf(Object.fromEntries(directories)));
    }
    const ended = await Promise.all(names.map((name) => start([`${name}/`, "dst/"], folder.path)));
    for (const { exit, stderr } of ended) assert.equal(exit, 0, stderr);
    const all = folder.at("all");
    for (const name of names) execFileSync("cp", ["-a", `${folder.at(name)}/.`, all]);
    assertSameTree(all, folder.at("dst"), { ignore: ["mtimeNs"] });
  });
});

describe("a run beside one that is under way", { skip: noStrace }, () => {
  it("sweeps nothing of it; it sweeps what a dead one left", async () => {
    using folder = temporaryFolder();
    writeTree(folder.path, treeOf({ "src/": { big: sparse(70_000_000, { 0: "x" }) }, "dst/": {} }));
    writeTree(folder.path, treeOf({ "other/": { small: "1" } }));
    const jobs = (): string[] => readdirSync(folder.at("dst/.manifold")).sort();
    let [before, after]: [string[], string[]] = [[], []];
    const ran = await runTraced("manifold", ["sync", "src/", "dst/"], {
      trace: "pwrite64",
      inject: ["pwrite64:signal=STOP:when=1"],
      cwd: folder.path,
      whileStopped: () => {
        const [live = ""] = jobs();
        // As if a run had died that had this number before it: the same name but for the start time.
        const fields = live.split("-");
        fields[fields.length - 2] = "1";
        mkdirSync(folder.at(`dst/.manifold/${fields.join("-")}`));
        before = jobs();
        const beside = runOurs("manifold", ["sync", "other/", "dst/"], { cwd: folder.path });
        assert.equal(beside.exit, 0, beside.stderr);
        after = jobs();
      },
    });
    assert.equal(ran.exit, 0, ran.stderr);
    assert.equal(before.length, 2);
    assert.equal(after.length, 1);
    assert.ok(before.includes(after[0] ?? ""));
    execFileSync("cmp", ["src/big", "dst/big"], { cwd: folder.path });
    assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["big", "small"]);
  });
});
