// The order of manifold-rsync's lines: rsync's generator tells at once what it leaves alone and
// deletes, its sender tells later what is transferred.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { ComparedPrograms } from "./compared-programs.ts";
import { haveOracle } from "./output/rsync-oracle.ts";

const skip = !haveOracle() && "rsync 3.5 is not installed";

const build = `
  for d in a a/x b b/y c; do
    mkdir -p src/$d
    for f in 1 2 3; do echo $d$f > src/$d/$f; done
  done
  cp -a src dst
  for d in a a/x b b/y c; do echo more >> src/$d/2; touch dst/$d/surplus; done
  mkdir src/b/new; echo new > src/b/new/file; chmod 600 src/c/1
  find src dst -exec touch -d 2020-01-01 {} +`;

describe("lines come in rsync's order", { skip }, () => {
  for (const options of [
    "-rlptvv",
    "-rlptvv --delete",
    "-rlpti --delete",
    "-rlpti --delete-before",
    "-rlptv --delete-after",
    "-rlptv --delete-delay",
  ]) {
    it(options, () => {
      using folder = temporaryFolder();
      execFileSync("sh", ["-ec", `mkdir trees; cd trees; ${build}`], { cwd: folder.path });
      const compared = new ComparedPrograms(folder.path);
      const { rsync, ours } = compared.run([...options.split(" "), "src/", "dst/"]);
      const linesOf = (text: string) => text.split("\n").filter((line) => !/^total: /.test(line));
      assert.deepEqual(linesOf(ours.stdout), linesOf(rsync.stdout));
    });
  }
});
