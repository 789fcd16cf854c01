// Updates from another machine of files whose time, size or content differs, and of new ones, all in one directory: what is
// the same keeps its blocks and gets its time, and everything is told once, in order.

import assert from "node:assert/strict";
import { cpSync, linkSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
} from "../../support/index.ts";
import { runFar } from "./far-rig.ts";

let umask = 0;
before(() => (umask = process.umask(0)));
after(() => process.umask(umask));

const count = 12;
const nameOf = (n: number): string => `d/${String(n).padStart(2, "0")}`;

/** A source, and a target in which files have other times, some of them other content of the same size, and some are not there. */
function makeTrees(folder: TemporaryFolder, changed: readonly number[]): void {
  mkdirSync(folder.at("source/d"), { recursive: true });
  for (let n = 0; n < count; n++) {
    writeFileSync(folder.at(`source/${nameOf(n)}`), `content of ${n}`.repeat(n));
  }
  cpSync(folder.at("source"), folder.at("target"), { recursive: true });
  for (const n of changed) {
    writeFileSync(folder.at(`target/${nameOf(n)}`), `CONTENT of ${n}`.repeat(n));
  }
  for (let n = 0; n < count; n++) utimesSync(folder.at(`target/${nameOf(n)}`), 1000, 1000 + n);
  writeFileSync(folder.at("source/d/05-new"), "new");
  linkSync(folder.at(`target/${nameOf(7)}`), folder.at("elsewhere"));
}

describe("an update", () => {
  for (const [what, changed] of [
    ["of files that are the same but for their times", []],
    ["some of which have changed", [3, 4, 11]],
  ] as const) {
    for (const options of [[], ["--whole-file"]]) {
      it(`${[what, ...options].join(" ")} ends with the source's tree`, async () => {
        using folder = temporaryFolder();
        makeTrees(folder, changed);
        const inode = statSync(folder.at(`target/${nameOf(5)}`)).ino;
        const argv = ["-ai", ...options, `host:${folder.at("source")}/`, `${folder.at("target")}/`];
        const { client, agent, events } = await runFar(argv);
        assert.deepEqual([client.exit, agent.exit], [0, 0]);
        assertSameTree(readTree(folder.at("source")), folder.at("target"));
        assert.equal(
          statSync(folder.at("elsewhere")).mtimeMs,
          1_007_000,
          "another name stays as it is",
        );
        const isKept = !options.includes("--whole-file");
        assert.equal(statSync(folder.at(`target/${nameOf(5)}`)).ino === inode, isKept);
        const paths = events.flatMap((event) => (event.type === "item" ? [event.path] : []));
        const files = Array.from({ length: count }, (_, n) => nameOf(n));
        files.splice(6, 0, "d/05-new");
        assert.deepEqual(
          paths.filter((path) => path.startsWith("d/0") || path.startsWith("d/1")),
          files,
        );
      });
    }
  }
});
