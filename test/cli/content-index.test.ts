// --content-index between two processes: large files that lanes write as they come, what the summary and --stats say of it, and
// that a line that holds nothing up does without.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  noise,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { type Ended, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

function run(folder: TemporaryFolder, way: "pull" | "push", argv: readonly string[]): Ended {
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o755 });
  const [from, to] = [`${folder.at("src")}/`, `${folder.at("dst")}/`];
  const places = way === "pull" ? [`h:${from}`, to] : [from, `h:${to}`];
  const far = ["-e", shell, `--remote-path=${program}`, "--no-compress", "--delete"];
  return runOurs("manifold", ["sync", ...far, ...argv, ...places], { cwd: folder.path });
}

/** A target with two files, and a source that has both, and something new, as one of 9 MB. */
function scene(folder: TemporaryFolder): number {
  const [a, b, fresh] = [noise(1, 5_000_000), noise(2, 3_000_000), noise(3, 1_000_000)];
  for (const side of ["src", "dst"]) mkdirSync(folder.at(side));
  writeFileSync(folder.at("dst/a"), a);
  writeFileSync(folder.at("dst/b"), b);
  writeFileSync(folder.at("src/all"), Buffer.concat([b, fresh, a]));
  return fresh.length;
}

describe("a large file of parts of others", () => {
  for (const way of sampled(["push", "pull"] as const)) {
    it(`sends what is new, and the summary tells what was expected and found (${way})`, () => {
      using folder = temporaryFolder();
      const fresh = scene(folder);
      const ended = run(folder, way, ["--content-index", "--stats", "--json=events"]);
      assert.equal(ended.exit, 0, ended.stderr);
      assertSameTree(folder.at("src"), folder.at("dst"));
      const last = readFileSync(folder.at("events"), "latin1").trim().split("\n").at(-1) ?? "";
      const { bytes, contentIndex } = JSON.parse(last) as {
        bytes: Record<string, number>;
        contentIndex: Record<string, unknown>;
      };
      const { literal = 0, sent = 0, received = 0 } = bytes;
      assert.ok(literal < fresh + 20_000, `${literal}`);
      const { lists, lineRate: _, ...others } = contentIndex;
      const found = 9_000_000 - literal;
      assert.deepEqual(others, { used: true, wanted: 9_000_000, through: 8_000_000, found });
      assert.ok(Number(lists) > 60_000 && Number(lists) < 110_000, `${lists}`);
      assert.ok(sent + received < literal + Number(lists) + 10_000, `${sent} + ${received}`);
      assert.match(ended.stdout, /^Content index: 9,000,000 bytes wanted, .* bytes of lists$/m);
    });
  }

  it("comes whole where nobody asks for it and the line holds nothing up, as -v tells", () => {
    using folder = temporaryFolder();
    scene(folder);
    const { exit, stdout } = run(folder, "pull", ["-v", "--stats"]);
    assert.equal(exit, 0);
    assert.match(stdout, /^content index: not used for 9000000 wanted bytes/m);
    assert.match(stdout, /^Content index: .*: not used$/m);
    assert.match(stdout, /^Literal data: 9,000,000 bytes$/m);
  });
});
