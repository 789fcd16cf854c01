// rsync's progress displays, against the real one where its clock does not matter.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createReporter, type Reporter, TransferProgress } from "../../../src/cli/output/index.ts";
import { change, type DeleteEvent, type ItemEvent } from "../../../src/tree/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { recordedOutput } from "./recorded-output.ts";
import { haveOracle, observeEvents, runRsync } from "./rsync-oracle.ts";
import { countersOf, itemOf, sampleInfo, settingsOf, summaryOf } from "./sample-run.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";

/** rsync shows the first piece that it sends. */
const pieceBytes = 32 * 1024;

/** Tells a reporter of a run as stages would: counts, then the item, then the file's progress. */
function tellWithProgress(
  reporter: Reporter,
  events: readonly (ItemEvent | DeleteEvent)[],
  nameAfter: boolean,
): void {
  const total = events.filter((event) => event.type === "item").length;
  for (const [seen, event] of events.entries()) {
    const counters = countersOf({ regular: total, unchanged: seen + 1 });
    reporter.tick(counters, { scanComplete: true, elapsedMs: 0 });
    const isTransfer = event.type === "item" && (event.changes & change.transfer) !== 0;
    if (!isTransfer || !nameAfter) reporter.event(event);
    if (!isTransfer) continue;
    const { path, size } = event;
    const progress = { type: "file-progress", index: 0, path, size } as const;
    if (size > pieceBytes) reporter.event({ ...progress, done: pieceBytes, finished: false });
    reporter.event({ ...progress, done: size, finished: true });
    if (nameAfter) reporter.event(event);
  }
}

function maskClock(text: string): string {
  return text
    .replace(/ +[\d.]+[kMG]B\/s +\d+:\d\d:\d\d/g, " RATE")
    .replace(/[\d,.]+[KMG]? bytes\/sec$/m, "RATE");
}

describe("--progress", { skip }, () => {
  for (const telling of [
    ["--progress"],
    ["--progress", "-i"],
    ["--progress", "-h"],
    ["-P", "-v"],
    ["--progress", "--no-i-r"],
    ["--progress", "--out-format=%n %b"],
    ["--progress", "-q"],
  ]) {
    it(`is told as rsync tells it (${telling.join(" ")})`, () => {
      using folder = temporaryFolder();
      mkdirSync(folder.at("src/d"), { recursive: true });
      const sizes = { a: 6, big: 3_000_000, empty: 0, "d/b": 32_768, "d/c": 32_769, z: 65_536 };
      for (const [name, size] of Object.entries(sizes)) {
        writeFileSync(folder.at(`src/${name}`), Buffer.alloc(size));
      }
      const doing = ["-r", "src/", "dst"];
      const told = runRsync([...telling, ...doing], { cwd: folder.path }).stdout;
      const events = observeEvents(["-r", "src/", "dst2"], folder.path);
      const output = recordedOutput();
      const reporter = createReporter(settingsOf([...telling, ...doing], "manifold-rsync"), output);
      const created = { path: "dst", madeByMkpath: 0 };
      reporter.start({ ...sampleInfo, created, entries: events.length });
      tellWithProgress(
        reporter,
        events,
        telling.some((option) => option.includes("%b")),
      );
      const wire = /sent ([\d,]+) bytes {2}received ([\d,]+)/.exec(told) ?? [];
      const [sent = 0, received = 0] = wire
        .slice(1)
        .map((text) => Number(text.replaceAll(",", "")));
      const totalSize = Object.values(sizes).reduce((sum, size) => sum + size, 0);
      reporter.finish(summaryOf({ sent, received, counters: countersOf({ totalSize }) }));
      assert.equal(maskClock(output.written.stdout), maskClock(told));
    });
  }
});

describe("progress of a file", () => {
  it("shows rates over the last seconds, and at its end the average and the time it took", () => {
    const progress = new TransferProgress(1);
    const size = 10_000_000;
    assert.equal(progress.advance(0, size, 0), "\r              0   0%    0.00kB/s    0:00:00  ");
    assert.equal(progress.advance(1_000_000, size, 999), undefined, "a second between lines");
    assert.equal(
      progress.advance(1_048_576, size, 1000),
      "\r      1,048,576  10% 1024.00kB/s    0:00:08  ",
    );
    assert.equal(
      progress.advance(5_242_880, size, 2000),
      "\r      5,242,880  52%    2.50MB/s    0:00:01  ",
    );
    const counts = { transferred: 3, toCheck: 4, total: 9, scanComplete: false };
    assert.equal(
      progress.finish(size, size, 4000, counts),
      "\r     10,000,000 100%    2.38MB/s    0:00:04 (xfr#3, ir-chk=4/9)",
    );
  });

  it("does not know the time left of what does not move", () => {
    const progress = new TransferProgress(0);
    progress.advance(0, 1e15, 0);
    assert.match(progress.advance(1, 1e15, 1000) ?? "", /\?\?:\?\?:\?\?/);
    assert.match(progress.advance(1, 1e15, 9000) ?? "", / 0:00:00|\?\?:\?\?:\?\?/);
  });
});

describe("--info=progress2", () => {
  it("is one line, redrawn each second, ended before other lines and at the end", () => {
    const output = recordedOutput();
    const settings = settingsOf(["-v", "--info=progress2", "src/", "dst"], "manifold-rsync");
    const reporter = createReporter(settings, output);
    const counts = { regular: 4, totalSize: 4000 };
    const tick = (at: number, some: Record<string, number>): void => {
      output.nowMs = at;
      const counters = countersOf({ ...counts, ...some });
      reporter.tick(counters, { scanComplete: at >= 2000, elapsedMs: at });
    };
    tick(0, { doneBytes: 0 });
    tick(500, { doneBytes: 500 });
    tick(1000, { doneBytes: 1000, transferredFiles: 1, createdRegular: 1 });
    reporter.event(itemOf({ path: "name" }));
    tick(2000, { doneBytes: 2500, transferredFiles: 1, createdRegular: 1 });
    const counters = countersOf({
      ...counts,
      doneBytes: 4000,
      transferredFiles: 4,
      createdRegular: 4,
    });
    output.nowMs = 3000;
    reporter.finish(summaryOf({ counters, sent: 10, received: 10 }));
    assert.deepEqual(output.written.stdout.split(/(?=\r)|\n/), [
      "\r              0   0%    0.00kB/s    0:00:00  ",
      "\r          1,000  25%    0.98kB/s    0:00:01 (xfr#1, ir-chk=3/4)",
      "name",
      "\r          2,500  62%    1.22kB/s    0:00:01  ",
      "\r          4,000 100%    1.30kB/s    0:00:03 (xfr#4, to-chk=0/4)",
      "",
      "sent 20 bytes  received 20 bytes  80.00 bytes/sec"
        .replaceAll("20", "10")
        .replace("80", "40"),
      "total size is 4,000  speedup is 200.00",
      "",
    ]);
  });
});
