// Pins when it pays to look for content in any file of the target: on slow lines, for much that is wanted, among little that has to
// be read; and that the user's word counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lineRateOf, looksForContent } from "../../src/sync/conduct/content-estimate.ts";
import { optionsOf } from "../options/resolve.ts";

const optionsFor = (...words: string[]): ReturnType<typeof optionsOf> =>
  optionsOf([...words, "host:/src/", "/dst/"], { personality: "manifold" });

/** The kernel trees of the benchmark. */
const kernels = { wanted: 216_000_000, through: 1_300_000_000 };

test("without a word it depends on the line, on what is wanted, and on what has to be read", () => {
  const looks = (estimate: Parameters<typeof looksForContent>[1]): boolean =>
    looksForContent(optionsFor("-a"), estimate);
  assert.equal(looks({ ...kernels, lineRate: 2_000_000 }), true);
  assert.equal(looks({ ...kernels, lineRate: 12_000_000 }), false);
  assert.equal(looks({ ...kernels, lineRate: 0 }), false, "a line that holds nothing up");
  assert.equal(looks({ ...kernels, through: 1e12, lineRate: 2_000_000 }), false);
  assert.equal(looks({ wanted: 50_000, through: 1000, lineRate: 1000 }), false);
  // Lists of so much would cost more than all that there is.
  assert.equal(looks({ wanted: 1e12, through: 1e9, lineRate: 1000 }), false);
  assert.equal(looks({ wanted: 0, through: 1e9, lineRate: 1000 }), false);
});

test("the user's word counts, but not where there is nothing", () => {
  const [yes, no] = [optionsFor("-a", "--content-index"), optionsFor("-a", "--no-content-index")];
  assert.equal(looksForContent(yes, { ...kernels, lineRate: 0 }), true);
  assert.equal(looksForContent(yes, { ...kernels, through: 0, lineRate: 1000 }), false);
  assert.equal(looksForContent(no, { ...kernels, lineRate: 1000 }), false);
});

test("a limit of the user's makes a line slow", () => {
  const limited = optionsFor("-a", "--bwlimit=1000");
  assert.equal(lineRateOf(limited, 0), 1_024_000);
  assert.equal(lineRateOf(limited, 50_000), 50_000);
  assert.equal(lineRateOf(limited, 9_000_000), 1_024_000);
  assert.equal(lineRateOf(optionsFor("-a"), 9_000_000), 9_000_000);
});
