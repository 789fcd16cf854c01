// Pins what receive does with damaged changesets, of which thousands are made with a knowledge of the
// format: they are applied, or refused in the one way there is; what lies outside of the target stays
// as it is, nothing is left in its state directory, and what is verified first changes nothing at all.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { orderKind } from "../../src/changeset/index.ts";
import { changesetArbitrary } from "../changeset/arbitrary.ts";
import { examples } from "../changeset/examples.ts";
import { mutate } from "../changeset/mutation.ts";
import { bytesOf, headerOf, type RecordValue, type SequenceValue } from "../changeset/sample.ts";
import { assertSameTree, readTree, type TreeSnapshot, temporaryFolder } from "../support/index.ts";
import { receiveInline } from "./receive-inline.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 20_000 : 60;
/** Generous: one takes a few milliseconds, but the machine may be busy. */
const slowMs = 5000;
/** What a damaged input may end with: as no changeset, or by a header that asks for what cannot be done here. */
const codes = new Set(["changeset-invalid", "file-select", "unsupported"]);

/** Makes the target's tree: some of what the changesets are about, and ways out of it. */
function makeTarget(path: string): void {
  mkdirSync(join(path, "d/e"), { recursive: true });
  writeFileSync(join(path, "old"), "old content");
  writeFileSync(join(path, "d/x"), "x");
  symlinkSync("../outside", join(path, "out"));
  for (const name of ["old", "d/x", "d/e", "d"]) utimesSync(join(path, name), 1000, 1000);
}

const regular = 0o100644;
const directory = 0o040755;
const old = { mode: regular, size: 11, mtime: 1000 };
const x = { mode: regular, size: 1, mtime: 1000 };

function content(index: number, text: string): RecordValue {
  const bytes = Buffer.from(text);
  const digest = createHash("sha256").update(bytes).digest();
  return { type: "data", index, tokens: [{ kind: "literal", bytes }], digest };
}

/** A changeset that means something to the target. */
const meaningful: SequenceValue = {
  header: headerOf({ hasData: true, preserves: ["mode", "mtime", "hard-links"] }),
  records: [
    {
      type: "directory",
      path: "",
      orders: [
        { kind: orderKind.add, name: "new", after: { mode: regular, size: 3, mtime: 2000 } },
        {
          kind: orderKind.change,
          name: "old",
          before: old,
          after: { ...old, size: 5, mtime: 2000 },
        },
        { kind: orderKind.add, name: "s", after: { mode: 0o120777, linkTarget: "old", mtime: 5 } },
        { kind: orderKind.add, name: "f", after: { mode: directory, mtime: 2000 } },
      ],
    },
    content(0, "new"),
    content(1, "other"),
    {
      type: "directory",
      path: "f",
      orders: [
        { kind: orderKind.add, name: "g", after: { mode: regular, size: 0, mtime: 2000 } },
        { kind: orderKind.link, name: "l", after: { ...old, size: 5, mtime: 2000, link: "old" } },
      ],
    },
    { type: "data", index: 0, tokens: [], digest: createHash("sha256").digest() },
    {
      type: "closing",
      path: "d",
      orders: [
        {
          kind: orderKind.meta,
          name: ".",
          before: { mode: directory, mtime: 1000 },
          after: { mode: directory, mtime: 9 },
        },
        { kind: orderKind.del, name: "x", before: x },
        { kind: orderKind.del, name: "e", before: { mode: directory, mtime: 1000 } },
      ],
    },
    {
      type: "closing",
      path: "f",
      orders: [{ kind: orderKind.meta, name: ".", after: { mode: directory, mtime: 2000 } }],
    },
  ],
};

/** Changesets that mean something to the target, and many that do not. */
function fixtures(): readonly Uint8Array[] {
  const filled = ({ header, ...value }: SequenceValue): SequenceValue => ({
    ...value,
    header: headerOf({ kind: header.kind, hasData: true }),
  });
  const made = fc.sample(changesetArbitrary, { numRuns: 60, seed: 8 }).map(filled);
  const withData = examples.map(({ value }) => value).filter(({ header }) => header.hasData);
  return made.flatMap((value, i) => [
    bytesOf(meaningful),
    bytesOf(withData[i % withData.length] as SequenceValue),
    bytesOf(value),
  ]);
}

async function assertHarmless(
  folder: string,
  damaged: Uint8Array,
  isRepeatable: boolean,
  before: TreeSnapshot,
): Promise<"applied" | "refused"> {
  const target = join(folder, "target");
  let outcome: "applied" | "refused" = "applied";
  try {
    const { exit, events } = await receiveInline(target, damaged, { isRepeatable });
    const worst = Math.max(
      0,
      ...events.map((event) => (event.type === "problem" ? event.exit : 0)),
    );
    assert.ok(exit > 0 || worst === 0, `exit ${exit}, but a problem was told`);
  } catch (error) {
    assert.ok(error instanceof ManifoldError, `not a ManifoldError: ${(error as Error).stack}`);
    assert.ok(codes.has(error.code), `${error.code}: ${error.message}`);
    if (error.code === "changeset-invalid") assert.match(error.message, /at byte [0-9]+/);
    if (isRepeatable) assertSameTree(before, readTree(target));
    outcome = "refused";
  }
  assert.equal(existsSync(join(target, ".manifold")), false, "debris");
  return outcome;
}

test(`${count} damaged changesets are received without harm`, async () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const files = fixtures();
  mkdirSync(join(cwd, "outside"));
  writeFileSync(join(cwd, "outside/kept"), "kept");
  const outside = readTree(join(cwd, "outside"));
  const outcomes = { applied: 0, refused: 0 };
  const umask = process.umask(0);
  try {
    for (let seed = 0; seed < count; seed++) {
      rmSync(join(cwd, "target"), { recursive: true, force: true });
      mkdirSync(join(cwd, "target"));
      makeTarget(join(cwd, "target"));
      const before = readTree(join(cwd, "target"));
      const damaged = mutate(seededRandom(seed), files[seed % files.length] as Uint8Array);
      const start = performance.now();
      try {
        outcomes[await assertHarmless(cwd, damaged, seed % 2 === 0, before)]++;
      } catch (error) {
        const hex = Buffer.from(damaged).toString("hex").slice(0, 2000);
        throw new Error(`seed ${seed}: ${(error as Error).message}: ${hex}`, { cause: error });
      }
      assert.ok(performance.now() - start < slowMs, `seed ${seed} took too long`);
      assertSameTree(outside, readTree(join(cwd, "outside")));
    }
  } finally {
    process.umask(umask);
  }
  // Were all of them refused, or none, the damage would not reach what it is meant to reach.
  assert.ok(outcomes.applied > count / 100, JSON.stringify(outcomes));
  assert.ok(outcomes.refused > count / 4, JSON.stringify(outcomes));
});
