// The little languages of option values: sizes, times, maps, permissions.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyChmod, formatHas, mapId, parseChmod, parseIdMap } from "../../src/options/index.ts";
import { copyOptions, errorOf } from "./resolve.ts";

describe("sizes", () => {
  it("have units of 1024 or 1000, fractions, and one byte more or less", () => {
    const sizes: Record<string, number> = {
      "0": 0,
      "700": 700,
      "1k": 1024,
      "1KiB": 1024,
      "1kb": 1000,
      "1.5M": 1_572_864,
      "1.5mb": 1_500_000,
      ".5k": 512,
      "2G-1": 2 ** 31 - 1,
      "1T+1": 2 ** 40 + 1,
      "1P": 2 ** 50,
      "10b": 10,
      "1.9": 1,
      "": 0,
    };
    for (const [text, bytes] of Object.entries(sizes)) {
      assert.equal(copyOptions([`--max-size=${text}`]).select.maxSize, bytes, text);
    }
    for (const text of ["x", "1x", "1kx", "+1", "1+2", "1 k", "1e3", "k+11"]) {
      assert.match(errorOf([`--min-size=${text}`]).message, /is invalid$/, text);
    }
    for (const text of ["-1", "9000P", "99999999999999999999"]) {
      assert.match(errorOf([`--min-size=${text}`]).message, /is too large$/, text);
    }
  });
});

describe("--stop-at", () => {
  // Local time, so that the expectations hold in every time zone.
  const now = new Date(2026, 10, 21, 14, 30, 10).getTime();
  const at = (text: string) => {
    const { stopAt } = copyOptions([`--stop-at=${text}`], { now }).limits;
    return new Date(stopAt ?? 0).toLocaleString("sv").slice(0, 16);
  };

  it("means the next moment that fits what was written", () => {
    const moments: Record<string, string> = {
      "2027-01-02T03:04": "2027-01-02 03:04",
      "2027/1/2": "2027-01-02 00:00",
      "27-1-2": "2027-01-02 00:00",
      "12-24": "2026-12-24 00:00",
      "11-21": "2027-11-21 00:00",
      "3-1T12:00": "2027-03-01 12:00",
      "22": "2026-11-22 00:00",
      "21": "2026-12-21 00:00",
      "31": "2026-12-31 00:00",
      "15:00": "2026-11-21 15:00",
      "14:00": "2026-11-22 14:00",
      "T14:31": "2026-11-21 14:31",
      ":45": "2026-11-21 14:45",
      ":15": "2026-11-21 15:15",
      "2-29": "2028-02-29 00:00",
      "2027-02-30": "2027-03-02 00:00",
      "5T": "2026-12-05 00:00",
    };
    for (const [text, moment] of Object.entries(moments)) assert.equal(at(text), moment, text);
  });

  it("refuses what has passed and what is no time", () => {
    for (const text of ["2020-01-01", "26-11-21", "2026-11-21T14:30"]) {
      const { message } = errorOf([`--stop-at=${text}`], { now });
      assert.equal(message, `--stop-at time is not in the future: ${text}`);
    }
    for (const text of ["", "x", "13-1", "24:00", "12:60", "2-30", "1-2-3-4", "T5", "0", "1:2:3"]) {
      assert.match(errorOf([`--stop-at=${text}`], { now }).message, /^invalid/, text);
    }
  });
});

describe("--chmod", () => {
  const change = (text: string, mode: number, isDirectory = false, umask = 0o022) =>
    applyChmod(mode, isDirectory, parseChmod(text), umask).toString(8);

  it("changes bits by class, by octal number and by copying", () => {
    assert.equal(change("u+x,go-r", 0o644), "700");
    assert.equal(change("F600", 0o4755), "600");
    assert.equal(change("a=rX", 0o640), "444");
    assert.equal(change("a=rX", 0o740), "555");
    assert.equal(change("g=u,o=", 0o750), "770");
    assert.equal(change("+w", 0o444), "644");
    assert.equal(change("ug+s", 0o755), "6755");
    assert.equal(change("u=g", 0o4770), "770");
  });

  it("keeps to directories or to the rest where D or F says so", () => {
    assert.equal(change("D755,F644", 0o777, true), "755");
    assert.equal(change("D755,F644", 0o777), "644");
    assert.equal(change("F-x,Du+w", 0o755), "644");
  });

  it("leaves the type bits alone", () => {
    assert.equal(change("600", 0o100644), "100600");
  });

  it("refuses what has no meaning", () => {
    for (const text of [
      "",
      "Z",
      "u",
      "u+r,",
      "DF755",
      "8",
      "17777",
      "u755",
      "g=uo",
      "g=ur",
      "u+r-w",
    ]) {
      assert.throws(() => parseChmod(text), /Invalid argument passed to --chmod/, text);
    }
  });
});

describe("id maps", () => {
  const map = (text: string, id: number, name: string) => {
    const matches = (pattern: string, word: string) => word.startsWith(pattern.replace("*", ""));
    return mapId(parseIdMap(text, "usermap"), id, name, matches);
  };

  it("take the first pair that fits: id, range, name, pattern, or no name", () => {
    const text = "5:50,10-20:r,joe:60,adm*:70,:80";
    assert.deepEqual(map(text, 5, "x"), { kind: "id", id: 50 });
    assert.deepEqual(map(text, 20, ""), { kind: "name", name: "r" });
    assert.deepEqual(map(text, 1, "joe"), { kind: "id", id: 60 });
    assert.deepEqual(map(text, 1, "admin"), { kind: "id", id: 70 });
    assert.deepEqual(map(text, 1, ""), { kind: "id", id: 80 });
    assert.equal(map(text, 1, "ann"), undefined);
  });

  it("come from --chown as well", () => {
    const { userMap, groupMap } = copyOptions(["--chown=ann:"]).ids;
    assert.deepEqual(userMap, [
      { from: { kind: "pattern", pattern: "*" }, to: { kind: "name", name: "ann" } },
    ]);
    assert.deepEqual(groupMap, []);
  });

  it("refuse pairs without a colon, without a name and with bad numbers", () => {
    assert.throws(() => parseIdMap("a", "usermap"), /No colon found in --usermap: a/);
    assert.throws(() => parseIdMap("a:", "usermap"), /No name found after colon --usermap: a:/);
    assert.throws(() => parseIdMap("1-2-3:4", "usermap"), /Invalid number in --usermap/);
    assert.throws(() => parseIdMap("9999999999:4", "usermap"), /Invalid ID number: 9999999999/);
  });
});

describe("output formats", () => {
  it("have their escapes found behind widths and signs, not behind a doubled percent", () => {
    assert.ok(formatHas("%i", "i") && formatHas("a %-10'n", "in") && formatHas("%''12'l", "l"));
    assert.ok(!formatHas("%%i %n", "i") && !formatHas("i%", "i"));
  });
});
