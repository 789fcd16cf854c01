// Promise P5: what changed on the target after it was scanned is not overwritten unnoticed. The
// program is stopped while it reads the source, somebody changes the target, the program goes on.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { runOurs } from "../cli/run-ours.ts";
import {
  file,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { noStrace, runTraced, type Traced } from "./traced-run.ts";

const sourceTime = 1_600_000_000;

function sceneOf(name = "f", old: string | undefined = "old"): TemporaryFolder {
  const folder = temporaryFolder();
  const source = { [name]: file("from the source", { mtime: sourceTime }), other: "2" };
  const target = old === undefined ? {} : { [name]: file(old, { mtime: 5 }) };
  writeTree(folder.path, treeOf({ "src/": source, "dst/": target }));
  return folder;
}

/** Stops the run when it reads the content of src/`name`. */
function runWhile(
  folder: TemporaryFolder,
  change: () => void,
  options: readonly string[] = [],
  name = "f",
): Promise<Traced> {
  return runTraced("manifold", ["sync", ...options, "src/", "dst/"], {
    trace: "pread64",
    inject: ["pread64:signal=STOP:when=1"],
    path: `src/${name}`,
    cwd: folder.path,
    whileStopped: change,
  });
}

const contentOf = (folder: TemporaryFolder, path: string): string =>
  readFileSync(folder.at(path), "latin1");

/** What somebody may do to dst/f meanwhile, and how to see that it is still there. */
const changes: Readonly<Record<string, (path: string) => void>> = {
  "written over": (path) => writeFileSync(path, "theirs"),
  "replaced by another file": (path) => {
    writeFileSync(`${path}.new`, "theirs");
    utimesSync(`${path}.new`, 5, 5);
    renameSync(`${path}.new`, path);
  },
  "replaced by a symlink": (path) => {
    rmSync(path, { force: true });
    symlinkSync("theirs", path);
  },
  "replaced by a directory": (path) => {
    rmSync(path, { force: true });
    mkdirSync(path);
    writeFileSync(`${path}/theirs`, "theirs");
  },
};

function stateOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return `directory ${readdirSync(path).join()}`;
  return stat.isSymbolicLink() ? "symlink" : `file ${readFileSync(path, "latin1")}`;
}

describe("a target that changes under a run", { skip: noStrace }, () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const old of ["old", undefined]) {
      it(`keeps what is ${what}, ${old === undefined ? "where nothing was" : "an old file"}`, async () => {
        using folder = sceneOf("f", old);
        let theirs = "";
        const ran = await runWhile(folder, () => {
          change(folder.at("dst/f"));
          theirs = stateOf(folder.at("dst/f"));
        });
        assert.equal(ran.exit, 23, ran.stderr);
        assert.match(ran.stderr, /conflict at "dst\/f": the target changed during the run/);
        assert.match(ran.stderr, /1 not transferred, 1 conflict/);
        assert.equal(stateOf(folder.at("dst/f")), theirs);
        assert.equal(contentOf(folder, "dst/other"), "2");
        assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["f", "other"]);
      });
    }
  }

  it("is told in JSON, by an event and in the summary", async () => {
    using folder = sceneOf();
    const ran = await runWhile(folder, () => writeFileSync(folder.at("dst/f"), "theirs"), [
      "--json",
    ]);
    const events = ran.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [conflict] = events.filter(({ type }) => type === "conflict");
    assert.equal(conflict?.path, "dst/f");
    assert.equal(conflict?.exit, 23);
    const summary = events.at(-1);
    assert.deepEqual(
      [summary?.type, summary?.exit, summary?.conflicts, summary?.problems],
      ["summary", 23, 1, 0],
    );
  });

  it("takes the file where the old one was only removed", async () => {
    using folder = sceneOf();
    const ran = await runWhile(folder, () => rmSync(folder.at("dst/f")));
    assert.equal(ran.exit, 0, ran.stderr);
    assert.equal(contentOf(folder, "dst/f"), "from the source");
  });

  it("is no conflict when somebody brought the same file", async () => {
    for (const old of ["old", undefined]) {
      using folder = sceneOf("f", old);
      const ran = await runWhile(folder, () => {
        execFileSync("cp", ["-p", "src/f", "dst/f.new"], { cwd: folder.path });
        renameSync(folder.at("dst/f.new"), folder.at("dst/f"));
      });
      assert.equal(ran.exit, 0, ran.stderr);
      assert.equal(contentOf(folder, "dst/f"), "from the source");
    }
  });

  it("keeps both with --on-conflict=keep-both, under names that fit", async () => {
    for (const name of ["f", "n".repeat(255)]) {
      using folder = sceneOf(name);
      const change = (): void => writeFileSync(folder.at(`dst/${name}`), "theirs");
      const ran = await runWhile(folder, change, ["--on-conflict=keep-both"], name);
      assert.equal(ran.exit, 23, ran.stderr);
      const other = `${name.slice(0, 246)}.conflict`;
      assert.match(ran.stderr, new RegExp(`the source's is now "[^"]*${other}"`));
      assert.equal(contentOf(folder, `dst/${name}`), "theirs");
      assert.equal(contentOf(folder, `dst/${other}`), "from the source");
      assert.equal(statSync(folder.at(`dst/${other}`)).mtimeMs, sourceTime * 1000);
    }
  });

  it("loses it with --on-conflict=overwrite, but not a directory", async () => {
    using folder = sceneOf();
    const options = ["--on-conflict=overwrite"];
    const ran = await runWhile(folder, () => writeFileSync(folder.at("dst/f"), "theirs"), options);
    assert.equal(ran.exit, 0, ran.stderr);
    assert.equal(contentOf(folder, "dst/f"), "from the source");
    using another = sceneOf();
    const second = await runWhile(
      another,
      () => changes["replaced by a directory"]?.(another.at("dst/f")),
      options,
    );
    assert.equal(second.exit, 23, second.stderr);
    assert.equal(contentOf(another, "dst/f/theirs"), "theirs");
  });

  it("keeps its attributes, too: what only had to change those is looked at again", async () => {
    using folder = sceneOf("f", "from the source");
    chmodSync(folder.at("src/f"), 0o600);
    const change = (): void => changes["replaced by another file"]?.(folder.at("dst/f"));
    // Stopped at the comparison of contents, which finds them equal.
    const ran = await runTraced("manifold", ["sync", "-c", "src/", "dst/"], {
      trace: "pread64",
      inject: ["pread64:signal=STOP:when=1"],
      path: "dst/f",
      cwd: folder.path,
      whileStopped: change,
    });
    assert.equal(ran.exit, 23, ran.stderr);
    assert.match(ran.stderr, /conflict at "dst\/f"/);
    assert.equal(contentOf(folder, "dst/f"), "theirs");
    assert.equal(statSync(folder.at("dst/f")).mode & 0o777, 0o644);
    assert.equal(statSync(folder.at("dst/f")).mtimeMs, 5000);
  });
});

describe("what the run itself did", () => {
  it("is no conflict: names of one file on the target, one of them changed, one replaced", () => {
    for (const options of [[], ["--delay-updates"], ["--durable=batch"]]) {
      using folder = temporaryFolder();
      writeTree(
        folder.path,
        treeOf({ "src/": { y: "other" }, "dst/": { x: file("same", { mtime: 9 }) } }),
      );
      linkSync(folder.at("dst/x"), folder.at("dst/y"));
      execFileSync("cp", ["-p", "dst/x", "src/x"], { cwd: folder.path });
      chmodSync(folder.at("src/x"), 0o600);
      const ran = runOurs("manifold", ["sync", ...options, "src/", "dst/"], { cwd: folder.path });
      assert.equal(ran.exit, 0, `${options.join(" ")}: ${ran.stderr}`);
      assert.equal(contentOf(folder, "dst/x"), "same");
      assert.equal(contentOf(folder, "dst/y"), "other");
    }
  });
});
