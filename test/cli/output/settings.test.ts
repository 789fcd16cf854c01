// What options make of the output: heads, streams, levels, quiet, listings.

import assert from "node:assert/strict";
import { mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createReporter, listLine, modeText } from "../../../src/cli/output/index.ts";
import { change, typeDirectory, typeRegular, typeSymlink } from "../../../src/tree/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { haveOracle, runRsync } from "./rsync-oracle.ts";
import { itemOf, problemOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";

describe("the head", { skip }, () => {
  const places = ["src/", "dst"];
  for (const options of [
    ["-rv"],
    ["-av", "--no-i-r"],
    ["-rv", "--delete"],
    ["-rv", "--delete-before"],
    ["-rv", "--delete-after"],
    ["-rv", "--delete-delay"],
    ["-rv", "--delay-updates"],
    ["-rv", "-m"],
    ["-rv", "--qsort"],
    ["-dv"],
    ["-v"],
    ["-r", "--info=flist"],
    ["-r", "--info=flist2", "--no-i-r"],
    ["-r", "-i"],
    ["-rvn"],
    ["-rvv"],
    ["-rvv", "--no-W"],
    ["-rqv"],
    ["-rv", "--mkpath"],
  ]) {
    it(`is rsync's (${options.join(" ")})`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src"));
      writeFileSync(folder.at("src/a"), "");
      const mkpath = options.includes("--mkpath");
      const argv = [...options, "src/", mkpath ? "dst/a/b" : "dst"];
      const told = runRsync(argv, { cwd: folder.path }).stdout;
      const output = recordedOutput();
      const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
      const path = mkpath ? "dst/a/b" : "dst";
      const wholeFile = !options.includes("--no-W");
      const isMade = options.some((option) => /^-\w*[rad]/.test(option));
      const created = { path, madeByMkpath: mkpath ? 3 : 0 };
      reporter.start({ ...sampleInfo, entries: 2, wholeFile, ...(isMade ? { created } : {}) });
      reporter.finish(summaryOf());
      const head = (text: string): string[] =>
        text.split("\n").filter((line) => /file|created|delta/.test(line));
      assert.deepEqual(head(output.written.stdout), head(told), places.join(" "));
    });
  }
});

describe("listings", { skip }, () => {
  for (const options of [
    [],
    ["-r"],
    ["-a"],
    ["-ah"],
    ["-a", "--no-h"],
    ["-aU"],
    ["-av"],
    ["-aq"],
  ]) {
    it(`are rsync's (${options.join(" ")})`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src/d"), { recursive: true });
      writeFileSync(folder.at("src/f"), Buffer.alloc(123_456));
      symlinkSync("f", folder.at("src/l"));
      for (const name of ["src/f", "src/d", "src"]) utimesSync(folder.at(name), 1e9, 1e9);
      const argv = [...options, "--list-only", "--exclude=l", "src/"];
      const told = runRsync(argv, { cwd: folder.path }).stdout;
      const output = recordedOutput();
      const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
      reporter.start({ ...sampleInfo, target: undefined, targetLabel: "" });
      const isListed = { changes: change.upToDate, mtime: 1e9, atime: 1e9, literal: 0 };
      const directory = { mode: typeDirectory | 0o755, ...isListed };
      const sizeOf = (name: string): number => statSync(folder.at(name)).size;
      reporter.event(itemOf({ path: "", size: sizeOf("src"), ...directory }));
      reporter.event(itemOf({ path: "f", size: 123_456, ...isListed }));
      reporter.event(itemOf({ path: "d", size: sizeOf("src/d"), ...directory }));
      reporter.finish(summaryOf());
      const listed = (text: string): string[] => text.split("\n").filter((line) => /:/.test(line));
      assert.deepEqual(listed(output.written.stdout), listed(told));
    });
  }
});

describe("listLine()", () => {
  it("tells a symlink's target, times in columns, and no access time of directories", () => {
    const columns = { atimes: true, crtimes: true, numbers: 1 };
    const time = (date: string): number => new Date(date).getTime() / 1000;
    const times = { mtime: time("2026-01-02T03:04:05"), atime: time("2026-02-02T00:00:00") };
    const link = { path: "l", mode: typeSymlink | 0o777, size: 1, linkTarget: "f", ...times };
    assert.equal(
      listLine({ ...link, crtime: time("2025-12-31T23:59:59") }, columns),
      "lrwxrwxrwx              1 2026/01/02 03:04:05 2026/02/02 00:00:00 2025/12/31 23:59:59 l -> f",
    );
    const directory = { path: "", mode: typeDirectory | 0o755, size: 4096, ...times };
    assert.equal(
      listLine(directory, { ...columns, crtimes: false }),
      "drwxr-xr-x          4,096 2026/01/02 03:04:05                     .",
    );
  });
});

describe("modeText()", () => {
  it("spells types, permissions and special bits", () => {
    assert.equal(modeText(typeRegular | 0o7777), "-rwsrwsrwt");
    assert.equal(modeText(typeRegular | 0o7000), "---S--S--T");
    assert.equal(modeText(typeDirectory | 0o1777), "drwxrwxrwt");
    assert.equal(modeText(typeSymlink | 0o750), "lrwxr-x---");
  });
});

describe("streams", () => {
  const tell = (argv: readonly string[], stdoutCarriesData = false) => {
    const output = recordedOutput();
    const settings = settingsOf([...argv, "src/", "dst"], "manifold", { stdoutCarriesData });
    const reporter = createReporter(settings, output);
    reporter.event(itemOf());
    reporter.event(problemOf());
    reporter.event({ type: "note", topic: "skip", level: 1, text: "skip 1" });
    reporter.event({ type: "note", topic: "skip", level: 2, text: "skip 2" });
    reporter.event({ type: "note", topic: "debug:del", level: 1, text: "del 1" });
    reporter.event({ type: "note", topic: "nobody's", level: 9, text: "always" });
    reporter.finish(summaryOf());
    return output.written;
  };

  it("-q silences everything but problems", () => {
    assert.equal(tell(["-q", "-vv"]).stdout, "");
    assert.match(tell(["-q"]).stderr, /Permission denied/);
  });

  it("--stderr=all, and data on standard output, send everything to standard error", () => {
    for (const written of [tell(["-v", "--stderr=all"]), tell(["-v"], true)]) {
      assert.equal(written.stdout, "");
      assert.match(written.stderr, /^a\nmanifold: cannot read/);
    }
  });

  it("notes follow the levels of --info and --debug", () => {
    assert.equal(tell([]).stdout, "always\n");
    assert.equal(tell(["--info=skip"]).stdout, "skip 1\nalways\n");
    assert.equal(tell(["--info=skip2", "--debug=del"]).stdout, "skip 1\nskip 2\ndel 1\nalways\n");
  });

  it("a log has dates, the process id, and nothing that a terminal obeys", () => {
    const output = recordedOutput();
    output.nowMs = new Date("2026-01-02T03:04:05").getTime();
    const argv = ["--log-file=x", "src/", "dst"];
    const reporter = createReporter(settingsOf(argv, "manifold-rsync"), output);
    reporter.start(sampleInfo);
    reporter.event(itemOf({ path: "a\nb\x9b" }));
    reporter.finish(summaryOf({ exit: 20 }));
    const prefix = "2026/01/02 03:04:05 [4711] ";
    assert.deepEqual(output.written.log.split("\n"), [
      `${prefix}building file list`,
      `${prefix}>f+++++++++ a\\#012b\\#233`,
      `${prefix}sent 0 bytes  received 0 bytes  total size 0`,
      `${prefix}rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20) at rsync.c(874) [sender=3.5.0]`,
      "",
    ]);
  });

  it("--outbuf=L writes every line at once", () => {
    const output = recordedOutput();
    const reporter = createReporter(settingsOf(["-v", "--outbuf=L", "src/", "dst"]), output);
    reporter.event(itemOf());
    assert.equal(output.written.stdout, "a\n");
  });

  it("lines are held back and written in blocks, in order, nothing lost", () => {
    const output = recordedOutput();
    let writes = 0;
    const stdout = (bytes: Uint8Array): void => {
      writes++;
      output.stdout(bytes);
    };
    const counted = { ...output, stdout };
    const reporter = createReporter(settingsOf(["-v", "src/", "dst"]), counted);
    for (let i = 0; i < 10_000; i++) reporter.event(itemOf({ path: String(i) }));
    reporter.finish(summaryOf());
    const told = output.written.stdout.split("\n").slice(0, 10_000);
    assert.deepEqual(told, [...Array(10_000).keys()].map(String));
    assert.ok(writes < 10, `${writes} writes`);
  });
});
