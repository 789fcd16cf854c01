// Places on another machine, beside rsync: wildcards, ~, lists, several of one host, what a shell there
// is to take apart. Behind the remote shell is this machine, in a home directory of its own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sampled, type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold-rsync");
const hasRsync = spawnSync("rsync", ["--version"]).status === 0;
const skip = hasRsync ? false : "no rsync to compare with";

interface Outcome {
  readonly exit: number | null;
  readonly names: readonly string[];
}

/** A home directory with files, and the shell that leads there. */
function scene(folder: TemporaryFolder): void {
  const shell = `#!/bin/sh
while :; do case "$1" in -l) shift 2;; -*) shift;; *) shift; break;; esac; done
cd "$HOME"; eval "$*"\n`;
  writeFileSync(folder.at("shell"), shell);
  chmodSync(folder.at("shell"), 0o755);
  mkdirSync(folder.at("home/sub"), { recursive: true });
  mkdirSync(folder.at("home/suburb/sub"), { recursive: true });
  const names = ["a1", "a2", ".a3", "b*", "b1", "c[x]", "cx", "d e", "q?", "~t", "-dash", "\\y"];
  for (const name of [...names, "sub/x1", "sub/x2", "suburb/sub/x1"]) {
    writeFileSync(folder.at(`home/${name}`), name);
  }
  writeFileSync(folder.at("home/list"), "a1\nsub\n");
  writeFileSync(folder.at("home/list0"), "a1\0d e\0");
}

function environment(folder: TemporaryFolder): Record<string, string> {
  return { HOME: folder.at("home"), RSYNC_RSH: folder.at("shell"), LC_ALL: "C.UTF-8" };
}

/** Pulls into an empty folder. */
function pull(folder: TemporaryFolder, by: "rsync" | "ours", argv: readonly string[]): Outcome {
  rmSync(folder.at("out"), { recursive: true, force: true });
  mkdirSync(folder.at("out"));
  const exit = run(folder, by, [...argv, "out/"]);
  return {
    exit,
    names: readdirSync(folder.at("out"), { recursive: true, encoding: "utf8" }).sort(),
  };
}

function run(
  folder: TemporaryFolder,
  by: "rsync" | "ours",
  argv: readonly string[],
): number | null {
  const env = environment(folder);
  if (by === "rsync") {
    return spawnSync("rsync", argv, { cwd: folder.path, env: { ...process.env, ...env } }).status;
  }
  return runOurs("manifold-rsync", [`--rsync-path=${program}`, ...argv], { cwd: folder.path, env })
    .exit;
}

const matching = ["h:a*", ":.a*", ":b\\*", ":q\\?", ":c[x]", ":d e", ":\\y", ":-dash"];
const partly = ["h:z*", ":{a1,a2}", ":d\\ e", ":~nosuchuser/a1", ":$HOME/a1", ":~", ":b1", ":~/a1"];
const pulls: readonly (readonly string[])[] = [
  matching,
  ["-s", ...matching],
  partly,
  ["-s", ...partly],
  ["h:b*", ":s*/", ":s*/sub"],
  ["h:*/x*"],
  ["h:~/a*"],
  ["-R", "h:s*/x*", "h:~/./suburb/s*/x*"],
  ["-R", "h:~/a1"],
  ["--old-args", "h:a1 a2", ":$HOME/sub/"],
  ["--files-from=:list", "h:"],
  ["--files-from=h:list", "user@h:"],
  ["--files-from=u@h:list", "u@h:"],
  ["--files-from=h:-", "h:"],
  ["-0", "--files-from=:list0", "h:~/"],
];

describe("a place on another machine", () => {
  it("is what rsync takes it for, as a source", { skip }, () => {
    using folder = temporaryFolder();
    scene(folder);
    for (const argv of sampled(pulls, 3)) {
      const words = ["-r", ...argv];
      assert.deepEqual(pull(folder, "ours", words), pull(folder, "rsync", words), argv.join(" "));
    }
  });

  it("is what rsync takes it for, as a destination", { skip }, () => {
    for (const argv of sampled([
      ["h:suburb*"],
      ["h:"],
      ["h:~/-new"],
      ["h:new dir/"],
      ["--old-args", "h:$HOME/new"],
      ["h:new*"],
      ["--files-from=:list", "h:new"],
    ])) {
      const [theirs, mine] = (["rsync", "ours"] as const).map((by) => {
        using folder = temporaryFolder();
        scene(folder);
        mkdirSync(folder.at("src/sub"), { recursive: true });
        writeFileSync(folder.at("src/a1"), "a1");
        const exit = run(folder, by, ["-r", ...argv.slice(0, -1), "src/", ...argv.slice(-1)]);
        const home = readdirSync(folder.at("home"), { recursive: true, encoding: "utf8" });
        return { exit, names: home.sort() };
      });
      assert.deepEqual(mine, theirs, argv.join(" "));
    }
  });

  it("that stands for several destinations is refused, not guessed", () => {
    using folder = temporaryFolder();
    scene(folder);
    const argv = [`--rsync-path=${program}`, "home/a1", "h:su*"];
    const { exit, stderr } = runOurs("manifold-rsync", argv, {
      cwd: folder.path,
      env: environment(folder),
    });
    assert.equal(exit, 1);
    assert.match(stderr, /su\* matches 2 names/);
    assert.deepEqual(readdirSync(folder.at("home/suburb")), ["sub"]);
  });
});
