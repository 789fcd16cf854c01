// Item lines, heads, closings and logs against the real rsync, on seeded trees.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { mutateTree, temporaryFolder, varietyTree, writeTree } from "../../support/index.ts";
import { ComparedRun } from "./compared-run.ts";
import { haveOracle } from "./rsync-oracle.ts";

const skip = haveOracle() ? false : "needs rsync 3.5";
const seeds = process.env.MANIFOLD_LONG ? [...Array(20).keys()] : [1];
const log = ["--log-file=log"];

/** Options that tell. In a sorted one rsync's processes race for the order of lines. */
const tellings: readonly (readonly [readonly string[], "ordered" | "sorted"])[] = [
  [[], "ordered"],
  [["-v"], "ordered"],
  [["-i"], "ordered"],
  [["-iv"], "ordered"],
  [["-ii"], "ordered"],
  [["-vv", ...log], "sorted"],
  [["-ivv", ...log], "sorted"],
  [["-q", "-v", ...log], "ordered"],
  [["--no-h", "-v", "--stats"], "ordered"],
  [["--info=stats2"], "ordered"],
  [["--info=name", ...log], "ordered"],
  [["--info=name2"], "sorted"],
  [["--info=del"], "ordered"],
  [log, "ordered"],
  [["-v", "--log-file-format=%o %n", ...log], "ordered"],
  [["-i", "--log-file-format=%n%L", ...log], "ordered"],
  [["-v", "--log-file-format=", ...log], "ordered"],
  [["--out-format=%n%L"], "ordered"],
  [["--out-format=%o %10l %n", ...log], "ordered"],
  [["--out-format=%i|%-12n|%5L|%U|%G|%B|%M|%'l|%''l|%'''l|%%|%b|%c|%C|%h|%m|%"], "ordered"],
  [["--out-format=", "-v"], "ordered"],
  [["-8", "-v"], "ordered"],
];

const firstCopies = [["-aH"], ["-rlt"], ["-aHn"], ["-aHc", "--no-i-r"], ["-rlD"]];
const updates = [
  ["-aH", "--force"],
  // Without -H: in a dry run rsync -vv calls the first of a group up to date after transferring it.
  ["-an", "--force"],
  ["-aH", "--delete-before"],
];

describe("item lines", { skip }, () => {
  for (const seed of seeds) {
    for (const [turn, doing] of firstCopies.entries()) {
      it(`a first copy is told as rsync tells it (seed ${seed}, ${doing.join(" ")})`, () => {
        compare({ seed, doing, turn, target: "new" });
      });
    }
    for (const [turn, doing] of updates.entries()) {
      it(`an update is told as rsync tells it (seed ${seed}, ${doing.join(" ")})`, () => {
        compare({ seed, doing, turn, target: "old" });
      });
    }
    it(`an entry that is as in --link-dest is told as rsync tells it (seed ${seed})`, () => {
      const doing = ["-a", "--link-dest=../basis"];
      compare({ seed, doing, turn: seed, target: "basis" });
    });
  }
});

/** A short run tells each case in every third way only, the next case in the next third. */
function waysToTell(turn: number): typeof tellings {
  return process.env.MANIFOLD_LONG ? tellings : tellings.filter((_, i) => i % 3 === turn % 3);
}

interface Case {
  readonly seed: number;
  readonly doing: readonly string[];
  readonly turn: number;
  readonly target: "new" | "old" | "basis";
}

function compare({ seed, doing, turn, target }: Case): void {
  using folder = temporaryFolder();
  // rsync's format does not tell the two kinds of devices apart.
  const specials = /[aD]/.test(doing[0] ?? "");
  const size = { entries: 25, depth: 3, bytesMax: 3000 };
  const tree = varietyTree(seed, { ...size, privileged: false, specials });
  const write = (name: string): void => {
    mkdirSync(folder.at(name));
    writeTree(folder.at(name), tree);
  };
  write("src");
  writeFileSync(folder.at("src/plain"), "plain\n");
  if (target === "old") {
    write("dst");
    mutateTree(seed + 1, folder.at("dst"));
  }
  if (target === "basis") write("basis");
  // Whether the tops differ must not depend on when this runs.
  utimesSync(folder.at("src"), 1e9, 1e9);
  if (existsSync(folder.at("dst"))) utimesSync(folder.at("dst"), 1.1e9, 1.1e9);
  const run = new ComparedRun(folder.path, doing);
  for (const [telling, order] of waysToTell(turn)) {
    const { ours, rsync } = run.tell(telling);
    const arrange = (text: string): string => {
      const lines = text.split("\n");
      return order === "ordered" ? deletionsLast(lines).join("\n") : lines.sort().join("\n");
    };
    const what = `seed ${seed}: ${[...doing, ...telling].join(" ")}`;
    assert.equal(arrange(ours.stdout), arrange(rsync.stdout), what);
    assert.equal(arrange(ours.log), arrange(rsync.log), `log of ${what}`);
  }
}

/** What makes way for something else is told by rsync's generator, which runs ahead of those who tell the rest. */
function deletionsLast(lines: readonly string[]): string[] {
  const isDeletion = (line: string): boolean => /\bdel(eting\b|\.)/.test(line);
  return [...lines.filter((line) => !isDeletion(line)), ...lines.filter(isDeletion)];
}
