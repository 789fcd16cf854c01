// Trees for runs between a real rsync and ours: a source, and what targets are at first.

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { varietyTree, writeTree } from "../support/index.ts";
import { setXattr } from "../support/system-calls.ts";

const seed = 12;

/** Makes "src", and "before", which is like it but for some files: what targets are at first. `row`: options of the runs. */
export function makeTrees(at: (name: string) => string, row = ""): void {
  const hasXattrs = /^-\w*X/.test(row);
  mkdirSync(at("src"));
  writeTree(at("src"), varietyTree(seed));
  mkdirSync(at("src/tops/empty"), { recursive: true });
  writeFileSync(at("src/tops/large"), randomish(6_000_000));
  writeFileSync(at("src/tops/middle"), randomish(300_000));
  writeFileSync(at("src/tops/small"), "small\n");
  spawnSync("ln", [at("src/tops/middle"), at("src/tops/other-name")]);
  if (hasXattrs) {
    // Values longer than 32 bytes do not come with the list.
    setXattr(at("src/tops/middle"), "user.short", "short");
    setXattr(at("src/tops/middle"), "user.long", "long".repeat(20));
    setXattr(at("src/tops/small"), "user.long", "long".repeat(20));
    setXattr(at("src/tops"), "user.other", "other".repeat(20));
  }
  mkdirSync(at("src/tops/only/dirs"), { recursive: true });
  writeFileSync(at("src/tops/grown"), randomish(90_000));
  symlinkSync("small", at("src/tops/link"));
  // rsync looks at whole seconds, and no two directories are to have the same by chance.
  spawnSync("find", [at("src"), "-exec", "touch", "-hd", "2001-02-03 04:05:06", "{}", "+"]);
  spawnSync("cp", ["-a", at("src"), at("before")]);
  const large = readFileSync(at("src/tops/large"));
  writeFileSync(
    at("before/tops/large"),
    Buffer.concat([large.subarray(1000, 3_000_000), Buffer.from("new"), large.subarray(3_000_000)]),
  );
  appendFileSync(at("before/tops/middle"), "more");
  truncateSync(at("before/tops/grown"), 50_000);
  rmSync(at("before/tops/link"));
  if (hasXattrs) setXattr(at("before/tops"), "user.other", "mine".repeat(20));
  utimesSync(at("before/tops/small"), 1, 1);
  mkdirSync(at("before/tops/empty/not-there"));
  writeFileSync(at("before/tops/empty/not-there/file"), "");
  writeFileSync(at("before/zz-extra"), "");
  writeFileSync(at("before/tops/empty/missing"), "");
}

/** Bytes that no block of which is like another one. */
function randomish(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/** Returns lines in an order that does not depend on who is faster; names of hard links and deletions have places of their own. */
export function linesOf(stdout: string, row: string): readonly string[] {
  const lines = stdout.split("\n").filter((line) => line !== "");
  if (!row.includes("--stats")) return lines.sort();
  // Where nothing is sent it does not matter how long blocks are.
  const isCopied = row.includes("--copy-dest");
  return lines.filter(
    (line) =>
      /^(Number of|Total (transferred )?file size)/.test(line) ||
      (isCopied && line.startsWith("Literal data")),
  );
}
