// Pins that memory does not grow with the tree: a million entries are written and read in less than
// 200 MB, the runtime and everything included.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const child = fileURLToPath(new URL("memory-child.ts", import.meta.url));
const peakMax = 200_000_000;

for (const kind of ["changeset", "listing"]) {
  test(`a ${kind} of 1,000,000 entries is written and read in less than 200 MB`, () => {
    const output = execFileSync(process.execPath, ["--import", "tsx", child, kind], {
      encoding: "utf8",
    });
    const { entries, peak } = JSON.parse(output) as { entries: number; peak: number };
    assert.equal(entries, 1_000_000);
    assert.ok(peak < peakMax, `${peak} bytes`);
  });
}
