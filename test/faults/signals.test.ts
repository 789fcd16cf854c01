// SIGINT, SIGTERM and SIGHUP at seeded moments: exit 20 with a message, staging cleaned up, every
// path old or new, and the next run completes. MANIFOLD_LONG=1: 60 signals; without it
// two.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import { buildScene } from "../cli/scenes.ts";
import { assertSameTree, Choice, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { changingCalls, momentsOf } from "./moments.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { noStrace, type Program, runTraced } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const signals = ["INT", "TERM", "HUP"] as const;

const ways: readonly (readonly [program: Program, argv: readonly string[]])[] = [
  ["manifold", ["-HX", "--delete"]],
  ["manifold", ["--delete-during", "--delay-updates", "--threads=4"]],
  ["manifold", ["--delete", "--partial", "--no-whole-file", "--bwlimit=20m"]],
  ["manifold-rsync", ["-aHX", "--delete-after"]],
];

describe("a signal at any moment", { skip: noStrace }, () => {
  for (const one of sampled(ways, 2, 1)) {
    const [program, options] = one;
    const way = ways.indexOf(one);
    it(`ends the run with 20 and leaves no trace: ${program} ${options.join(" ")}`, async (test) => {
      const seed = isLong ? way + 1 : way + 301;
      using folder = temporaryFolder();
      const pristine = folder.at("pristine");
      const variety = { entries: 50, hardLinks: true };
      buildScene(pristine, seed, { variety, drift: 22, roomForSuffix: true });
      const scene = folder.at("scene");
      const renew = (): void => {
        execFileSync("rm", ["-rf", scene]);
        execFileSync("cp", ["-a", pristine, scene]);
      };
      const argv = [...options, "src/", "dst/"];
      renew();
      const whole = await runTraced(program, argv, { trace: changingCalls, cwd: scene });
      const moments = momentsOf(whole.calls);
      const wanted = readTree(`${scene}/src`);
      const choice = new Choice(seed);
      let stopped = 0;
      const count = isLong ? 15 : 1;
      for (let left = count; left > 0; left--) {
        const { call, count: nth } = choice.of(moments);
        const signal = choice.of(signals);
        const about = `seed ${seed}, ${program} ${argv.join(" ")}, ${signal} at ${call} ${nth}`;
        renew();
        const old = readTree(`${scene}/dst`);
        const inject = [`${call}:signal=${signal}:when=${nth}`];
        const run = await runTraced(program, argv, { trace: call, inject, cwd: scene });
        // Each thread has its own nth call: a second signal ends the program at once, as kill -9 does.
        const isSecond = run.calls.filter((line) => line.includes(`--- SIG${signal} `)).length > 1;
        // One that comes before the program listens ends it on the spot, and nothing has been done.
        if (run.killed && !isSecond) {
          assertSameTree(old, `${scene}/dst`);
          continue;
        }
        // The last calls of a run come when there is nothing left to stop.
        const isEnd = run.killed || run.exit === 20 || run.exit === 0;
        assert.ok(isEnd, `${about}: exit ${run.exit}\n${run.stderr}`);
        if (run.exit === 20) {
          stopped++;
          assert.match(run.stderr, new RegExp(`SIG${signal}`), about);
        }
        // What was staged then, the next run removes.
        const found = readTree(`${scene}/dst`, run.killed ? [".manifold"] : []);
        if (program === "manifold") assertOldOrNew(old, wanted, found, { about });
        for (const path of run.killed ? [] : found.entries.keys()) {
          assert.ok(old.entries.has(path) || wanted.entries.has(path), `${about}: left ${path}`);
        }
        const next = runOurs(program, argv, { cwd: scene });
        assert.equal(next.exit, 0, `${about}: ${next.stderr}`);
        const ignore = options.some((one) => /^-\w*H/.test(one)) ? [] : (["linkGroup"] as const);
        assertSameTree(wanted, `${scene}/dst`, { ignore });
      }
      test.diagnostic(`seed ${seed}: ${stopped} of ${count} stopped`);
    });
  }
});

describe("a large file that a signal interrupts", { skip: noStrace }, () => {
  const size = 80_000_000;

  for (const program of ["manifold", "manifold-rsync"] as const) {
    it(`is kept with --partial as far as it got, and gone on with: ${program}`, async () => {
      using folder = temporaryFolder();
      execFileSync("sh", ["-c", `mkdir dst; head -c ${size} /dev/zero > big`], {
        cwd: folder.path,
      });
      // Under its own name rsync's file keeps what has no gap before it, which is nothing when a second lane is quicker.
      const lanes = program === "manifold" ? [] : ["--threads=1"];
      const ran = await runTraced(program, ["-a", "--partial", ...lanes, "big", "dst/"], {
        trace: "pwrite64",
        inject: ["pwrite64:signal=INT:when=9"],
        cwd: folder.path,
      });
      assert.equal(ran.exit, 20, ran.stderr);
      const kept = program === "manifold" ? "dst/.manifold/partial" : "dst";
      const [name = ""] = readdirSync(folder.at(kept));
      const length = statSync(folder.at(`${kept}/${name}`)).size;
      assert.ok(length > 0 && length < size, `${length} bytes were kept`);
      // Also when the next run does not keep unfinished files itself.
      const next = runOurs(program, ["-a", "--no-whole-file", "--stats", "big", "dst/"], {
        cwd: folder.path,
      });
      assert.equal(next.exit, 0, next.stderr);
      const matched = Number(/matched data: ([\d,]+)/i.exec(next.stdout)?.[1]?.replaceAll(",", ""));
      assert.ok(matched >= length - 131072, `${next.stdout}: ${length} bytes were there`);
      assert.deepEqual(readdirSync(folder.at("dst")), ["big"]);
      execFileSync("cmp", ["big", "dst/big"], { cwd: folder.path });
    });
  }

  it("is gone without --partial, and so is the staging directory", async () => {
    using folder = temporaryFolder();
    execFileSync("sh", ["-c", `mkdir dst; head -c ${size} /dev/zero > big`], { cwd: folder.path });
    const ran = await runTraced("manifold", ["sync", "big", "dst/"], {
      trace: "pwrite64",
      inject: ["pwrite64:signal=TERM:when=9"],
      cwd: folder.path,
    });
    assert.equal(ran.exit, 20, ran.stderr);
    assert.equal(existsSync(folder.at("dst/.manifold")), false);
    assert.deepEqual(readdirSync(folder.at("dst")), []);
  });
});
