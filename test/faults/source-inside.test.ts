// Source and target that overlap: manifold never deletes what it reads from, whatever the options,
// and never copies a target into itself. manifold-rsync does what rsync does.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { type Ended, isRoot, runOurs } from "../cli/run-ours.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  type TreeLiteral,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";

function sceneOf(literal: TreeLiteral): TemporaryFolder {
  const folder = temporaryFolder();
  writeTree(folder.path, treeOf(literal));
  return folder;
}

function sync(folder: TemporaryFolder, ...argv: string[]): Ended {
  return runOurs("manifold", ["sync", "-v", ...argv], { cwd: folder.path });
}

const inside = {
  "dst/": { "s/": { f: "1", "sub/": { g: "2" } }, "old/": { h: "3" }, loose: "4" },
};

describe("a source inside the target", () => {
  for (const option of ["--delete", "--delete-before", "--delete-during", "--delete-after"]) {
    it(`stays, and the rest is deleted: ${option}`, () => {
      using folder = sceneOf(inside);
      const source = readTree(folder.at("dst/s"));
      for (const round of [1, 2]) {
        const ran = sync(folder, option, "dst/s/", "dst/");
        assert.equal(ran.exit, 0, ran.stderr);
        if (round === 1)
          assert.ok(ran.lines.includes("not deleting s: the source is read from it"));
        assertSameTree(source, folder.at("dst/s"));
        assertSameTree(source, readTree(folder.at("dst"), ["s"]));
      }
    });
  }

  it("is told of by a dry run in the same way", () => {
    using folder = sceneOf(inside);
    const { lines } = sync(folder, "-n", "--delete", "dst/s/", "dst/");
    assert.ok(lines.includes("not deleting s: the source is read from it"));
    assert.ok(lines.includes("deleting old/h"));
    assert.ok(!lines.some((line) => line.startsWith("deleting s")));
  });

  it("stays also where an argument names an entry of it", () => {
    using folder = sceneOf({ "dst/": { "x/": { "y/": { "x/": { f: "1" } }, "z/": { g: "2" } } } });
    const ran = sync(folder, "--delete", "dst/x/y/x", "dst/");
    assert.equal(ran.exit, 0, ran.stderr);
    assert.ok(existsSync(folder.at("dst/x/y/x/f")) && existsSync(folder.at("dst/x/f")));
    assert.ok(!existsSync(folder.at("dst/x/z")));
  });

  it("stays when an entry of it has its own name, and its directories when files have theirs", () => {
    for (const literal of [
      { "s/": { s: "1", t: "2" } },
      { "s/": { "s/": { x: "1" }, "x/": { t: "2" } } },
    ]) {
      using folder = sceneOf({ "dst/": literal });
      const ran = sync(folder, "--delete", "dst/s/", "dst/");
      assert.equal(ran.exit, 23, ran.stderr);
      assert.match(ran.stderr, /cannot replace "dst\/s(\/x)?" by a new regular file$/m);
      assert.match(ran.stdout, /: the source is read from it/);
      writeTree(folder.at("dst"), treeOf({ "wanted/": (literal as TreeLiteral)["s/"] ?? "" }));
      assertSameTree(folder.at("dst/wanted"), folder.at("dst/s"), { ignore: ["mtimeNs"] });
    }
  });

  it("stays when it is reached by a symbolic link, or by a bind mount", (test) => {
    using folder = sceneOf(inside);
    const source = readTree(folder.at("dst/s"));
    symlinkSync("dst/s", folder.at("link"));
    assert.equal(sync(folder, "--delete", "link/", "dst/").exit, 0);
    assertSameTree(source, folder.at("dst/s"));
    if (!isRoot) {
      test.diagnostic("no bind mount was tried: that needs root");
      return;
    }
    mkdirSync(folder.at("bound"));
    execFileSync("mount", ["--bind", folder.at("dst"), folder.at("bound")]);
    try {
      assert.equal(sync(folder, "--delete", "bound/s/", "dst/").exit, 0);
      assertSameTree(source, folder.at("dst/s"));
    } finally {
      execFileSync("umount", [folder.at("bound")]);
    }
  });

  it("goes with manifold-rsync, as with rsync", () => {
    using folder = sceneOf(inside);
    const argv = ["-a", "--delete-after", "dst/s/", "dst/"];
    assert.equal(runOurs("manifold-rsync", argv, { cwd: folder.path }).exit, 0);
    assert.ok(!existsSync(folder.at("dst/s")) && existsSync(folder.at("dst/sub/g")));
  });
});

describe("a target inside the source", () => {
  it("is not copied into itself, and loses nothing but what is surplus", () => {
    using folder = sceneOf({ "src/": { f: "1", "dst/": { old: "2" } } });
    for (const round of [1, 2]) {
      const ran = sync(folder, "--delete", "src/", "src/dst/");
      assert.equal(ran.exit, 0, `${round}: ${ran.stderr}`);
      assert.ok(ran.lines.includes("skipping directory dst, which is the target itself"));
      assert.deepEqual([...readTree(folder.at("src")).entries.keys()].sort(), [
        "",
        "dst",
        "dst/f",
        "f",
      ]);
    }
  });
});
