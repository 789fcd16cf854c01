// Pins that any bytes are either a changeset or one changeset-invalid error with field and offset:
// no other error, no hang, no memory taken on the word of the input.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { ChangesetReader, verifyChangeset } from "../../src/changeset/index.ts";
import { changesetArbitrary, listingArbitrary } from "./arbitrary.ts";
import { examples } from "./examples.ts";
import { mutate } from "./mutation.ts";
import { bytesOf, headerOf, type SequenceValue } from "./sample.ts";

const count = process.env.MANIFOLD_LONG ? 20_000 : 3000;
/** Generous: one takes a fraction of a millisecond, but the machine may be busy. */
const slowMs = 2000;
const memoryBytesMax = 200 * 1024 * 1024;

function plain(value: SequenceValue): SequenceValue {
  const { kind, hasData } = value.header;
  return { ...value, header: { ...headerOf({ kind, hasData }) } };
}

/** Says how reading ended; throws if it ended in a way that it should not. */
function outcome(bytes: Uint8Array): "valid" | "invalid" {
  try {
    verifyChangeset([bytes]);
    return "valid";
  } catch (error) {
    assert.ok(error instanceof ManifoldError, `not a ManifoldError: ${error}`);
    assert.equal(error.code, "changeset-invalid");
    assert.equal(typeof error.data.offset, "number");
    assert.ok((error.data.offset as number) <= bytes.length, `offset ${error.data.offset}`);
    assert.match(String(error.data.field), /^[a-zA-Z-]+( [a-zA-Z-]+)*$/);
    assert.match(error.message, /^Cannot read changeset: /);
    return "invalid";
  }
}

test(`${count} damaged changesets are read, or refused in the one way there is`, () => {
  const files = [
    ...examples.map(({ value }) => value),
    ...fc.sample(changesetArbitrary, { numRuns: 60, seed: 3 }),
    ...fc.sample(listingArbitrary, { numRuns: 30, seed: 4 }),
  ].map((value) => bytesOf(plain(value)));
  const before = process.memoryUsage.rss();
  const outcomes = { valid: 0, invalid: 0 };
  for (let seed = 0; seed < count; seed++) {
    const damaged = mutate(seededRandom(seed), files[seed % files.length] as Uint8Array);
    const start = performance.now();
    try {
      outcomes[outcome(damaged)]++;
    } catch (error) {
      throw new Error(`seed ${seed}: ${Buffer.from(damaged).toString("hex").slice(0, 2000)}`, {
        cause: error,
      });
    }
    assert.ok(performance.now() - start < slowMs, `seed ${seed} took too long`);
  }
  assert.ok(process.memoryUsage.rss() - before < memoryBytesMax, "memory grew");
  // Were all of them refused, or none, the damage would not reach what it is meant to reach.
  assert.ok(outcomes.valid > count / 100, JSON.stringify(outcomes));
  assert.ok(outcomes.invalid > count / 2, JSON.stringify(outcomes));
});

test("a changeset that is cut off anywhere is refused, and says so", () => {
  const bytes = bytesOf((examples[2] as (typeof examples)[number]).value);
  for (let length = 0; length < bytes.length; length++) {
    const reader = new ChangesetReader();
    assert.throws(
      () => {
        reader.push(bytes.subarray(0, length));
        while (reader.next() !== undefined);
        reader.finish();
      },
      { code: "changeset-invalid", message: /the input ends/ },
      `cut off at ${length}`,
    );
  }
});
