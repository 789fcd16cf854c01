// Renames on a mounted file system to which names that differ in case are the same (NTFS by lowntfs-3g): what moved is
// found, also where it only got other letters, and nothing is lost.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { Side } from "./rename-scenes.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const path = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Runs a program of the system's administrator; returns why it failed. */
function failureOf(program: string, ...argv: string[]): string | undefined {
  const env = { ...process.env, PATH: path };
  const { status, stderr, error } = spawnSync(program, argv, { env, encoding: "utf8" });
  return status === 0 ? undefined : `${program}: ${error?.message ?? stderr.trim()}`;
}

/** Mounts an image at dst; returns why that cannot be. */
function mountAt(folder: TemporaryFolder): string | undefined {
  if (!isRoot) return "mounting takes root";
  writeFileSync(folder.at("image"), "");
  truncateSync(folder.at("image"), 16 * 1024 * 1024);
  mkdirSync(folder.at("dst"));
  return (
    failureOf("mkntfs", "-q", "-F", folder.at("image")) ??
    failureOf("lowntfs-3g", "-o", "ignore_case", folder.at("image"), folder.at("dst"))
  );
}

test("names in other letters, a swap and a move where letters do not count", (t) => {
  using folder = temporaryFolder();
  const missing = mountAt(folder);
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  try {
    mkdirSync(folder.at("src"));
    const side = new Side(folder.at("src"));
    const names = ["d/File", "d/A", "d/B", "Dir/one", "Dir/two", "e/Moves"];
    for (const [i, name] of names.entries()) side.file(name, 20_000 + i, i + 1);
    cpSync(folder.at("src"), folder.at("dst"), { recursive: true, preserveTimestamps: true });
    renameSync(side.at("d/File"), side.at("d/fILE"));
    side.move("d/A", "spare");
    side.move("d/B", "d/a");
    side.move("spare", "d/b");
    side.move("Dir", "dIR");
    side.move("e/Moves", "dIR/MOVES");
    cpSync(folder.at("src"), folder.at("lower"), { recursive: true });
    for (const [from, to] of [
      ["d/fILE", "d/file"],
      ["dIR/MOVES", "dIR/moves"],
      ["dIR", "dir"],
    ] as const) {
      renameSync(folder.at(`lower/${from}`), folder.at(`lower/${to}`));
    }
    const argv = ["sync", "--delete", "--json", "--no-owner", "--no-group", "--no-perms"];
    const ran = runOurs("manifold", [...argv, "src/", "dst/"], { cwd: folder.path });
    assert.equal(ran.exit, 0, ran.stderr + ran.stdout);
    const { entries, bytes } = JSON.parse(ran.lines.at(-1) ?? "");
    assert.deepEqual([entries.moved + entries.copied, bytes.literal], [3, 0], ran.stdout);
    // It lists names in small letters, and its files have whatever mode it was mounted with.
    const contents = (at: string): [string, string][] =>
      ["d/file", "d/a", "d/b", "dir/one", "dir/two", "dir/moves"].map((name) => [
        name,
        readFileSync(folder.at(`${at}/${name}`), "latin1"),
      ]);
    assert.deepEqual(contents("dst"), contents("lower"));
    assert.ok(!readdirSync(folder.at("dst")).includes(".manifold"), "nothing is left behind");
    const again = runOurs("manifold", [...argv, "-i", "src/", "dst/"], { cwd: folder.path });
    const second = JSON.parse(again.lines.at(-1) ?? "").entries;
    assert.deepEqual([second.created, second.deleted, second.moved], [0, 0, 0], again.stdout);
  } finally {
    assert.equal(failureOf("umount", folder.at("dst")), undefined);
  }
});
