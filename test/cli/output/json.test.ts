// --json: every line parses, the last one is a summary of the documented shape, names survive
// byte by byte, and nothing in a line can drive a terminal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createReporter } from "../../../src/cli/output/index.ts";
import { change, typeDirectory, typeRegular, typeSymlink } from "../../../src/tree/index.ts";
import { type RecordedOutput, recordedOutput } from "./recorded-output.ts";
import { countersOf, itemOf, problemOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

const byteString = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
  .map((bytes) => String.fromCharCode(...bytes));

type Line = Record<string, unknown>;

function lines(bytes: string): Line[] {
  assert.ok(bytes === "" || bytes.endsWith("\n"));
  return bytes
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as Line);
}

function name(line: Line, key: string, bytesKey: string): string {
  const bytes = line[bytesKey];
  if (typeof bytes === "string") return Buffer.from(bytes, "base64").toString("latin1");
  return Buffer.from(line[key] as string, "utf8").toString("latin1");
}

function jsonRun(argv: readonly string[], stdoutCarriesData = false): RecordedOutput {
  const output = recordedOutput();
  const settings = settingsOf([...argv, "src/", "dst"], "manifold", { stdoutCarriesData });
  const reporter = createReporter(settings, output);
  reporter.start(sampleInfo);
  reporter.event(itemOf());
  reporter.event({ type: "delete", path: "old", mode: typeDirectory | 0o755 });
  reporter.event({ type: "note", topic: "skip", level: 1, text: "a note" });
  reporter.event(problemOf());
  reporter.event(problemOf({ operation: "conflict", role: "target", message: "changed" }));
  reporter.tick(countersOf({ plannedFiles: 4 }), { scanComplete: false, elapsedMs: 10 });
  reporter.finish(
    summaryOf({
      exit: 23,
      sources: [{ url: "src/", bytes: 3, files: 1, errors: 1 }],
      targets: [{ name: "dst", ok: false, bytes: 3 }],
    }),
  );
  return output;
}

describe("--json", () => {
  it("tells a run on standard output: start, events, source, target, summary", () => {
    const { stdout, stderr } = jsonRun(["--json", "-v", "--stats"]).written;
    const told = lines(stdout);
    assert.deepEqual(
      told.map((line) => line.type),
      ["start", "item", "item", "problem", "conflict", "progress", "source", "target", "summary"],
    );
    assert.equal(told[0]?.version, 1);
    assert.equal(told[1]?.action, "created");
    assert.equal(told[1]?.itemize, ">f+++++++++");
    assert.equal(told[2]?.action, "deleted");
    assert.equal(told[2]?.kind, "directory");
    assert.equal(told[3]?.reason, "Permission denied");
    assert.equal(told[3]?.message, 'cannot read "src/a": Permission denied');
    assert.equal(told[5]?.percent, null);
    assert.match(stderr, /^manifold: cannot read/, "people still see problems");
  });

  it("ends with a summary of the documented shape", () => {
    const told = lines(jsonRun(["--json"]).written.stdout);
    assert.deepEqual(told[told.length - 1], {
      type: "summary",
      version: 1,
      exit: 23,
      elapsedMs: 0,
      entries: {
        scanned: 0,
        created: 0,
        changed: 0,
        moved: 0,
        copied: 0,
        linked: 0,
        deleted: 0,
        unchanged: 0,
        failed: 0,
      },
      bytes: { total: 0, literal: 0, matched: 0, sent: 0, received: 0 },
      sources: [{ url: "src/", bytes: 3, files: 1, errors: 1 }],
      targets: [{ name: "dst", ok: false, bytes: 3 }],
      problems: 1,
      conflicts: 1,
    });
  });

  it("goes to standard error, alone there, where standard output carries data", () => {
    const { stdout, stderr } = jsonRun(["--json", "-v"], true).written;
    assert.equal(stdout, "");
    assert.equal(lines(stderr).length, 9);
  });

  it("goes into a file beside the usual text", () => {
    const { stdout, json } = jsonRun(["--json=events", "-i"]).written;
    assert.equal(lines(json).length, 9);
    assert.match(stdout, /^>f\+{9} a\n\*deleting {3}old\/\n/);
  });

  it("keeps every name, whatever its bytes, and shows nothing that drives a terminal", () => {
    fc.assert(
      fc.property(byteString, byteString, (path, linkTarget) => {
        const output = recordedOutput();
        const reporter = createReporter(settingsOf(["--json", "src/", "dst"]), output);
        reporter.start({ ...sampleInfo, sources: [path, "src/"], target: linkTarget });
        reporter.event(itemOf({ path, linkTarget, mode: typeSymlink | 0o777 }));
        reporter.event(problemOf({ path }));
        reporter.finish(summaryOf({ failure: path }));
        const shown = Buffer.from(output.written.stdout, "latin1").toString("utf8");
        assert.doesNotMatch(shown, /(?!\n)\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
        const [start = {}, item = {}, problem = {}] = lines(output.written.stdout);
        assert.equal(name(start, "target", "targetBytes"), linkTarget);
        assert.equal(name(item, "path", "nameBytes"), path);
        assert.equal(name(item, "linkTarget", "linkTargetBytes"), linkTarget);
        assert.equal(name(problem, "path", "nameBytes"), path);
        const sources = start.sourcesBytes ?? start.sources;
        const coding = start.sourcesBytes === undefined ? "utf8" : "base64";
        const first = (sources as string[])[0] ?? "";
        assert.equal(Buffer.from(first, coding).toString("latin1"), path);
      }),
      { numRuns: 300 },
    );
  });

  it("names what changed", () => {
    const output = recordedOutput();
    const reporter = createReporter(settingsOf(["--json", "src/", "dst"]), output);
    const bits = change.transfer | change.size | change.mtime | change.mode | change.group;
    reporter.event(itemOf({ changes: bits }));
    reporter.event(itemOf({ changes: change.upToDate, mode: typeRegular | 0o600 }));
    reporter.event(itemOf({ changes: change.local | change.hardLink, linkTarget: "b" }));
    reporter.finish(summaryOf());
    const told = lines(output.written.stdout);
    assert.deepEqual(told[0]?.changes, ["size", "mtime", "mode", "group"]);
    assert.deepEqual(
      told.slice(0, 3).map((line) => line.action),
      ["changed", "unchanged", "linked"],
    );
  });

  it("tells progress twice a second at most", () => {
    const output = recordedOutput();
    const reporter = createReporter(settingsOf(["--json", "src/", "dst"]), output);
    for (let elapsedMs = 0; elapsedMs <= 2000; elapsedMs += 100) {
      reporter.tick(countersOf(), { scanComplete: true, elapsedMs });
    }
    assert.equal(lines(output.written.stdout).length, 5);
  });
});
