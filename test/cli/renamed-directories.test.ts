// A directory most of whose files are found below one other directory is told in one line, by a trial run as by the run,
// and what is not from there in lines of its own.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertSameTree, type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { Side } from "./rename-scenes.ts";
import { runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

/** Makes both sides alike, changes the source, and returns what runs tell. */
function told(
  folder: TemporaryFolder,
  change: (side: Side) => void,
  words: readonly string[],
  isFar = false,
): string[] {
  mkdirSync(folder.at("src"));
  const side = new Side(folder.at("src"));
  for (let i = 0; i < 6; i++) side.file(`old/f${i}`, 1000 + i, i);
  for (let i = 0; i < 4; i++) side.file(`old/sub/g${i}`, 2000 + i, i);
  side.file("stays", 10);
  writeFileSync(folder.at("shell"), '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o755 });
  const far = isFar ? ["-e", folder.at("shell"), `--remote-path=${program}`] : [];
  const places = [isFar ? `h:${folder.at("src")}/` : "src/", "dst/"];
  const run = (...argv: readonly string[]): string[] => {
    const ran = runOurs("manifold", ["sync", ...argv, ...far, ...places], { cwd: folder.path });
    assert.equal(ran.exit, 0, ran.stderr);
    return ran.lines.filter((line) => !/ \.\/$|^sent |^total /.test(line));
  };
  run();
  change(side);
  // Times of directories are not what this is about.
  const argv = [...words, "-O"];
  const dry = words.includes("--json") ? undefined : run("-n", ...argv);
  const lines = run(...argv);
  if (dry !== undefined) assert.deepEqual(dry, lines, "a trial run tells the same");
  return lines;
}

const moves = (side: Side): void => side.move("old", "new");

describe("a directory that was renamed", () => {
  it("is one line, with what it was, and one for each of what goes", () => {
    for (const isFar of [false, true]) {
      using folder = temporaryFolder();
      const lines = told(folder, moves, ["-i", "--delete"], isFar);
      assert.deepEqual(
        lines.filter((line) => !line.startsWith("*deleting")),
        ["md+++++++++ new/ <- old/"],
      );
      assert.equal(lines.length, 1 + 12);
      assertSameTree(folder.at("src"), folder.at("dst"), { ignore: ["mtimeNs"] });
    }
  });

  it("stays, where nothing is deleted", () => {
    using folder = temporaryFolder();
    assert.deepEqual(told(folder, moves, ["-i"]), ["cd+++++++++ new/ <- old/"]);
  });

  it("is told with all that is in it where all is asked for", () => {
    using folder = temporaryFolder();
    const lines = told(folder, moves, ["-ii"]);
    assert.ok(lines.includes("cf+++++++++ new/sub/g1 <- old/sub/g1"), lines.join("\n"));
    assert.ok(lines.includes("cd+++++++++ new/sub/ <- old/sub/"), lines.join("\n"));
  });

  it("is told with what is not from there", () => {
    using folder = temporaryFolder();
    const change = (side: Side): void => {
      moves(side);
      side.append("new/f1", "edited");
      side.move("new/sub/g1", "new/sub/h1");
      side.file("new/more", 77, 2);
      side.move("new/f2", "f2");
    };
    const lines = told(folder, change, ["-i", "--delete"]);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("*deleting")),
      [
        "mf+++++++++ f2 <- old/f2",
        "md+++++++++ new/ <- old/",
        ">f+++++++++ new/f1",
        ">f+++++++++ new/more",
        "mf+++++++++ new/sub/h1 <- old/sub/g1",
      ],
    );
  });

  it("is a new one if most of it is from elsewhere", () => {
    using folder = temporaryFolder();
    const change = (side: Side): void => {
      side.move("old/f1", "new/f1");
      side.file("new/a", 5, 4);
      side.file("new/b", 6, 4);
    };
    const lines = told(folder, change, ["-i", "--delete"]);
    assert.ok(lines.includes("cd+++++++++ new/"), lines.join("\n"));
    assert.ok(lines.includes("mf+++++++++ new/f1 <- old/f1"), lines.join("\n"));
  });

  it("is told of programs file by file", () => {
    using folder = temporaryFolder();
    const items = told(folder, moves, ["--json", "--delete"])
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ type, action }) => type === "item" && action === "moved");
    const pairs = items.map(({ path, from }) => `${path} ${from}`);
    assert.equal(pairs.length, 12);
    assert.ok(pairs.includes("new old") && pairs.includes("new/sub/g3 old/sub/g3"), `${pairs}`);
  });
});
