// Pins that memory does not grow with the tree: a million entries are written and read in less than
// 200 MB, the runtime and everything included. Without MANIFOLD_LONG=1 it is a fifth of that.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { childProgram } from "../support/index.ts";

const program = childProgram("memory-child.ts", import.meta.url);
const peakMax = 200_000_000;
const entriesWanted = process.env.MANIFOLD_LONG ? 1_000_000 : 200_000;

for (const kind of ["changeset", "listing"]) {
  test(`a ${kind} of ${entriesWanted} entries is written and read in less than 200 MB`, () => {
    const output = execFileSync(process.execPath, [...program, kind, `${entriesWanted}`], {
      encoding: "utf8",
    });
    const { entries, peak } = JSON.parse(output) as { entries: number; peak: number };
    assert.equal(entries, entriesWanted);
    assert.ok(peak < peakMax, `${peak} bytes`);
  });
}
