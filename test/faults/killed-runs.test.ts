// kill -9 at seeded moments, spread evenly over the system calls that a run makes on its target: a
// first run writes them down, later ones are killed at one of them. Afterwards every path is old or
// new (P1), and the next run completes and leaves nothing behind (P2). MANIFOLD_LONG=1: 100 kills.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import { buildScene } from "../cli/scenes.ts";
import { assertSameTree, Choice, readTree, temporaryFolder } from "../support/index.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { noStrace, runTraced } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
/** Kills of one test: all of one way to run. */
const killsEach = isLong ? 15 : 1;

/** Calls that can change something on a target, or are between two that can. */
const traced =
  "openat,openat2,close,statx,getdents64,pwrite64,copy_file_range,ioctl,ftruncate,fallocate," +
  "mkdirat,symlinkat,mknodat,linkat,renameat,renameat2,unlinkat," +
  "fchmod,fchown,fchownat,utimensat,setxattr,lsetxattr,lremovexattr,fsync,syncfs";

/** Ways to run, each with its own order of steps. */
const ways: readonly (readonly string[])[] = [
  ["-HAX", "--delete"],
  ["--delete", "--threads=1", "--temp-dir=../elsewhere"],
  ["-HX", "--delete", "--delay-updates", "--threads=4"],
  ["-H", "--delete", "--no-whole-file", "--partial"],
  ["--delete", "--backup", "--backup-dir=../kept"],
  ["--delete", "--on-conflict=overwrite"],
  ["-X", "--delete-during", "--durable=file"],
];

/** One moment of a run: the nth call of a name in its thread. */
interface Moment {
  readonly call: string;
  readonly count: number;
}

/** Reads from a log which moments a run on `dst` has. */
function momentsOf(calls: readonly string[]): Moment[] {
  const counts = new Map<string, number>();
  const moments: Moment[] = [];
  for (const line of calls) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, count);
    if (line.includes("/dst")) moments.push({ call, count });
  }
  return moments;
}

describe("a run that is killed at any moment", { skip: noStrace }, () => {
  for (const [way, options] of ways.entries()) {
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
      const whole = await runTraced("manifold", argv, { trace: traced, cwd: scene });
      assert.equal(whole.exit, 0, whole.stderr);
      const moments = momentsOf(whole.calls);
      const wanted = readTree(`${scene}/src`);
      const choice = new Choice(seed);
      let killed = 0;
      for (let kill = 0; kill < killsEach; kill++) {
        const { call, count } = choice.of(moments);
        const about = `seed ${seed}, ${argv.join(" ")}, ${call} ${count}`;
        renew();
        const old = readTree(`${scene}/dst`);
        const inject = [`${call}:signal=KILL:when=${count}`];
        const run = await runTraced("manifold", argv, { trace: call, inject, cwd: scene });
        if (run.killed) killed++;
        else assert.equal(run.exit, 0, `${about}: ${run.stderr}`);
        assertOldOrNew(old, wanted, readTree(`${scene}/dst`, [".manifold"]), about);
        const next = runOurs("manifold", argv, { cwd: scene });
        assert.equal(next.exit, 0, `${about}: ${next.stderr}`);
        const ignore = options.some((one) => /^-\w*H/.test(one)) ? [] : (["linkGroup"] as const);
        assertSameTree(wanted, `${scene}/dst`, { ignore });
        assertSameTree(wanted, `${scene}/src`);
        assert.deepEqual(readdirSync(`${scene}/elsewhere`), [], about);
      }
      test.diagnostic(`seed ${seed}: ${killed} of ${killsEach} killed`);
      // A thread that does not get as far as in the first run lets its moment pass.
      assert.ok(killed >= killsEach * 0.6, `only ${killed} runs were killed`);
    });
  }
});
