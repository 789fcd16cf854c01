// What people see of a cast: the lines on a terminal while it goes on, and the table at its end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CastNews, castLive, castTable, probeTable } from "../../../src/cli/output/index.ts";

type Live = Parameters<typeof castLive>[0];

const going: Live = {
  ...{ elapsedMs: 4000, recorded: 20_000_000, isWhole: true, sent: 5_000_000, rate: 2_500_000 },
  ...{ repeated: 0.0213, isRepairing: false, targets: [] },
};

function targetsOf(phases: readonly Live["targets"][number]["phase"][]): Live["targets"] {
  return phases.map((phase, i) => ({
    ...{ name: `t${i}`, phase },
    reason: phase === "pulling" ? "it is slower than the others" : undefined,
  }));
}

describe("a cast on a terminal", () => {
  it("has a line for the session and one for each target in trouble", () => {
    const targets = targetsOf(["receiving", "receiving", "pulling", "lost", "done"]);
    assert.deepEqual(castLive({ ...going, targets }, 2_500_000, 140), [
      " 25%  5.00 MB of 20.0 MB  2.50 MB/s  2.1 % again  ETA 0:06  2 receiving, 1 by connection, 1 done, 1 lost",
      "  by connection  t2: it is slower than the others",
      "  lost  t3",
    ]);
  });

  it("tells with -v what becomes of each target, once, and with -vv how fast it goes, once a second", () => {
    const news = new CastNews();
    const look = (elapsedMs: number, phases: Parameters<typeof targetsOf>[0]) =>
      news
        .look({ ...going, elapsedMs, targets: targetsOf(phases) }, 1_000_000)
        .map(({ level, text }) => `${level} ${text.slice(0, 40)}`);
    assert.deepEqual(look(500, ["awaited", "receiving"]), ["1 t1: takes datagrams"]);
    assert.deepEqual(look(900, ["awaited", "receiving"]), []);
    assert.deepEqual(look(1100, ["lost", "pulling"]), [
      "1 t0: lost",
      "1 t1: is served over its connection: it is",
      "2  25%  5.00 MB of 20.0 MB  1.00 MB/s  2.1",
    ]);
    assert.deepEqual(look(1200, ["lost", "pulling"]), []);
  });

  it("says at least while the tree is still being read, and that only repairs are left", () => {
    const [reading = ""] = castLive({ ...going, isWhole: false }, 1000, 140);
    assert.match(reading, /^5\.00 MB of at least 20\.0 MB/);
    const [repairing = ""] = castLive(
      { ...going, sent: going.recorded, isRepairing: true },
      1000,
      140,
    );
    assert.match(repairing, /^100% .* repairing/);
    assert.doesNotMatch(repairing, /ETA/);
  });

  it("folds hundreds, and is never wider than the terminal", () => {
    const targets = targetsOf(Array.from({ length: 500 }, () => "pulling" as const));
    for (const columns of [20, 40, 80, 200]) {
      const lines = castLive({ ...going, targets }, 2_500_000, columns);
      assert.equal(lines.length, 9);
      for (const line of lines) assert.ok(line.length < columns, line);
    }
    assert.equal(castLive({ ...going, targets }, 0, 80).at(-1), "  and 493 more in trouble");
  });

  it("shows no character that moves the cursor", () => {
    const targets = [{ name: "\u001b[2J", phase: "lost", reason: "a\nb" }] as const;
    assert.equal(castLive({ ...going, targets }, 0, 80)[1], "  lost  ?[2J: a?b");
  });
});

describe("the table at the end of a cast", () => {
  const row = {
    ...{ name: "host:/path", state: "committed", exit: 0, reason: undefined, stream: 1_000_000 },
    ...{ multicast: 1_030_000, unicast: 0, missingRate: 0.0123, elapsedMs: 1234 },
  };

  it("has a row for each target and a line for all", () => {
    const lost = { ...row, name: "b", state: "lost", exit: 10, reason: "gone", multicast: 0 };
    const lines = castTable({
      ...{ targets: [row, lost], stream: 1_000_000, multicast: 1_100_000, elapsedMs: 2000 },
      isDryRun: false,
    });
    assert.deepEqual(lines, [
      "target      state           multicast  unicast  missing  seconds",
      "host:/path  committed         1.03 MB  0 bytes   1.23 %     1.23",
      "b           lost (exit 10)    0 bytes  0 bytes        -     1.23  gone",
      "1 of 2 targets have everything: 1.00 MB, 1.10 MB in datagrams, 2.00 s",
    ]);
  });

  it("tells of a dry run what would be sent", () => {
    const ready = { ...row, state: "ready", multicast: 0 };
    const lines = castTable({
      ...{ targets: [ready], stream: 1_000_000, multicast: 0, elapsedMs: 2000, isDryRun: true },
    });
    assert.match(lines[1] ?? "", /ready .* would get 1\.00 MB$/);
    assert.equal(lines[2], "dry run: 1 of 1 target would be cast to, 1.00 MB in all");
  });
});

describe("the table of the ways to targets", () => {
  const way = {
    ...{ name: "host:/path", isMember: true, sent: 50, came: 49, roundTripsMs: [0.61, 1.3, 40.62] },
    ...{ longest: 65_000, receiveBytes: 8_388_608, roomBytes: 237e9, clockMs: -1234 },
    writing: { bytes: 4_000_000, microseconds: 20_000, reason: undefined },
  };

  it("has a row for each, and says how many datagrams reach", () => {
    const none = { came: 0, roundTripsMs: [], longest: 0, roomBytes: 0, clockMs: 0 };
    const writing = { bytes: 0, microseconds: 0, reason: "read-only file system" };
    const outside = { ...way, ...none, name: "c", isMember: false, writing };
    const silent = { ...way, ...none, name: "b", writing: undefined };
    assert.deepEqual(probeTable([way, silent, outside]), [
      "target      datagrams    lost  round trip, ms  longest   buffer    room                 writes  clock, s",
      "host:/path  come        2.0 %    0.6 1.3 40.6    65000  8.39 MB  237 GB               200 MB/s     -1.23",
      "b           none comes      -               -        -  8.39 MB       -                      -     +0.00",
      "c           no group        -               -        -  8.39 MB       -  read-only file system     +0.00",
      "datagrams reach 1 of 3 targets; the others would be served over their connections",
    ]);
    assert.equal(probeTable([way]).at(-1), "datagrams reach 1 of 1 targets");
  });
});
