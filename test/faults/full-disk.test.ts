// Full disks for real: small file systems in memory (bytes or inodes run out) and on a loop-mounted
// image. The run ends with 11 and says what helps, nothing that was there is lost, and with room the
// next run completes. Root only: it takes mounts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isRoot, runOurs } from "../cli/run-ours.ts";
import {
  assertSameTree,
  Choice,
  file,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { assertOldOrNew } from "./old-or-new.ts";

const skip = isRoot ? false : "only root can mount file systems";
const advice = /no space left on the target; .* --delete-before makes room first/;

/** A folder whose dst is a file system of its own. */
interface SmallDisk extends Disposable {
  readonly folder: TemporaryFolder;
  /** Gives it room. */
  grow(): void;
}

function inMemory(options: string): SmallDisk {
  const folder = temporaryFolder();
  const dst = folder.at("dst");
  mkdirSync(dst);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", dst]);
  return {
    folder,
    grow: () => execFileSync("mount", ["-o", "remount,size=200m,nr_inodes=1000", dst]),
    [Symbol.dispose]: () => {
      execFileSync("umount", [dst]);
      folder.remove();
    },
  };
}

/** Writes a source of about `bytes` bytes and a target with two of its files in older versions. */
function fill(folder: TemporaryFolder, bytes: number, files: number): void {
  const choice = new Choice(bytes + files);
  const each = Math.floor(bytes / files);
  const entries = Array.from({ length: files }, (_, index) => [
    `f${index}`,
    file(choice.bytes(each), { mtime: 1_600_000_000 + index }),
  ]);
  writeTree(folder.path, treeOf({ "src/": { "d/": Object.fromEntries(entries), small: "new" } }));
  const old = { f0: file("old", { mtime: 5 }), f7: file("old", { mtime: 5 }) };
  writeTree(folder.at("dst"), treeOf({ "d/": old, surplus: file(choice.bytes(20_000)) }));
}

it("ends a run from several sources, wherever its inodes run out", { skip }, () => {
  let isDone = false;
  for (let inodes = 4; !isDone; inodes++) {
    using disk = inMemory(`size=80m,nr_inodes=${inodes}`);
    const { folder } = disk;
    const content = new Choice(1).bytes(20_000_000);
    for (const name of ["one/", "two/"]) {
      writeTree(
        folder.path,
        treeOf({ [name]: { large: file(content, { mtime: 5 }), small: "s" } }),
      );
    }
    const { exit, stderr } = runOurs("manifold", ["sync", "--mirror=two/", "one/", "dst/"], {
      cwd: folder.path,
    });
    isDone = exit === 0;
    if (isDone) assertSameTree(readTree(folder.at("one")), folder.at("dst"));
    else {
      assert.equal(exit, 11, stderr);
      assert.match(stderr, /^manifold: cannot .*: no space left on/im);
      assert.doesNotMatch(stderr, /^ +at /m);
    }
    assert.ok(inodes < 20, "it never ends well");
  }
});

describe("a target that fills up", { skip }, () => {
  const cases = [
    ["bytes", "size=256k", 600_000, 40],
    ["bytes, with a file that several lanes copy", "size=20m", 71_000_000, 1],
    ["inodes", "size=20m,nr_inodes=24", 40_000, 60],
    ["inodes, none left for the staging directory", "size=20m,nr_inodes=6", 4000, 20],
  ] as const;
  for (const [what, options, bytes, files] of cases) {
    it(`ends the run with 11, and the next one with room completes it: ${what}`, () => {
      using disk = inMemory(options);
      const { folder } = disk;
      fill(folder, bytes, files);
      const [old, wanted] = [readTree(folder.at("dst")), readTree(folder.at("src"))];
      const ran = runOurs("manifold", ["sync", "--delete", "src/", "dst/"], { cwd: folder.path });
      assert.equal(ran.exit, 11, ran.stderr);
      assert.match(ran.stderr, advice);
      const found = readTree(folder.at("dst"));
      assertOldOrNew(old, wanted, found, { about: what });
      assert.ok(existsSync(folder.at("dst/surplus")), "deletions are for runs that came so far");
      disk.grow();
      const next = runOurs("manifold", ["sync", "--delete", "src/", "dst/"], { cwd: folder.path });
      assert.equal(next.exit, 0, next.stderr);
      assertSameTree(wanted, folder.at("dst"));
    });
  }

  it("has room when what is surplus goes first, as the message says", () => {
    using disk = inMemory("size=300k");
    const { folder } = disk;
    writeTree(folder.path, treeOf({ "src/": { big: file(new Choice(1).bytes(200_000)) } }));
    writeTree(folder.at("dst"), treeOf({ surplus: file(new Choice(2).bytes(200_000)) }));
    const run = (option: string) =>
      runOurs("manifold", ["sync", option, "src/", "dst/"], { cwd: folder.path });
    const first = run("--delete");
    assert.equal(first.exit, 11);
    assert.match(first.stderr, advice);
    const second = run("--delete-before");
    assert.equal(second.exit, 0, second.stderr);
    assertSameTree(folder.at("src"), folder.at("dst"));
  });

  it("ends manifold-rsync with 11, too, and leaves none of its temporary files", () => {
    using disk = inMemory("size=256k");
    const { folder } = disk;
    fill(folder, 600_000, 40);
    const [old, wanted] = [readTree(folder.at("dst")), readTree(folder.at("src"))];
    const ran = runOurs("manifold-rsync", ["-a", "src/", "dst/"], { cwd: folder.path });
    assert.equal(ran.exit, 11, ran.stderr);
    assert.match(ran.stderr, /No space left on device \(28\)/);
    assertOldOrNew(old, wanted, readTree(folder.at("dst")), { about: "manifold-rsync" });
  });

  it("on a disk with a journal: the same, with one that is full to the last block", (test) => {
    using folder = temporaryFolder();
    mkdirSync(folder.at("dst"));
    try {
      execFileSync("truncate", ["-s", "16M", folder.at("image")]);
      execFileSync("mkfs.ext4", ["-q", "-m", "0", folder.at("image")], { stdio: "pipe" });
      execFileSync("mount", ["-o", "loop", folder.at("image"), folder.at("dst")], {
        stdio: "pipe",
      });
    } catch (error) {
      test.skip(`no image can be mounted here: ${String(error).split("\n")[0]}`);
      return;
    }
    try {
      fill(folder, 24_000_000, 60);
      const [old, wanted] = [readTree(folder.at("dst")), readTree(folder.at("src"))];
      const run = (argv: readonly string[]) =>
        runOurs("manifold", ["sync", "--exclude=lost+found", ...argv, "src/", "dst/"], {
          cwd: folder.path,
        });
      for (const options of [["--delete"], ["--delete", "--durable=file"], ["--delete", "-n"]]) {
        const ran = run(options);
        assert.equal(ran.exit, options.includes("-n") ? 0 : 11, ran.stderr);
        const found = readTree(folder.at("dst"), ["lost+found"]);
        assertOldOrNew(old, wanted, found, { about: options.join(" ") });
        assert.equal(existsSync(folder.at("dst/.manifold")), false);
      }
      execFileSync("sh", ["-c", "rm src/d/f[1-6]?"], { cwd: folder.path });
      const next = run(["--delete-before"]);
      assert.equal(next.exit, 0, next.stderr);
      assertSameTree(folder.at("src"), readTree(folder.at("dst"), ["lost+found"]));
      assert.equal(readFileSync(folder.at("dst/small"), "latin1"), "new");
    } finally {
      execFileSync("umount", [folder.at("dst")]);
    }
  });
});
