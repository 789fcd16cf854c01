// Pins what an end does when the other one's messages are damaged, with a knowledge of their form and with right
// checksums: it ends with a named error or does what it was told inside of its root; nothing else on the machine
// changes, nothing is left in the state directory, and it never hangs.

import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../../src/base/index.ts";
import { decodeControl, lane } from "../../../src/session/index.ts";
import { damageMessages, seededDamage, type Told } from "../../session/damaged-channel.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { type BothEnds, runFar } from "./far-rig.ts";

const count = process.env.MANIFOLD_LONG ? 3000 : 15;
/** Generous: one takes some milliseconds, but the machine may be busy. */
const slowMs = 8000;
const memoryBytesMax = 700 * 1024 * 1024;
const options = [
  ["-a"],
  ["-aH", "--delete"],
  ["-a", "--checksum", "--delete-before"],
  ["-a", "-z", "--backup"],
];

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

function makeSource(folder: TemporaryFolder): void {
  mkdirSync(folder.at("source/d/e"), { recursive: true });
  mkdirSync(folder.at("source/f"));
  writeFileSync(folder.at("source/new"), "new content");
  writeFileSync(folder.at("source/edited"), `${"a".repeat(9000)}!`);
  writeFileSync(folder.at("source/touched"), "the same");
  writeFileSync(folder.at("source/d/x"), "x");
  writeFileSync(folder.at("source/d/e/y"), "y".repeat(70_000));
  symlinkSync("../outside", folder.at("source/f/link"));
  linkSync(folder.at("source/d/x"), folder.at("source/f/x"));
}

function makeTarget(folder: TemporaryFolder): void {
  mkdirSync(folder.at("target/d"), { recursive: true });
  writeFileSync(folder.at("target/edited"), "a".repeat(9000));
  writeFileSync(folder.at("target/touched"), "the same");
  utimesSync(folder.at("target/touched"), 1000, 1000);
  writeFileSync(folder.at("target/surplus"), "surplus");
  symlinkSync("../outside", folder.at("target/out"));
}

/** The start says where the target is: what it names, the user named. */
function isStart({ lane: number, message }: Told): boolean {
  if (number !== lane.control) return false;
  try {
    return decodeControl(message).kind === "start";
  } catch {
    return false;
  }
}

function assertHarmless(folder: TemporaryFolder, { client, agent, events }: BothEnds): void {
  const problems = events.filter((event) => event.type === "problem" && event.exit > 0);
  const ended = problems.length === 0 || client.exit > 0 || agent.exit > 0;
  assert.ok(ended, `a problem, and both ends say that all is well: ${JSON.stringify(problems)}`);
  for (const { error } of [client, agent]) {
    if (error !== undefined) assert.doesNotMatch(error.message, /undefined|NaN|\[object/);
  }
  assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
}

for (const way of ["pull", "push"] as const) {
  for (const damaged of ["client", "agent"] as const) {
    describe(`${count} conversations with damaged messages of the ${damaged} (${way})`, () => {
      it("end without harm", async () => {
        using folder = temporaryFolder();
        makeSource(folder);
        mkdirSync(folder.at("outside"));
        writeFileSync(folder.at("outside/kept"), "kept");
        const [outside, source] = [readTree(folder.at("outside")), readTree(folder.at("source"))];
        const outcomes = { whole: 0, failed: 0, stalled: 0 };
        for (let seed = 0; seed < count; seed++) {
          rmSync(folder.at("target"), { recursive: true, force: true });
          makeTarget(folder);
          const damage = seededDamage(seededRandom(seed), isStart);
          const start = performance.now();
          const from = `${way === "pull" ? "host:" : ""}${folder.at("source")}/`;
          const to = `${way === "push" ? "host:" : ""}${folder.at("target")}`;
          const argv = [...(options[seed % options.length] as string[]), from, to];
          try {
            const ends = await runFar(argv, {
              [damaged]: (channel: never) => damageMessages(channel, damage),
            });
            assertHarmless(folder, ends);
            outcomes[
              ends.stalled
                ? "stalled"
                : ends.client.exit === 0 && ends.agent.exit === 0
                  ? "whole"
                  : "failed"
            ]++;
          } catch (error) {
            throw new Error(`seed ${seed}: ${(error as Error).stack}`, { cause: error });
          }
          assert.ok(performance.now() - start < slowMs, `seed ${seed} took too long`);
          assertSameTree(outside, folder.at("outside"));
          assertSameTree(source, folder.at("source"));
        }
        assert.ok(process.memoryUsage.rss() < memoryBytesMax, "memory grew");
        // Were all of them refused, or none, the damage would not reach what it is meant to reach.
        assert.ok(outcomes.whole > 0, JSON.stringify(outcomes));
        assert.ok(outcomes.failed > count / 10, JSON.stringify(outcomes));
      });
    });
  }
}
