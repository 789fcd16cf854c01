// Pins that what README.md shows can be typed: its demonstration runs as it is written.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";

const top = dirname(dirname(import.meta.dirname));

test("the twenty seconds of the README", () => {
  using folder = temporaryFolder();
  const readme = readFileSync(join(top, "README.md"), "utf8");
  const demonstration = /\nTwenty seconds:\n\n```sh\n([^`]*)```/.exec(readme)?.[1] ?? "";
  const { status, stdout, stderr } = spawnSync("sh", ["-e", "-c", demonstration], {
    cwd: top,
    env: { ...process.env, TMPDIR: folder.path, LC_ALL: "C.UTF-8" },
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.split("\n");
  const itemized = lines.filter((line) => /^(\.d|cd|>f|hf|\*deleting)/.test(line));
  assert.deepEqual(itemized, [
    "cd+++++++++ ./",
    "cd+++++++++ docs/",
    ">f+++++++++ docs/y",
    "hf+++++++++ docs/x => docs/y",
    ".d..t...... docs/",
    ">f.st...... docs/x",
    "*deleting   docs/y",
  ]);
  assert.match(stdout, /^\{"type":"summary",.*"deleted":1,/m);
  assert.match(stdout, /^Deleting\n {6}--delete /m);
});
