// The machine stops dead at a call of the run, and whatever was carried out until then stays. Every
// path is old or new, and the next run, of another process, completes and leaves nothing behind.
// MANIFOLD_LONG=1 stops at every call; without it a seeded sample (MANIFOLD_SEED, MANIFOLD_COUNT).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Crash, faultAt } from "../../src/fs/index.ts";
import { Choice } from "../support/index.ts";
import { referenceOf, suffer, ways } from "./torture-rig.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const seed = Number(process.env.MANIFOLD_SEED ?? 1);
const count = Number(process.env.MANIFOLD_COUNT ?? 20);

function* moments(calls: number): Generator<number> {
  const choice = new Choice(seed);
  if (isLong) for (let at = 1; at <= calls; at++) yield at;
  else for (let i = 0; i < count; i++) yield 1 + choice.below(calls);
}

describe("wherever the machine stops", () => {
  for (const way of ways) {
    test(way.argv.join(" "), async (context) => {
      const reference = await referenceOf(way);
      const { calls } = reference;
      const failures: string[] = [];
      let runs = 0;
      for (const at of moments(calls.length)) {
        runs++;
        const call = calls[at - 1];
        const name = `crash at call ${at} ${call?.operation} "${call?.name}"`;
        const plan = faultAt(at, { kind: "crash" });
        try {
          const { error } = await suffer(reference, { plan, name, closesAll: false });
          assert.ok(error instanceof Crash, `${name}: ${error}`);
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      context.diagnostic(`seed ${seed}: ${calls.length} calls, ${runs} crashes`);
      assert.deepEqual(failures.slice(0, 20), []);
    });
  }
});
