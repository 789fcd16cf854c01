// Command lines made at random: rsync accepts and refuses the same ones, with the same message.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { type Flag, flags, parse } from "../../src/options/index.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { askRsync, noRsync } from "./oracle.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);

/** Flags whose effects reach outside of the folder, or that end in ways that differ by design. */
const left = new Set(
  `daemon no-detach config dparam server sender write-batch only-write-batch read-batch copy-as
   confine-root iconv no-iconv help version rsh crtimes stop-at stop-after early-input
   remote-option log-file log-file-format out-format`.split(/\s+/),
);

/** Values that are interesting for a flag; others get "1". */
const samples: Record<string, readonly string[]> = {
  "files-from": ["list", "-", "h:list"],
  "exclude-from": ["rules"],
  "include-from": ["rules"],
  filter: ["- x", "+ y"],
  "temp-dir": ["."],
  "backup-dir": ["x", ".", "./", "", "./y/"],
  suffix: ["~", "", "a/b"],
  "partial-dir": ["p", ".", "", "/abs", "a/../b"],
  chmod: ["u+w", "D755", "x", "u=g,F644"],
  usermap: ["0:1", "x", "1-2:3", "1-:3"],
  groupmap: ["0:1", "a:", "*:0"],
  chown: ["0:0", "0", ":0", ""],
  "max-size": ["1", "1k", "1.5MB", "x", "-1", "5+1", "1KiB-1", "9999P"],
  "min-size": ["0", "1b", "2kb"],
  "block-size": ["0", "700", "129k", "1m"],
  bwlimit: ["0", "1", "0.1", "1m", "512b", "511b"],
  "max-alloc": ["1m", "1k", "2G"],
  info: ["name2", "foo", "none", "all", "help", "stats5", "7"],
  debug: ["all0", "bar", "nstr"],
  stderr: ["e", "all", "z", ""],
  outbuf: ["l", "n", "x", ""],
  "checksum-choice": ["md5", "foo", "auto", "md5,sha1", "xxhash"],
  "compress-choice": ["zlib", "none", "foo", "auto"],
  protocol: ["30", "31", "32"],
  "modify-window": ["-1", "x", "0x2"],
  "max-delete": ["-1", "5"],
  timeout: ["5", "x", ""],
  contimeout: ["0", "1"],
};

const places = [
  ["s/", "d/"],
  ["s/", "d/"],
  ["s/", "d/"],
  ["s/"],
  ["s/", "s/f", "d/"],
  ["s/", ""],
  ["", "d/"],
  ["s/", "d/", "--"],
];

const usable = flags.filter(({ name, origin }) => origin === "rsync" && !left.has(name ?? ""));

function argvOf(seed: number): string[] {
  const random = seededRandom(seed);
  const below = (limit: number) => random.uint32() % limit;
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const spell = (flag: Flag): string[] => {
    const longs = [flag.name, ...(flag.aliases ?? [])].filter((name) => name !== undefined);
    if (flag.negations !== undefined && below(3) === 0) return [`--${one(flag.negations)}`];
    if (flag.takes === "nothing") {
      const word =
        longs.length === 0 || (flag.short && below(2)) ? `-${flag.short}` : `--${one(longs)}`;
      return [below(25) === 0 ? `${word}=1` : word];
    }
    const value = one(samples[flag.name ?? ""] ?? ["1"]);
    const forms = [[`--${one(longs)}=${value}`], [`--${one(longs)}`, value]];
    if (flag.short !== undefined) {
      forms.push(
        [`-${flag.short}`, value],
        [`-${flag.short}${value}`],
        [`-v${flag.short}=${value}`],
      );
    }
    return one(forms);
  };
  const words = Array.from({ length: 1 + below(4) }, () => spell(one(usable))).flat();
  return ["-n", ...(below(2) ? ["-a"] : []), ...words, ...one(places)];
}

/** What rsync makes of it: its message, "help", or "accepted". */
function theirs(argv: readonly string[], folder: TemporaryFolder): string {
  const { exit, message } = askRsync(argv, folder.path);
  if (![1, 2, 4].includes(exit)) return "accepted";
  return message.startsWith("rsync  version") ? "help" : message;
}

function ours(argv: readonly string[]): string {
  try {
    const parsed = parse(argv, "manifold-rsync", {});
    return parsed.kind === "help" && parsed.exit === 1 ? "help" : "accepted";
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return error.message.split("\n")[0] ?? "";
  }
}

describe("against rsync", { skip: noRsync }, () => {
  it("random command lines are accepted or refused alike", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("s"));
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("s/f"), "x");
    writeFileSync(folder.at("list"), "f\n");
    writeFileSync(folder.at("rules"), "*.o\n");
    for (let seed = firstSeed; seed < firstSeed + (isLong ? 5000 : 100); seed++) {
      const argv = argvOf(seed);
      assert.equal(
        ours(argv),
        theirs(argv, folder),
        `MANIFOLD_SEED=${seed}: ${JSON.stringify(argv)}`,
      );
    }
  });

  it("random values are accepted or refused alike", () => {
    const pieces: Record<string, readonly string[]> = {
      chmod: [..."ugoaDF+-=rwxXst07,"],
      "stop-at": ["1", "2", "30", "99", "2099", "-", "/", "T", ":"],
      "max-size": ["1", "2.", ".5", "k", "KB", "ib", "M", "+1", "-1", "b", "x"],
      info: ["name", "stats", "ALL", "none", "1", "9", ",", "x"],
    };
    for (let seed = firstSeed; seed < firstSeed + (isLong ? 4000 : 120); seed++) {
      const random = seededRandom(seed);
      const option = Object.keys(pieces)[seed % 4] ?? "";
      const list = pieces[option] ?? [];
      const length = 1 + (random.uint32() % 6);
      const value = Array.from({ length }, () => list[random.uint32() % list.length]).join("");
      // Longer numbers overflow in C.
      if (/\d{9}/.test(value)) continue;
      const argv = [`--${option}=${value}`, "--version"];
      const { exit, message } = askRsync(argv, "/");
      assert.equal(ours(argv), exit === 0 ? "accepted" : message, `MANIFOLD_SEED=${seed}`);
    }
  });
});
