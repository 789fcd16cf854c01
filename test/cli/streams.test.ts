// Pins --streams: several connections of one run leave the tree that one leaves, and the run ends with the
// first. What becomes of another that breaks off is in lost-stream.test.ts.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { makeChangedTrees } from "./changed-trees.ts";
import { program } from "./far-socket.ts";
import { runOurs } from "./run-ours.ts";
import { ServeScene } from "./serve-scene.ts";
import { runStreams, type Way } from "./stream-lines.ts";

const ways: readonly Way[] = ["pull", "push"];
const mebi = 1024 * 1024;

const trees = {
  seed: 7,
  directories: 16,
  files: 30,
  bytes: 32_768,
  largeMebi: 9,
  everyBytes: mebi / 2,
};

for (const way of sampled(ways)) {
  describe(`a run with several connections (${way})`, () => {
    it("leaves the tree that one leaves", async () => {
      using folder = temporaryFolder();
      makeChangedTrees(folder, trees);
      const { end, lines } = await runStreams(folder, { way, streams: 2 });
      assert.deepEqual([end.exit, end.stderr], [0, ""]);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
      assert.equal(existsSync(folder.at("target/.manifold")), false, "debris");
      assert.equal(lines.length, 2);
      assert.deepEqual(
        lines.map(({ status }) => status),
        [0, 0],
      );
    });

    it("ends with the first, with rsync's status for that, and the next run completes", async () => {
      using folder = temporaryFolder();
      makeChangedTrees(folder, trees);
      const { end } = await runStreams(folder, {
        way,
        streams: 2,
        loss: { line: 0, after: mebi, kind: "cut" },
      });
      assert.equal(end.exit, 12, end.stderr);
      const again = await runStreams(folder, { way, streams: 2 });
      assert.equal(again.end.exit, 0, again.end.stderr);
      assertSameTree(readTree(folder.at("source")), folder.at("target"));
    });
  });
}

it("a connection that cannot be had is told, and the run goes on with the others", () => {
  using folder = temporaryFolder();
  mkdirSync(folder.at("source"));
  writeFileSync(folder.at("source/file"), "content");
  // The shell lets one in, and finds no manifold for the others.
  const script = '#!/bin/sh\nshift\nmkdir "$PWD/taken" 2>/dev/null || exit 127\neval "exec $*"\n';
  writeFileSync(folder.at("shell"), script);
  chmodSync(folder.at("shell"), 0o755);
  // The target's end waits until the others have come to nothing: a run may be over before that.
  mkdirSync(folder.at("slow"));
  for (let n = 0; n < 40; n++) writeFileSync(folder.at(`slow/${n}`), Buffer.alloc(100_000, n));
  const places = [`host:${folder.at("slow")}/`, `${folder.at("target")}/`];
  const words = [
    "--streams=3",
    "--bwlimit=2m",
    "-e",
    folder.at("shell"),
    `--remote-path=${program}`,
  ];
  const { exit, stderr } = runOurs("manifold", [...words, ...places], { cwd: folder.path });
  assert.equal(exit, 0, stderr);
  assert.match(stderr, /one connection less: host: shell could not run manifold there/);
  assert.equal(stderr.match(/one connection less/g)?.length, 1, "told once");
  assertSameTree(readTree(folder.at("slow")), folder.at("target"));
});

describe("manifold serve", () => {
  it("joins connections, and counts each", async () => {
    await using scene = await ServeScene.start(
      "[m]\npath = DIR/source\n[w]\npath = DIR/target\nread only = no\nmax connections = 2\nmunge symlinks = no\n",
    );
    const { folder } = scene;
    makeChangedTrees(folder, trees);
    const pulled = await scene.run(["--streams=3", scene.url("m/"), "here/"]);
    assert.equal(pulled.exit, 0, pulled.stderr);
    // Which key the server has is told once, by the first.
    assert.match(pulled.stderr, /^manifold: \S+ is new; .*\n$/);
    assertSameTree(readTree(folder.at("source")), folder.at("here"));
    const pushed = await scene.run(["--streams=3", "source/", scene.url("w/")]);
    assert.equal(pushed.exit, 0, pushed.stderr);
    assert.match(pushed.stderr, /one connection less: .*too many connections/);
    assertSameTree(readTree(folder.at("source")), folder.at("target"));
  });
});
