// Every call that a run makes fails once, and from then on, with each of the errors that disks and
// systems have, before it was carried out, half way or after. Whatever happens, the promises hold.
// MANIFOLD_LONG=1 lets all calls fail; without it a seeded sample (MANIFOLD_SEED, MANIFOLD_COUNT).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ErrnoName, errno } from "../../src/base/index.ts";
import { type Call, type Fault, faultAt, type Lasting } from "../../src/fs/index.ts";
import { Choice } from "../support/index.ts";
import { referenceOf, suffer, type Trouble, ways } from "./torture-rig.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const seed = Number(process.env.MANIFOLD_SEED ?? 1);
/** Runs of one way, where not all calls fail. */
const count = Number(process.env.MANIFOLD_COUNT ?? 15);

const errors: readonly ErrnoName[] = [
  "EIO",
  "ENOSPC",
  "EACCES",
  "EDQUOT",
  "EMFILE",
  "EROFS",
  "ENAMETOOLONG",
  "EXDEV",
  "ESTALE",
];
const lastings = ["once", "operation", "device"] as const;
const kinds = ["fail", "fail-after", "short"] as const;

/** A call, an error, how long it lasts, and whether the call is carried out. */
type Choosing = readonly [at: number, error: ErrnoName, lasting: Lasting, kind: Kind];
type Kind = (typeof kinds)[number];

function* choices(calls: number): Generator<Choosing> {
  if (!isLong) {
    const choice = new Choice(seed);
    for (let i = 0; i < count; i++) {
      const kind = choice.percent(70) ? "fail" : choice.of(kinds);
      yield [1 + choice.below(calls), choice.of(errors), choice.of(lastings), kind];
    }
    return;
  }
  // Each call fails with two of the errors in each of the three ways to last, in turn: all take half an hour of work.
  for (let at = 1; at <= calls; at++) {
    for (const [i, lasting] of lastings.entries()) {
      for (const error of [errors[(2 * at + i) % 9], errors[(2 * at + 3 + i) % 9]] as ErrnoName[])
        yield [at, error, lasting, "fail"];
    }
    for (const kind of ["fail-after", "short"] as const) yield [at, "EIO", "once", kind];
  }
}

function troubleOf(call: Call | undefined, [at, name, lasting, kind]: Choosing): Trouble {
  const fault: Fault = { kind, errno: errno[name] };
  return {
    plan: faultAt(at, fault, lasting),
    name: `call ${at} ${call?.operation} "${call?.name}" ${kind} ${name} ${lasting}`,
    closesAll: lasting === "once",
    losesLinks: name === "EXDEV",
  };
}

describe("whichever call fails", () => {
  for (const way of ways) {
    test(way.argv.join(" "), async (context) => {
      const reference = await referenceOf(way);
      const { calls } = reference;
      const failures: string[] = [];
      let runs = 0;
      let failed = 0;
      for (const chosen of choices(calls.length)) {
        runs++;
        try {
          const ended = await suffer(reference, troubleOf(calls[chosen[0] - 1], chosen));
          if (ended.exit !== 0) failed++;
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      const told = `seed ${seed}: ${calls.length} calls, ${runs} runs, ${failed} of them failed`;
      context.diagnostic(told);
      assert.deepEqual(failures.slice(0, 20), []);
      assert.ok(failed > runs / 2, told);
    });
  }
});

test("what is made in a new directory is not lost when it is said to lie on another file system", async () => {
  const way = ways[0] as (typeof ways)[0];
  // Where nothing waits, new directories are filled apart.
  const reference = await referenceOf({ ...way, argv: [...way.argv, "--no-detect-renamed"] });
  const made = reference.calls.filter(({ operation, name }) => {
    const makes = ["makeSymlink", "makeNode", "link", "createFile", "setTimes", "setFileTimes"];
    return makes.includes(operation) && !/^[0-9]+\.[0-9]+$/.test(name);
  });
  assert.ok(made.some(({ operation }) => operation === "makeSymlink"));
  for (const call of made) {
    await suffer(reference, troubleOf(call, [call.number, "EXDEV", "once", "fail"]));
  }
});

test("names that changed places and were said not to have do not change places again", async () => {
  const way = ways.find(({ argv }) => argv.includes("--on-conflict=overwrite"));
  assert.ok(way !== undefined);
  const reference = await referenceOf(way);
  const renames = reference.calls.filter(({ operation }) => operation === "rename");
  assert.ok(renames.length > 10);
  for (const call of renames)
    await suffer(reference, troubleOf(call, [call.number, "EIO", "once", "fail-after"]));
});

test("what cannot be looked at in the pass of deletions stays, and that is told", async () => {
  const way = ways.find(({ argv }) => argv.includes("--delete-before"));
  assert.ok(way !== undefined);
  const reference = await referenceOf(way);
  const looks = reference.calls.filter(({ operation }) => operation === "statEntries");
  assert.ok(looks.some(({ name }) => name === "extra"));
  for (const call of looks)
    await suffer(reference, troubleOf(call, [call.number, "EIO", "once", "fail"]));
});
