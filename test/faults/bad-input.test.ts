// Bad input on the real system, through the launcher: each gives a message that names the path, the
// rest of the run goes on, and the exit code is the right one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type Ended, isRoot, runOurs } from "../cli/run-ours.ts";
import {
  assertSameTree,
  file,
  symlink,
  type TemporaryFolder,
  type TreeLiteral,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";

/** Makes a folder that holds this, owned by nobody where we are root. */
function sceneOf(literal: TreeLiteral): TemporaryFolder {
  const folder = temporaryFolder();
  writeTree(folder.path, treeOf(literal, { mode: 0o755 }));
  if (isRoot) execFileSync("chown", ["-R", "65534:65534", folder.path]);
  return folder;
}

/** Runs manifold as nobody. */
function sync(folder: TemporaryFolder, ...argv: string[]): Ended {
  return runOurs("manifold", ["sync", ...argv], { cwd: folder.path, asNobody: true });
}

function assertTold(ran: Ended, exit: number, ...sentences: RegExp[]): void {
  assert.equal(ran.exit, exit, ran.stderr);
  for (const sentence of sentences) assert.match(ran.stderr, sentence);
  assert.doesNotMatch(ran.stderr, /this is a bug|\n {4}at /);
}

describe("what cannot be read", () => {
  it("is named, the rest is copied, nothing is deleted: exit 23", () => {
    using folder = sceneOf({
      "src/": { "closed/": { in: "1" }, secret: file("2", { mode: 0 }), "open/": { x: "3" } },
      "dst/": { old: "4" },
    });
    chmodSync(folder.at("src/closed"), 0);
    const ran = sync(folder, "--delete", "src/", "dst/");
    assertTold(ran, 23, /cannot read "src\/secret": Permission denied/, /"src\/closed": Perm/);
    assert.equal(readFileSync(folder.at("dst/open/x"), "latin1"), "3");
    assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["closed", "old", "open"]);
    chmodSync(folder.at("src/closed"), 0o755);
  });

  it("does not stop a comparison of contents either", () => {
    using folder = sceneOf({
      "src/": { a: file("1", { mode: 0, mtime: 5 }), b: file("2", { mtime: 5 }) },
      "dst/": { a: file("3", { mtime: 5 }), b: file("4", { mtime: 5 }) },
    });
    const ran = sync(folder, "-c", "src/", "dst/");
    assertTold(ran, 23, /cannot read "src\/a": Permission denied/);
    assert.equal(readFileSync(folder.at("dst/b"), "latin1"), "2");
  });
});

describe("sources that are not what was meant", () => {
  it("a missing one is named, the others are copied: exit 23", () => {
    using folder = sceneOf({ "src/": { x: "1" } });
    const ran = sync(folder, "missing", "src/", "dst/");
    assertTold(ran, 23, /cannot find "missing": No such file/);
    assert.equal(readFileSync(folder.at("dst/x"), "latin1"), "1");
  });

  it("a missing one alone makes nothing", () => {
    using folder = sceneOf({});
    assertTold(sync(folder, "missing/", "dst/"), 23, /"missing\/": No such file/);
    assert.equal(existsSync(folder.at("dst")), false);
  });

  it("links that lead to themselves or upwards end after so many steps that the kernel takes", () => {
    using folder = sceneOf({
      "src/": { self: symlink("self"), "d/": { up: symlink(".."), x: "1" } },
    });
    const ran = sync(folder, "-L", "src/", "dst/");
    assertTold(ran, 23, /cannot examine "src\/self": Too many levels of symbolic links/);
    assert.equal(readFileSync(folder.at("dst/d/up/d/x"), "latin1"), "1");
  });

  it("the same tree given twice is copied once", () => {
    using folder = sceneOf({ "src/": { x: "1", "d/": { y: "2" } } });
    const ran = sync(folder, "-i", "src/", "src/", "dst/");
    assertTold(ran, 0);
    assert.deepEqual(ran.lines.filter((line) => line.startsWith(">f")).length, 2);
    assertSameTree(folder.at("src"), folder.at("dst"));
  });

  it("a tree copied onto itself stays as it is, whatever is asked", () => {
    using folder = sceneOf({ "src/": { x: "1", "d/": { y: "2" } } });
    for (const options of [[], ["--delete"], ["-I"], ["-c", "--delete"], ["--inplace", "-IS"]]) {
      assertTold(sync(folder, ...options, "src/", "src/"), 0);
      assert.equal(readFileSync(folder.at("src/d/y"), "latin1"), "2");
      assert.deepEqual(readdirSync(folder.at("src")).sort(), ["d", "x"]);
    }
  });
});

describe("names and depths beyond the limits", () => {
  it("a backup whose suffix makes the name too long costs this update only", () => {
    const long = "l".repeat(252);
    using folder = sceneOf({
      "src/": { [long]: "new", other: "new" },
      "dst/": { [long]: file("older", { mtime: 5 }), other: file("older", { mtime: 5 }) },
    });
    const ran = sync(folder, "-b", "--suffix=.orig", "src/", "dst/");
    assertTold(ran, 23, /cannot keep a backup of "dst\/l+": File name too long/);
    assert.equal(readFileSync(folder.at(`dst/${long}`), "latin1"), "older");
    assert.equal(readFileSync(folder.at("dst/other"), "latin1"), "new");
  });
});

describe("a target that refuses", () => {
  it("a directory that cannot be written: its entries are named, the rest is done", () => {
    using folder = sceneOf({
      "src/": { "ro/": { x: "1" }, "rw/": { y: "2" } },
      "dst/": { "ro/": { old: "3" } },
    });
    if (isRoot) execFileSync("chown", ["root:root", folder.at("dst/ro")]);
    else chmodSync(folder.at("dst/ro"), 0o555);
    const ran = sync(folder, "--delete", "src/", "dst/");
    assertTold(ran, 23, /cannot rename to "dst\/ro\/x": Permission denied/);
    assertTold(ran, 23, /cannot delete "dst\/ro\/old": Permission denied/);
    assert.equal(readFileSync(folder.at("dst/rw/y"), "latin1"), "2");
    assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["ro", "rw"]);
  });

  it("a file where a directory should be, and the reverse", () => {
    using folder = sceneOf({
      "src/": { "d/": { x: "1" }, f: "2" },
      "dst/": { d: "3", "f/": { full: "4" } },
    });
    const ran = sync(folder, "src/", "dst/");
    assertTold(
      ran,
      23,
      /cannot replace "dst\/f" by a new regular file: it is a directory that holds something, which takes --force/,
    );
    assert.equal(readFileSync(folder.at("dst/d/x"), "latin1"), "1");
    assert.equal(readFileSync(folder.at("dst/f/full"), "latin1"), "4");
    assertTold(sync(folder, "--force", "src/", "dst/"), 0);
    assertSameTree(folder.at("src"), folder.at("dst"));
  });

  it("a file as the target of a directory", () => {
    using folder = sceneOf({ "src/": { x: "1" }, dst: "2" });
    assertTold(sync(folder, "src/", "dst"), 3, /the target "dst" is not a directory/);
    assert.equal(readFileSync(folder.at("dst"), "latin1"), "2");
  });

  it("no place for the staging directory: what had to go there is named, with the way out", () => {
    using folder = sceneOf({ "src/": { x: "1" }, "dst/": {} });
    if (isRoot) execFileSync("chown", ["root:root", folder.at("dst")]);
    else chmodSync(folder.at("dst"), 0o555);
    const ran = sync(folder, "-O", "src/", "dst/");
    const says = /cannot stage "dst\/x": Permission denied.*"dst\/\.manifold"; --temp-dir=DIR/;
    assertTold(ran, 23, says);
    if (!isRoot) chmodSync(folder.at("dst"), 0o755);
  });

  it("a temporary directory that is missing: exit 1, before anything is done", () => {
    using folder = sceneOf({ "src/": { x: "1" }, "dst/": {} });
    const ran = sync(folder, "--temp-dir=nowhere", "src/", "dst/");
    assertTold(ran, 1, /cannot use the --temp-dir "nowhere": No such file/);
  });

  const noMounts = isRoot ? false : "only root can mount and set flags";
  it("files that are immutable stay, with their names told", { skip: noMounts }, (test) => {
    using folder = temporaryFolder();
    const literal = { "src/": { "d/": { x: "new" }, f: "new", g: "new" } };
    writeTree(folder.path, treeOf({ ...literal, "dst/": { "d/": { x: "older" }, f: "older" } }));
    const flags = ["dst/f", "dst/d"];
    try {
      execFileSync("chattr", ["+i", ...flags], { cwd: folder.path, stdio: "pipe" });
    } catch {
      test.skip("this file system has no immutable files");
      return;
    }
    try {
      const ran = runOurs("manifold", ["sync", "-I", "src/", "dst/"], { cwd: folder.path });
      assertTold(ran, 23, /"dst\/f": Operation not permitted/, /"dst\/d\/x": Operation not perm/);
      assert.equal(readFileSync(folder.at("dst/g"), "latin1"), "new");
      assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "older");
      assert.equal(existsSync(folder.at("dst/.manifold")), false);
    } finally {
      execFileSync("chattr", ["-i", ...flags], { cwd: folder.path });
    }
  });

  it("a read-only mount below the target: its entries are named, the rest is done", {
    skip: noMounts,
  }, () => {
    using folder = temporaryFolder();
    const literal = { "src/": { "m/": { x: "new" }, f: "new" } };
    writeTree(folder.path, treeOf({ ...literal, "dst/": { "m/": { old: "1" } } }));
    execFileSync("mount", ["-t", "tmpfs", "none", folder.at("dst/m")]);
    try {
      execFileSync("mount", ["-o", "remount,ro", folder.at("dst/m")]);
      const ran = runOurs("manifold", ["sync", "src/", "dst/"], { cwd: folder.path });
      assertTold(ran, 23, /dst\/m\/x": Read-only file system/);
      assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "new");
      assert.equal(existsSync(folder.at("dst/.manifold")), false);
    } finally {
      execFileSync("umount", [folder.at("dst/m")]);
    }
  });

  it("a read-only target: everything that had to change is named", { skip: noMounts }, () => {
    using folder = temporaryFolder();
    writeTree(folder.path, treeOf({ "src/": { x: "new" }, "real/": { y: "1" }, "dst/": {} }));
    execFileSync("mount", ["--bind", folder.at("real"), folder.at("dst")]);
    try {
      execFileSync("mount", ["-o", "remount,ro,bind", folder.at("dst")]);
      const ran = runOurs("manifold", ["sync", "--delete", "src/", "dst/"], { cwd: folder.path });
      assertTold(ran, 23, /cannot stage "dst\/x": Read-only file/, /cannot delete "dst\/y": Read-/);
      assert.deepEqual(readdirSync(folder.at("real")), ["y"]);
    } finally {
      execFileSync("umount", [folder.at("dst")]);
    }
  });
});

describe("a limit of open files", () => {
  it("is worked within, or told", () => {
    using folder = sceneOf({});
    mkdirSync(folder.at("src"));
    const make =
      "for d in 1 2 3 4 5; do mkdir -p src/$d/x; for i in $(seq 40); do echo $i > src/$d/x/$i; done; done";
    execFileSync("sh", ["-c", make], { cwd: folder.path });
    const manifold = new URL("../../manifold", import.meta.url).pathname;
    const run = (limit: number): Ended => {
      execFileSync("rm", ["-rf", folder.at("dst")]);
      const command = `ulimit -n ${limit}; exec ${manifold} sync --delete src/ dst/ 2>&1`;
      try {
        const stdout = execFileSync("sh", ["-c", command], {
          cwd: folder.path,
          encoding: "latin1",
        });
        return { exit: 0, stdout, stderr: stdout, lines: [] };
      } catch (error) {
        const { status, stdout } = error as { status: number; stdout: string };
        return { exit: status, stdout, stderr: stdout, lines: [] };
      }
    };
    for (const limit of [64, 40, 30]) {
      assertTold(run(limit), 0);
      assertSameTree(folder.at("src"), folder.at("dst"));
    }
    // Node itself needs about this many to start.
    const tight = run(25);
    if (tight.exit !== 0) assertTold(tight, tight.exit ?? 1, /Too many open files|EMFILE/);
    if (existsSync(folder.at("dst"))) assert.equal(lstatSync(folder.at("dst")).isDirectory(), true);
  });
});
