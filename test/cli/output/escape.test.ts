// Escaping of names against the real rsync, and what manifold's own mode never lets through.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type EscapeMode, escapeLine, escapeModeOf } from "../../../src/cli/output/index.ts";
import { temporaryFolder } from "../../support/index.ts";
import { haveOracle, runRsync } from "./rsync-oracle.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";

const odd = [
  "a\tb",
  "nl\nx",
  "esc\x1b[0m",
  "\xc3\xa9",
  "\xff\xfe",
  "tr\xc3",
  "c1\xc2\x80",
  "del\x7f",
  "q\\#123x",
  "q\\#12",
  "q\\#123",
  "\\#\\#1234",
  "\xf0\x9f\x98\x80",
  "sur\xed\xa0\x80",
  "ov\xc0\xaf",
  "big\xf4\x90\x80\x80",
  "five\xf8\x88\x80\x80\x80",
  "six\xfc\x84\x80\x80\x80\x80",
  "over3\xe0\x80\x80",
  "over4\xf0\x80\x80\x80",
  "over5\xf8\x80\x80\x80\x80",
  "fe\xfe\x80\x80",
  "over6\xfc\x80\x80\x80\x80\x80",
  "cut\xe2\x82",
  "bidi\xe2\x80\xae",
  "ends\xf0\x9f\x98",
];

/** Bytes that spell valid, broken and overlong sequences more often than chance would. */
const nameByte = fc.oneof(
  fc.integer({ min: 1, max: 255 }),
  fc.constantFrom(0x80, 0xbf, 0xc2, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xf8, 0xfc, 0x5c, 0x23, 0x31),
);
const oddName = fc
  .array(nameByte, { minLength: 1, maxLength: 12 })
  .map((bytes) => String.fromCharCode(...bytes).replaceAll("/", "_"))
  .filter((name) => name !== "." && name !== "..");

describe("escapeLine()", () => {
  it("writes names as rsync writes them, in every locale, with and without -8", { skip }, () => {
    const seed = 20260102;
    const runs = process.env.MANIFOLD_LONG ? 3000 : 400;
    const names = [...new Set([...odd, ...fc.sample(oddName, { seed, numRuns: runs })])];
    using folder = temporaryFolder();
    for (const name of names) writeFileSync(Buffer.from(`${folder.path}/${name}`, "latin1"), "");
    for (const [locale, options] of [
      ["C.UTF-8", []],
      ["C.UTF-8", ["-8"]],
      ["C", []],
      ["C", ["-8"]],
    ] as const) {
      const argv = [...options, "-n", "-r", "--out-format=%o %n", ".", "./nowhere/"];
      // rsync lets a carriage return pass at the very start of a line; we do not, so names stand later.
      const told = runRsync(argv, { cwd: folder.path, locale }).stdout;
      const mode = escapeModeOf(locale, options.length > 0, "manifold-rsync");
      const ours = names.map((name) => escapeLine(`send ${name}`, mode));
      const rsyncs = told.split("\n").filter((line) => line !== "" && !line.endsWith("./"));
      assert.deepEqual(ours.sort(), rsyncs.sort(), `seed ${seed}, ${locale} ${options.join()}`);
    }
  });

  it("leaves in manifold's own mode nothing that drives a terminal or reorders text", () => {
    const forbidden = /(?!\t)\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|\ufffd/u;
    fc.assert(
      fc.property(oddName, (name) => {
        const shown = Buffer.from(escapeLine(name, "terminal"), "latin1").toString("utf8");
        assert.doesNotMatch(shown, forbidden);
      }),
      { numRuns: 2000 },
    );
    assert.equal(
      escapeLine("a\xc2\x9bb\xe2\x80\xaec", "terminal"),
      "a\\#302\\#233b\\#342\\#200\\#256c",
    );
    assert.equal(escapeLine("\xc3\xa9\xf0\x9f\x98\x80", "terminal"), "\xc3\xa9\xf0\x9f\x98\x80");
  });

  it("gives different names different texts", () => {
    const modes: EscapeMode[] = ["utf8", "ascii", "bytes", "log", "terminal"];
    fc.assert(
      fc.property(oddName, oddName, fc.constantFrom(...modes), (a, b, mode) => {
        if (a !== b) assert.notEqual(escapeLine(a, mode), escapeLine(b, mode));
      }),
    );
  });
});

describe("escapeModeOf()", () => {
  it("follows the locale's charset, and -8 over it", () => {
    assert.equal(escapeModeOf("en_US.UTF-8", false, "manifold-rsync"), "utf8");
    assert.equal(escapeModeOf("C.utf8", false, "manifold"), "terminal");
    assert.equal(escapeModeOf("", false, "manifold"), "ascii");
    assert.equal(escapeModeOf("de_DE.ISO-8859-1", false, "manifold"), "bytes");
    assert.equal(escapeModeOf("de_DE@euro", false, "manifold-rsync"), "bytes");
    assert.equal(escapeModeOf("POSIX", true, "manifold"), "bytes");
  });
});
