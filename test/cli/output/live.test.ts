// manifold's live line: honest totals, monotone percentage and remaining time, any width, and gone
// before anything else is shown.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createReporter, Estimate, liveLine, type RunView } from "../../../src/cli/output/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { countersOf, itemOf, problemOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";
import { terminalRows } from "./terminal-screen.ts";

/** Steps of a run: time passes, some is found, some is done, the scan may end. */
const steps = fc.array(
  fc.record({
    passed: fc.integer({ min: 0, max: 20_000 }),
    foundFiles: fc.nat(5000),
    foundBytes: fc.nat(2 ** 31),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    scanEnds: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Plays the steps; work may go on being found after the scan ended, as bad counters would have it. */
function play(run: typeof steps extends fc.Arbitrary<infer T> ? T : never): RunView[] {
  const estimate = new Estimate();
  const c = countersOf();
  let elapsedMs = 0;
  let scanComplete = false;
  return run.map(({ passed, foundFiles, foundBytes, share, scanEnds }) => {
    elapsedMs += passed;
    c.plannedFiles += foundFiles;
    c.plannedBytes += foundBytes;
    c.doneFiles += Math.floor((c.plannedFiles - c.doneFiles) * share);
    c.doneBytes += Math.floor((c.plannedBytes - c.doneBytes) * share);
    scanComplete ||= scanEnds;
    return estimate.update({ ...c }, c.plannedFiles, { scanComplete, elapsedMs });
  });
}

describe("an estimate", () => {
  it("has no percentage and no remaining time while the scan goes on", () => {
    fc.assert(
      fc.property(steps, (run) => {
        for (const view of play(run)) {
          if (!view.atLeast) continue;
          assert.equal(view.percent, undefined);
          assert.equal(view.etaMs, undefined);
        }
      }),
    );
  });

  it("never goes backwards afterwards, and never says 100 before all is done", () => {
    fc.assert(
      fc.property(steps, (run) => {
        let percent = 0;
        let eta = Number.POSITIVE_INFINITY;
        for (const view of play(run)) {
          assert.ok(view.rate >= 0 && Number.isFinite(view.rate));
          if (view.percent === undefined) continue;
          assert.ok(view.percent >= percent && view.percent <= 100);
          if (view.percent === 100 && percent < 100) {
            assert.equal(view.bytesDone, view.bytesTotal);
            assert.equal(view.filesDone, view.filesTotal);
          }
          percent = view.percent;
          if (view.etaMs === undefined) continue;
          assert.ok(view.etaMs >= 0 && view.etaMs <= eta);
          eta = view.etaMs;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("tells a remaining time that a steady run keeps", () => {
    const estimate = new Estimate();
    const plannedBytes = 100e6;
    const files = { plannedFiles: 1, doneFiles: 0 };
    for (let elapsedMs = 100; elapsedMs <= 9000; elapsedMs += 100) {
      const counters = countersOf({ ...files, plannedBytes, doneBytes: 1e4 * elapsedMs });
      const view = estimate.update(counters, 1, { scanComplete: true, elapsedMs });
      assert.ok(Math.abs(view.rate - 1e7) < 1e5, `rate ${view.rate}`);
      if (view.etaMs === undefined) assert.ok(elapsedMs < 1200);
      else assert.ok(Math.abs(view.etaMs - (10_000 - elapsedMs)) < 300, `eta at ${elapsedMs}`);
    }
  });
});

describe("the live line", () => {
  it("fits every width, in ASCII", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 200 }), (run, columns) => {
        for (const view of play(run)) {
          const line = liveLine(view, columns);
          assert.ok(line.length < columns || line === "", `${columns}: ${line}`);
          assert.match(line, /^[ -~]*$/);
        }
      }),
    );
  });

  it("says what it knows", () => {
    const view: RunView = {
      atLeast: true,
      entries: 12_345,
      filesDone: 1234,
      filesTotal: 5678,
      bytesDone: 12.3e6,
      bytesTotal: 45.6e6,
      percent: undefined,
      etaMs: undefined,
      rate: 10.2e6,
      elapsedMs: 3000,
    };
    assert.equal(
      liveLine(view, 120),
      "scanning: 12,345 found  1,234 of at least 5,678 files  12.3 MB of at least 45.6 MB  10.2 MB/s  0:03",
    );
    const later = { ...view, atLeast: false, percent: 27, etaMs: 65_000 };
    assert.equal(
      liveLine(later, 80),
      " 27%  1,234 of 5,678 files  12.3 MB of 45.6 MB  10.2 MB/s  ETA 1:05",
    );
    assert.equal(liveLine(later, 60), " 27%  1,234/5,678 files  12.3 MB  10.2 MB/s  ETA 1:05");
    assert.equal(liveLine(later, 20), " 27%  1:05");
    assert.equal(liveLine(later, 6), " 27%");
  });

  it("is wiped before anything else is shown, and at the end, at every width", () => {
    for (const columns of [12, 40, 80, 200]) {
      const output = recordedOutput({ isTerminal: true, columns });
      const reporter = createReporter(settingsOf(["-v", "src/", "dst"]), output);
      reporter.start(sampleInfo);
      for (let i = 0; i < 6; i++) {
        output.nowMs += 100;
        const counters = countersOf({
          regular: 9,
          plannedFiles: 9,
          doneFiles: i,
          doneBytes: 10 ** i,
        });
        reporter.tick(counters, { scanComplete: i > 2, elapsedMs: output.nowMs });
        const shown = terminalRows(output.written.stdout, columns);
        assert.notEqual(shown[shown.length - 1], "");
        reporter.event(itemOf({ path: `f${i}` }));
      }
      output.nowMs += 100;
      reporter.tick(countersOf(), { scanComplete: true, elapsedMs: output.nowMs });
      reporter.event(problemOf());
      assert.match(output.written.stdout, /\r *\r$/, "wiped before the other stream is written");
      reporter.finish(summaryOf());
      const rows = terminalRows(output.written.stdout, 200);
      assert.deepEqual(rows.slice(0, 6), ["f0", "f1", "f2", "f3", "f4", "f5"]);
      assert.deepEqual(rows.slice(6, 7), [""]);
      assert.equal(rows.length, 9);
    }
  });

  it("is on a terminal only, and not under -q, --json, --progress, or as manifold-rsync", () => {
    const ticked = (argv: readonly string[], isTerminal: boolean, rsync = false): string => {
      const output = recordedOutput({ isTerminal, columns: 120 });
      const settings = settingsOf([...argv, "src/", "dst"], rsync ? "manifold-rsync" : "manifold");
      const reporter = createReporter(settings, output);
      for (const elapsedMs of [0, 2000]) {
        output.nowMs = elapsedMs;
        reporter.tick(countersOf(), { scanComplete: false, elapsedMs });
      }
      return output.written.stdout;
    };
    assert.match(ticked([], true), /scanning/);
    assert.equal(ticked([], false), "");
    assert.equal(ticked(["-q"], true), "");
    assert.equal(ticked(["--progress"], true), "");
    assert.equal(ticked([], true, true), "");
    assert.match(ticked(["--json"], true), /^\{"type":"progress"/);
    assert.match(ticked(["--info=progress2"], false), /^scanning[^\r]*\nscanning[^\r]*\n$/);
  });

  it("leaves a closing line behind on a terminal", () => {
    const output = recordedOutput({ isTerminal: true });
    const reporter = createReporter(settingsOf(["src/", "dst"]), output);
    const counters = countersOf({
      regular: 10,
      directories: 2,
      totalSize: 3_000_000,
      createdRegular: 3,
      changed: 1,
      deletedRegular: 2,
      unchanged: 8,
      literal: 1_000_000,
    });
    reporter.finish(summaryOf({ counters, elapsedMs: 500 }));
    assert.equal(
      output.written.stdout,
      "12 entries, 3.00 MB: 3 created, 1 changed, 2 deleted, 8 unchanged in 0.50 s (2.00 MB/s)\n",
    );
    const found = countersOf({ regular: 3, totalSize: 900, moved: 2, copied: 1, matched: 900 });
    reporter.finish(summaryOf({ counters: found, elapsedMs: 1000 }));
    assert.ok(
      output.written.stdout.endsWith(
        "\n3 entries, 900 bytes: 2 moved, 1 copied, 900 bytes taken from the target in 1.00 s (900 bytes/s)\n",
      ),
      output.written.stdout,
    );
  });
});
