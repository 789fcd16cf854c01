// A receive of a rotation that is killed at each of its renames and links: no old content is lost before its successor
// stands, and the next receive makes the target what it should be, with nothing left behind.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stage } from "../cli/stages.ts";
import { assertSameTree, readTree, temporaryFolder } from "../support/index.ts";
import { noStrace } from "./traced-run.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const manifold = join(import.meta.dirname, "..", "..", "manifold");
const logs = isLong ? 10 : 4;
const calls = "rename,renameat,renameat2,link,linkat,unlink,unlinkat";

/** The log that is written to has no number. */
const nameOf = (n: number): string => (n === 0 ? "log" : `log.${n}`);

function write(path: string, text: string, mtime: number): void {
  writeFileSync(path, text);
  utimesSync(path, mtime, mtime);
}

/** Everything that is in a tree, wherever it is. */
function contentsOf(path: string): Set<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) found.add(readFileSync(join(entry.parentPath, entry.name), "latin1"));
  }
  return found;
}

test("a rotation may be killed anywhere", { skip: noStrace, timeout: 600_000 }, () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "was"));
  const old = Array.from({ length: logs }, (_, n) => `content of ${n} `.repeat(100 + n));
  for (const [n, text] of old.entries()) write(join(cwd, "was", nameOf(n)), text, 1000 + n);
  cpSync(join(cwd, "was"), join(cwd, "a"), { recursive: true, preserveTimestamps: true });
  for (let n = logs - 1; n >= 0; n--) {
    renameSync(join(cwd, "a", nameOf(n)), join(cwd, "a", nameOf(n + 1)));
  }
  write(join(cwd, "a", "log"), "new", 5000);
  const changeset = stage(cwd, ["diff", "--delete", "a", "was"]);
  writeFileSync(join(cwd, "data"), stage(cwd, ["send", "a"], changeset));
  let killed = 0;
  for (let when = 1; ; when += isLong ? 1 : 3) {
    rmSync(join(cwd, "b"), { recursive: true, force: true });
    cpSync(join(cwd, "was"), join(cwd, "b"), { recursive: true, preserveTimestamps: true });
    const traced = `strace -f -qq -o /dev/null -e trace=${calls} -e inject=${calls}:signal=SIGKILL:when=${when}`;
    const { status, signal } = spawnSync(
      "sh",
      ["-c", `${traced} "$0" receive b < data`, manifold],
      {
        cwd,
        encoding: "utf8",
      },
    );
    if (status === 0) break;
    assert.ok(signal === "SIGKILL" || status === 137, `${status} ${signal}`);
    killed++;
    const found = contentsOf(join(cwd, "b"));
    for (const [n, text] of old.entries()) {
      assert.ok(found.has(text), `call ${when}: content ${n} is lost`);
    }
    stage(cwd, ["receive", "b"], readFileSync(join(cwd, "data")));
    assertSameTree(readTree(join(cwd, "b")), readTree(join(cwd, "a")));
    assert.equal(existsSync(join(cwd, "b", ".manifold")), false);
  }
  assert.ok(killed > 2, `${killed} kills`);
});
