// Runs between two other machines: what a run between two folders leaves and tells, with this process in the
// middle; each end's failure, and a stop, reach the other.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type Ended, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

/** Words of the connection: a remote shell that stays here, and starts nothing on the host "broken". */
function connection(folder: TemporaryFolder): string[] {
  const script = '#!/bin/sh\n[ "$1" = broken ] && exit 255\nshift\neval "exec $*"\n';
  writeFileSync(folder.at("shell"), script);
  chmodSync(folder.at("shell"), 0o755);
  return ["-e", folder.at("shell"), `--remote-path=${program}`];
}

function relay(folder: TemporaryFolder, argv: readonly string[], hosts = ["one", "two"]): Ended {
  const places = [`${hosts[0]}:${folder.at("src")}/`, `${hosts[1]}:${folder.at("there")}/`];
  const words = [...argv, ...connection(folder), ...places];
  return runOurs("manifold", words, { cwd: folder.path });
}

describe("a run between two other machines", () => {
  it("leaves the tree and the lines of one between two folders", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    writeTree(folder.at("src"), varietyTree(3));
    // More than a window of content, and than the channels hold.
    for (let i = 0; i < 6; i++)
      writeFileSync(folder.at(`src/${i}.big`), Buffer.alloc(12_000_000, `${i}`));
    for (const argv of [["-iHAX"], ["-iHAX", "--delete"], ["-in", "--checksum"]]) {
      for (const target of ["here", "there"]) {
        mkdirSync(folder.at(target), { recursive: true });
        writeFileSync(folder.at(`${target}/surplus`), "surplus");
      }
      const far = relay(folder, argv);
      const near = runOurs("manifold", [...argv, "src/", "here/"], { cwd: folder.path });
      assert.equal(far.stderr, near.stderr);
      assert.equal(far.stdout.replaceAll(/^</gm, ">"), near.stdout);
      assert.equal(far.exit, near.exit);
      const ignore = argv.includes("--delete") ? [] : (["mtimeNs"] as const);
      assertSameTree(readTree(folder.at("here")), folder.at("there"), { ignore });
    }
  });

  it("moves files, reads lists here and there, and lets rules through", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    for (const name of ["a", "b", "c.o"]) writeFileSync(folder.at(`src/${name}`), name);
    writeFileSync(folder.at("list"), "b\nc.o\n");
    const moved = relay(folder, ["--files-from=list", "--exclude=*.o", "--remove-source-files"]);
    assert.deepEqual([moved.exit, moved.stderr], [0, ""]);
    assert.deepEqual(readdirSync(folder.at("there")), ["b"]);
    assert.deepEqual(readdirSync(folder.at("src")), ["a", "c.o"]);
    const listed = relay(folder, [`--files-from=:${folder.at("list")}`]);
    assert.equal(listed.exit, 23, "b is gone");
    assert.deepEqual(readdirSync(folder.at("there")), ["b", "c.o"]);
  });

  it("ends when an end cannot be reached, or has nothing to give", () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    writeFileSync(folder.at("src/file"), "content");
    for (const hosts of [
      ["broken", "two"],
      ["one", "broken"],
    ]) {
      const { exit, stderr } = relay(folder, [], hosts);
      assert.equal(exit, 255);
      assert.match(stderr, /broken: shell ended with exit status 255/);
      assert.ok(!existsSync(folder.at("there")));
    }
    const none = relay(folder, ["--files-from=/no/list"]);
    assert.notEqual(none.exit, 0);
    assert.match(none.stderr, /no\/list/);
  });

  it("stops at both ends when it is told to", async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("src"));
    mkdirSync(folder.at("there"));
    for (let i = 0; i < 200; i++)
      writeFileSync(folder.at(`src/${i}`), Buffer.alloc(50_000, `${i}`));
    const places = [`one:${folder.at("src")}/`, `two:${folder.at("there")}/`];
    const child = spawn(program, ["--bwlimit=2m", ...connection(folder), ...places], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await state(folder.at("there"), true);
    child.kill("SIGTERM");
    assert.equal(await ended, 20);
    await state(folder.at("there"), false);
    assert.ok(readdirSync(folder.at("there")).length < 200);
  });

  it("is nothing for manifold-rsync", () => {
    using folder = temporaryFolder();
    const { exit, stderr } = runOurs("manifold-rsync", ["one:a", "two:b"], { cwd: folder.path });
    assert.equal(exit, 1);
    assert.match(stderr, /The source and destination cannot both be remote/);
  });
});

/** Waits until manifold's own directory stands in the target, or does not any more. */
function state(target: string, wanted: boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(target, () => look());
    const look = (): void => {
      if (existsSync(`${target}/.manifold`) !== wanted) return;
      watcher.close();
      resolve();
    };
    look();
  });
}
