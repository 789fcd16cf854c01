// Formats with %-escapes against the real rsync: pieces in any order, widths, ' marks, oddities.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  createReporter,
  fillItemFormat,
  formatHas,
  readItemFormat,
} from "../../../src/cli/output/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { haveOracle, observeEvents, runRsync } from "./rsync-oracle.ts";
import { sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";

const letter = fc.constantFrom(..."inLlfbcCMUGBomhauPZ%'-0 ");
const width = fc.constantFrom("", "", "3", "12", "-12", "-", "0", "05", "-05", "007", "1234567890");
const marks = fc.constantFrom("", "", "'", "''", "'''", "''''");
const piece = fc.oneof(
  fc.tuple(marks, width, marks, letter).map((parts) => `%${parts.join("")}`),
  fc.constantFrom("text", " ", "%", "|", "\\", "\t", "\xc3\xa9"),
);
const format = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

describe("formats", () => {
  it("are filled in as rsync fills them in", { skip }, () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("d/file"), "x".repeat(40_000));
    symlinkSync("file", folder.at("d/link"));
    for (const path of ["d/file", "d"]) utimesSync(folder.at(path), 1e9, 1e9);
    const doing = ["-rlpto", "--no-g"];
    const events = observeEvents([...doing, "d", "none/"], folder.path);
    const seed = 11;
    const runs = process.env.MANIFOLD_LONG ? 300 : 40;
    for (const text of fc.sample(format, { seed, numRuns: runs })) {
      // Fields wider than rsync's buffer end the run there.
      if (/\d{4}/.test(text)) continue;
      rmSync(folder.at("none"), { recursive: true });
      const argv = [...doing, `--out-format=${text}`, "d", "none/"];
      const told = runRsync(argv, { cwd: folder.path }).stdout;
      const output = recordedOutput();
      const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
      reporter.start({ ...sampleInfo, created: { path: "none", madeByMkpath: 0 } });
      for (const event of events) {
        const sourcePath = event.type === "item" ? { sourcePath: event.path } : {};
        reporter.event({ ...event, ...sourcePath });
      }
      reporter.finish(summaryOf({}));
      assert.equal(
        maskNow(output.written.stdout),
        maskNow(told),
        `format ${JSON.stringify(text)}, seed ${seed}`,
      );
    }
  });

  it("know which escapes they have, widths and doubled percent signs included", () => {
    assert.equal(formatHas(readItemFormat("%-20i %n"), "i"), true);
    assert.equal(formatHas(readItemFormat("%%i %'l"), "i"), false);
    assert.equal(formatHas(readItemFormat("%%i %'l"), "l"), true);
    assert.equal(formatHas(readItemFormat("%123456789012345678901234567890i"), "i"), false);
  });

  it("never fail, whatever the text", () => {
    const fields = { text: () => "v", bytes: () => undefined, arrow: "" };
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(typeof fillItemFormat(readItemFormat(text), fields), "string");
      }),
    );
  });
});

/** %t is the time of day. */
function maskNow(text: string): string {
  return text.replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "NOW");
}
