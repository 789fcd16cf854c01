// Wrong command lines side by side with rsync: every line on standard error and the exit status.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runOurs } from "./run-ours.ts";

const version = spawnSync("rsync", ["--version"], { encoding: "utf8" }).stdout ?? "";
const skip = version.includes("version 3.5.") ? undefined : "needs rsync 3.5 as the oracle";

const commandLines: readonly (readonly string[])[] = [
  ["--foo"],
  ["-avQ"],
  ["--perms=1"],
  ["--timeout"],
  ["--timeout=08"],
  ["-N", "a", "b"],
  ["--info=foo"],
  ["--max-size=1.5x"],
  ["--copy-dest=a", "--link-dest=b"],
  ["--usermap=foo", "src/", "dst"],
  ["--groupmap=1-:3", "src/", "dst"],
  ["-r", "--del", "--delete-after", "src/", "dst"],
  ["--password-file=x", "src/", "dst"],
  ["--contimeout=3", "src/", "dst"],
  ["--files-from=h:x", "src/", "dst"],
  ["", "dst"],
  ["src", "h:x", "dst"],
  ["h:a", "h:b"],
  ["--config=x"],
  ["--cc=foo", "src/", "dst"],
  ["--zc=foo", "src/", "dst"],
  ["--max-alloc=0", "src/a", "dst"],
  ["-a", "--temp-dir=none", "src/", "dst/"],
  ["-a", "--temp-dir=file", "src/", "dst/"],
  ["-a", "--log-file=no/where", "src/", "dst/"],
  ["src/a", "src/b", "file"],
  ["-r", "src/", "file"],
  ["-r", "src/", "no/where/at/all"],
  ["-r", "nothing", "nobody", "dst"],
];

test("wrong command lines end as rsync's", { skip }, () => {
  using folder = temporaryFolder();
  mkdirSync(folder.at("src"));
  mkdirSync(folder.at("dst"));
  for (const name of ["src/a", "src/b", "file", "dst/file"]) writeFileSync(folder.at(name), "");
  const cwd = folder.path;
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  for (const argv of commandLines) {
    const theirs = spawnSync("rsync", argv, { cwd, env, encoding: "latin1" });
    const ours = runOurs("manifold-rsync", argv, { cwd });
    assert.deepEqual(
      { exit: ours.exit, stderr: maskPlace(ours.stderr) },
      { exit: theirs.status, stderr: maskPlace(theirs.stderr) },
      argv.join(" "),
    );
  }
});

/** Which line of rsync's source speaks is its own business. */
function maskPlace(text: string): string {
  return text.replace(/ at [a-z0-9]+\.c\(\d+\) \[/g, " at FILE [");
}
