// Pins --datagrams between two ends on this machine: what comes is the same tree, over UDP in both directions and to both kinds of
// other ends, and where no datagrams pass the run goes on without them and says so. Lines that lose are in test/datagram/peer.test.ts.

import assert from "node:assert/strict";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { makeChangedTrees } from "./changed-trees.ts";
import { program } from "./far-socket.ts";
import { type Ended, runOurs } from "./run-ours.ts";
import { ServeScene } from "./serve-scene.ts";

const ways = ["pull", "push"] as const;
const mebi = 1024 * 1024;

const trees = { seed: 3, directories: 4, files: 20, bytes: 16_384, largeMebi: 5, everyBytes: mebi };

/** A remote shell that stays here, and notes what the agent says on its standard output: all that does not go as datagrams. */
function makeShell(folder: TemporaryFolder): void {
  writeFileSync(
    folder.at("shell"),
    `#!/bin/sh\nshift\nexec tee ${folder.at("in")} | sh -c "$*" | tee ${folder.at("out")}\n`,
  );
  chmodSync(folder.at("shell"), 0o755);
}

function run(folder: TemporaryFolder, places: readonly string[]): Ended {
  const words = [
    "--datagrams",
    "--rate-max=40M",
    "--share=0.9",
    "--stats",
    "--no-compress",
    "-e",
    folder.at("shell"),
  ];
  return runOurs("manifold", [...words, `--remote-path=${program}`, ...places], {
    cwd: folder.path,
  });
}

function streamBytes(folder: TemporaryFolder): number {
  return statSync(folder.at("in")).size + statSync(folder.at("out")).size;
}

describe("content as datagrams", () => {
  for (const way of sampled(ways)) {
    it(`makes the same tree (${way}), and the connection carries next to nothing of it`, () => {
      using folder = temporaryFolder();
      makeChangedTrees(folder, trees);
      makeShell(folder);
      const far = (path: string): string => `localhost:${folder.at(path)}/`;
      const places = way === "push" ? ["source/", far("target")] : [far("source"), "target/"];
      const { exit, stderr } = run(folder, places);
      assert.deepEqual([exit, stderr], [0, ""]);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
      assert.ok(streamBytes(folder) < 100_000, `${streamBytes(folder)} bytes`);
    });
  }

  it("goes over the connection where no datagrams pass, which is said once", () => {
    using folder = temporaryFolder();
    makeChangedTrees(folder, trees);
    makeShell(folder);
    // A name that leads nowhere, but the shell does not mind.
    const { exit, stderr } = run(folder, [`nowhere.invalid:${folder.at("source")}/`, "target/"]);
    assert.equal(exit, 0, stderr);
    assert.match(stderr, /^manifold: datagrams do not pass: content goes over the connection\n/);
    assert.equal(stderr.match(/datagrams/g)?.length, 1);
    assertSameTree(readTree(folder.at("source")), folder.at("target"));
    assert.ok(streamBytes(folder) > mebi);
  });

  it("goes to a daemon", async () => {
    await using scene = await ServeScene.start(
      "[w]\npath = DIR/target\nread only = no\nmunge symlinks = no\n",
    );
    const { folder } = scene;
    makeChangedTrees(folder, trees);
    const pushed = await scene.run(["--datagrams", "source/", scene.url("w/")]);
    assert.equal(pushed.exit, 0, pushed.stderr);
    assert.match(pushed.stderr, /^manifold: \S+ is new; .*\n$/);
    assertSameTree(readTree(folder.at("source")), folder.at("target"));
  });
});
