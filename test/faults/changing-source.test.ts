// A source that changes while it is copied: the program is stopped by a signal at one of its system
// calls, the file is changed, and the program goes on. Whatever gets the name was the whole file at
// one moment (P7), or the name keeps what it had.

import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
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

/** Sizes that are copied by read and write, and inside the kernel. */
const sizes = { small: 5000, middle: 600_000 } as const;

function sceneOf(content: Uint8Array): TemporaryFolder {
  const folder = temporaryFolder();
  const source = { f: file(content, { mtime: 1_600_000_000 }), other: "2" };
  writeTree(folder.path, treeOf({ "src/": source, "dst/": { f: file("old", { mtime: 5 }) } }));
  return folder;
}

/** Stops the run when it first reads the content of the source, which has this size. */
function runWhileReading(
  folder: TemporaryFolder,
  change: () => void,
  size: number = sizes.small,
): Promise<Traced> {
  const call = size === sizes.small ? "pread64" : "copy_file_range";
  return runTraced("manifold", ["sync", "src/", "dst/"], {
    trace: call,
    inject: [`${call}:signal=STOP:when=1`],
    path: "src/f",
    cwd: folder.path,
    whileStopped: change,
  });
}

const changes: Readonly<Record<string, (path: string) => void>> = {
  "grows while it is read": (path) => appendFileSync(path, "more"),
  "shrinks while it is read": (path) => truncateSync(path, 1000),
  "is emptied while it is read": (path) => truncateSync(path, 0),
  "is written over while it is read": (path) =>
    writeFileSync(path, "X".repeat(100), { flag: "r+" }),
};

describe("a file that changes while it is copied", { skip: noStrace }, () => {
  for (const [what, change] of Object.entries(changes)) {
    it(`${what}: it is read again, and arrives as it is now`, async () => {
      for (const size of Object.values(sizes)) {
        using folder = sceneOf(Buffer.alloc(size, "abc"));
        const ran = await runWhileReading(folder, () => change(folder.at("src/f")), size);
        assert.equal(ran.exit, 0, ran.stderr);
        assert.deepEqual(readFileSync(folder.at("dst/f")), readFileSync(folder.at("src/f")));
        assert.equal(statSync(folder.at("dst/f")).mtimeMs, statSync(folder.at("src/f")).mtimeMs);
        assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["f", "other"]);
      }
    });
  }

  it("that gets another file in its place arrives as one of the two", async () => {
    using folder = sceneOf(Buffer.alloc(5000, "abc"));
    writeFileSync(folder.at("new"), "new");
    const ran = await runWhileReading(folder, () =>
      renameSync(folder.at("new"), folder.at("src/f")),
    );
    assert.equal(ran.exit, 0, ran.stderr);
    assert.deepEqual(readFileSync(folder.at("dst/f")), Buffer.alloc(5000, "abc"));
    assert.equal(runOurs("manifold", ["src/", "dst/"], { cwd: folder.path }).exit, 0);
    assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "new");
  });

  it("that is removed while it is read arrives as it was opened", async () => {
    using folder = sceneOf(Buffer.alloc(5000, "abc"));
    const ran = await runWhileReading(folder, () => rmSync(folder.at("src/f")));
    assert.equal(ran.exit, 0, ran.stderr);
    assert.deepEqual(readFileSync(folder.at("dst/f")), Buffer.alloc(5000, "abc"));
  });
});

describe("a source that is another one when its turn comes", { skip: noStrace }, () => {
  /** Stops the run when the source has been scanned and the target is being listed. */
  const runAfterScan = (folder: TemporaryFolder, change: () => void): Promise<Traced> =>
    runTraced("manifold", ["sync", "--delete", "src/", "dst/"], {
      trace: "getdents64",
      inject: ["getdents64:signal=STOP:when=1"],
      path: "dst",
      cwd: folder.path,
      whileStopped: change,
    });

  it("vanished files are a warning, exit 24, and nothing else suffers", async () => {
    using folder = sceneOf(Buffer.alloc(5000, "abc"));
    const ran = await runAfterScan(folder, () => rmSync(folder.at("src/f")));
    assert.equal(ran.exit, 24, ran.stderr);
    assert.match(ran.stderr, /vanished during the run: "src\/f"/);
    assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "old");
    assert.equal(readFileSync(folder.at("dst/other"), "latin1"), "2");
  });

  it("a file that changed arrives as it is now", async () => {
    using folder = sceneOf(Buffer.alloc(5000, "abc"));
    const ran = await runAfterScan(folder, () => writeFileSync(folder.at("src/f"), "quite new"));
    assert.equal(ran.exit, 0, ran.stderr);
    assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "quite new");
    assert.equal(statSync(folder.at("dst/f")).mtimeMs, statSync(folder.at("src/f")).mtimeMs);
  });

  it("a file that became a directory is not copied, and the rest is", async () => {
    using folder = sceneOf(Buffer.alloc(5000, "abc"));
    const ran = await runAfterScan(folder, () => {
      rmSync(folder.at("src/f"));
      writeTree(folder.at("src"), treeOf({ "f/": { x: "1" } }));
    });
    assert.equal(ran.exit, 23, ran.stderr);
    assert.match(ran.stderr, /"src\/f"/);
    assert.equal(readFileSync(folder.at("dst/f"), "latin1"), "old");
    assert.ok(existsSync(folder.at("dst/other")));
  });
});
