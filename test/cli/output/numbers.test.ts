// Numbers against the real rsync's, which shows any size we like of a file that is all hole.

import assert from "node:assert/strict";
import { truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  formatCount,
  formatDecimal,
  formatNumber,
  listLine,
  sizeText,
} from "../../../src/cli/output/index.ts";
import { typeRegular } from "../../../src/tree/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { haveOracle, runRsync } from "./rsync-oracle.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";

describe("formatNumber()", () => {
  it("writes sizes as rsync's listing does, at every level", { skip }, () => {
    using folder = temporaryFolder();
    const edges = [0, 1, 999, 1000, 1001, 1023, 1024, 1025, 1125, 1375, 99_999, 999_994, 999_995];
    const large = [999_999, 1e6, 1_048_575, 1_048_576, 1_125_000, 2 ** 31, 1e9, 2 ** 40, 1e12];
    const seed = 5;
    const exponents = fc.sample(fc.double({ min: 0, max: 42, noNaN: true }), { seed, numRuns: 80 });
    const sizes = [...new Set([...edges, ...large, ...exponents.map((e) => Math.floor(2 ** e))])];
    const name = (size: number): string => `s${String(size).padStart(20, "0")}`;
    for (const size of sizes) {
      const path = folder.at(name(size));
      writeFileSync(path, "");
      truncateSync(path, size);
      utimesSync(path, 1e9, 1e9);
    }
    const entry = { mode: typeRegular | 0o644, mtime: 1e9 };
    for (const [numbers, option] of ["--no-h", "-v", "-h", "-hh", "-hhh"].entries()) {
      const columns = { atimes: false, crtimes: false, numbers };
      const ours = sizes.map((size) => listLine({ path: name(size), size, ...entry }, columns));
      const told = runRsync(["-r", option, "--list-only", "./"], { cwd: folder.path }).stdout;
      const rsyncs = told.split("\n").filter((line) => line.startsWith("-rw"));
      assert.deepEqual(ours.sort(), rsyncs.sort(), `${option}, seed ${seed}`);
    }
  });

  it("groups, and never loses a digit", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        assert.equal(formatNumber(value, 1).replaceAll(",", ""), String(value));
        assert.match(formatCount(value, 3), /^\d{1,3}(,\d{3})*$/);
        assert.equal(formatNumber(value, 0), String(value));
      }),
    );
    assert.equal(formatNumber(-1234567, 1), "-1,234,567");
    assert.equal(formatNumber(-1234567, 2), "-1.23M");
  });
});

describe("formatDecimal()", () => {
  it("groups the whole part, rounds ties to the even digit, and takes units instead of a fraction", () => {
    assert.equal(formatDecimal(6002562, 1, 2), "6,002,562.00");
    assert.equal(formatDecimal(12766.018, 1, 2), "12,766.02");
    assert.equal(formatDecimal(999.994, 1, 2), "999.99");
    assert.equal(formatDecimal(1.125, 1, 2), "1.12");
    assert.equal(formatDecimal(1.375, 1, 2), "1.38");
    assert.equal(formatDecimal(6002562, 2, 2), "6.00M");
    assert.equal(formatDecimal(6002562, 3, 2), "5.72M");
    assert.equal(formatDecimal(6002562, 0, 2), "6002562.00");
  });
});

describe("sizeText()", () => {
  it("has three digits at most, and one unit", () => {
    assert.equal(sizeText(0), "0 bytes");
    assert.equal(sizeText(1), "1 byte");
    assert.equal(sizeText(999), "999 bytes");
    assert.equal(sizeText(1000), "1.00 kB");
    assert.equal(sizeText(999_499), "999 kB");
    assert.equal(sizeText(999_500), "1.00 MB");
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        assert.match(sizeText(value), /^(\d{1,3}|\d\.\d\d|\d\d\.\d) (bytes?|[kMGTP]B)$/);
      }),
    );
  });
});
