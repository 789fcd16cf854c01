// Pins that a run over a line with a round trip of 100 ms that loses each hundredth packet leaves the right tree, over one
// connection, over four and in datagrams, in both directions (test/support/lossy-line.py: two network namespaces, the kernel's own TCP).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import {
  assertSameTree,
  noise,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { program } from "./far-socket.ts";

const line = join(import.meta.dirname, "..", "support", "lossy-line.py");
const shell = `python3 ${line} connect`;
const [megabits, oneWayMs, lossPercent] = ["100", "50", "1"];
/** What the line says when there can be none here. */
const unavailable = 77;
const limitMs = 120_000;
/** A round trip at the least for the greeting and one for the content, and the listing's. */
const leastMs = 200;

function makeTree(folder: TemporaryFolder): void {
  const random = seededRandom(5);
  for (let d = 0; d < 10; d++) {
    mkdirSync(folder.at(`source/${d}`), { recursive: true });
    for (let n = 0; n < 20; n++) writeFileSync(folder.at(`source/${d}/${n}`), noise(random, 2048));
  }
  writeFileSync(folder.at("source/large"), noise(random, 256 * 1024));
}

/** Runs a copy over the line; false = the test was skipped. */
function copyOver(
  context: TestContext,
  folder: TemporaryFolder,
  [from, to]: readonly [string, string],
  lines: string,
): boolean {
  const words = ["-a", lines, "--no-compress", "--timeout=60"];
  const command = [program, ...words, "-e", shell, `--remote-path=${program}`, from, to];
  const began = performance.now();
  const ended = spawnSync("python3", [line, megabits, oneWayMs, lossPercent, program, ...command], {
    encoding: "utf8",
    cwd: folder.path,
    timeout: limitMs,
  });
  if (ended.error !== undefined && "code" in ended.error && ended.error.code === "ENOENT") {
    context.skip("no python3 in PATH");
    return false;
  }
  if (ended.status === unavailable) {
    context.skip(ended.stderr.trim());
    return false;
  }
  assert.equal(ended.status, 0, ended.stderr);
  assert.ok(performance.now() - began > leastMs, "the line takes its time");
  return true;
}

describe("a long line that loses packets", () => {
  const kinds = ["--streams=1", "--streams=4", "--datagrams"] as const;
  for (const lines of sampled(kinds, 3, 2)) {
    for (const way of sampled(["pull", "push"] as const, 2, lines === "--streams=4" ? 1 : 0)) {
      it(`brings the tree (${way}, ${lines})`, (context) => {
        using folder = temporaryFolder();
        makeTree(folder);
        const [source, target] = [`${folder.at("source")}/`, `${folder.at("target")}/`];
        const places =
          way === "pull"
            ? ([`host:${source}`, target] as const)
            : ([source, `host:${target}`] as const);
        if (!copyOver(context, folder, places, lines)) return;
        assertSameTree(readTree(folder.at("source")), folder.at("target"));
      });
    }
  }
});
