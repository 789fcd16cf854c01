// kill -9 at seeded moments, spread evenly over the system calls that a run makes on its target: a
// first run writes them down, later ones are killed at one of them. Afterwards every path is old or
// new (P1), and the next run completes and leaves nothing behind (P2). MANIFOLD_LONG=1: 100 kills, of every
// way to run; without it one of every second way.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import { buildScene } from "../cli/scenes.ts";
import { assertSameTree, Choice, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { changingCalls, momentsOf } from "./moments.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { noStrace, runTraced } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
/** Kills of one test: all of one way to run. */
const killsEach = isLong ? 15 : 2;

/** Ways to run, each with its own order of steps. */
const ways: readonly (readonly string[])[] = [
  ["-HAX", "--delete"],
  ["--delete", "--threads=1", "--temp-dir=../elsewhere"],
  ["-HX", "--delete", "--delay-updates", "--threads=4"],
  ["-H", "--delete", "--no-whole-file", "--partial"],
  ["--delete", "--backup", "--backup-dir=../kept"],
  ["--delete", "--on-conflict=overwrite"],
  ["-X", "--delete-during", "--durable=batch"],
];

describe("a run that is killed at any moment", { skip: noStrace }, () => {
  for (const options of sampled(ways)) {
    const way = ways.indexOf(options);
    it(`leaves old or new, and nothing after the next run: ${options.join(" ")}`, async (test) => {
      const seed = isLong ? way + 1 : way + 101;
      using folder = temporaryFolder();
      const pristine = folder.at("pristine");
      const variety = {
        entries: 50,
        hardLinks: true,
        xattrs: options.some((one) => /X/.test(one)),
      };
      mkdirSync(`${pristine}/elsewhere`, { recursive: true });
      buildScene(pristine, seed, { variety, drift: 22, roomForSuffix: true });
      const scene = folder.at("scene");
      const renew = (): void => {
        execFileSync("rm", ["-rf", scene]);
        execFileSync("cp", ["-a", pristine, scene]);
      };
      const argv = [...options, "src/", "dst/"];
      renew();
      const whole = await runTraced("manifold", argv, { trace: changingCalls, cwd: scene });
      assert.equal(whole.exit, 0, whole.stderr);
      const moments = momentsOf(whole.calls);
      const wanted = readTree(`${scene}/src`);
      const choice = new Choice(seed);
      let killed = 0;
      for (let tries = 0; killed < killsEach && tries < killsEach * 3 + 3; tries++) {
        const { call, count } = choice.of(moments);
        const about = `seed ${seed}, ${argv.join(" ")}, ${call} ${count}`;
        renew();
        const old = readTree(`${scene}/dst`);
        const inject = [`${call}:signal=KILL:when=${count}`];
        const run = await runTraced("manifold", argv, { trace: call, inject, cwd: scene });
        if (run.killed) killed++;
        else assert.equal(run.exit, 0, `${about}: ${run.stderr}`);
        assertOldOrNew(old, wanted, readTree(`${scene}/dst`, [".manifold"]), { about });
        const next = runOurs("manifold", argv, { cwd: scene });
        assert.equal(next.exit, 0, `${about}: ${next.stderr}`);
        const ignore = options.some((one) => /^-\w*H/.test(one)) ? [] : (["linkGroup"] as const);
        assertSameTree(wanted, `${scene}/dst`, { ignore });
        assertSameTree(wanted, `${scene}/src`);
        assert.deepEqual(readdirSync(`${scene}/elsewhere`), [], about);
      }
      // A thread that does not get as far as in the first run lets its moment pass; then another one is tried.
      test.diagnostic(`seed ${seed}: killed ${killed} times`);
      assert.equal(killed, killsEach);
    });
  }
});
