// Pins how receive uses content that its machine has: a MOVE begins from another path as it was, also
// where that was replaced meanwhile; old content goes only once it has arrived; basis directories
// give what they have unchanged; --max-delete ends deletions.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { orderKind } from "../../src/changeset/index.ts";
import { bytesOf, headerOf, type RecordValue, type SequenceValue } from "../changeset/sample.ts";
import { assertSameTree, readTree, temporaryFolder } from "../support/index.ts";
import { runStage, stage } from "./stages.ts";

const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));
const regular = 0o100644;
const sha256 = (text: string): Uint8Array => createHash("sha256").update(text).digest();

function write(path: string, text: string): void {
  writeFileSync(path, text);
  utimesSync(path, 1000, 1000);
}

const state = (text: string, mtime = 1000) => ({ mode: regular, size: text.length, mtime });

function changeset(...records: readonly RecordValue[]): Uint8Array {
  const header = headerOf({ hasData: true, preserves: ["mode", "mtime"] });
  return bytesOf({ header, records } satisfies SequenceValue);
}

const all = (index: number, text: string): RecordValue => ({
  ...{ type: "data", index, tokens: [{ kind: "all" }], digest: sha256(text) },
});

/** A rotated log: log.1 gets what log had, and log begins anew. */
function rotation(): Uint8Array {
  const was = { ...state("first lines"), digest: sha256("first lines") };
  return changeset(
    {
      type: "directory",
      path: "",
      orders: [
        {
          kind: orderKind.change,
          name: "log",
          before: was,
          after: state("new", 2000),
          continues: "log.1",
        },
        {
          ...{ kind: orderKind.move, name: "log.1", after: was },
          basis: { path: "log", size: was.size, digest: was.digest },
        },
      ],
    },
    {
      ...{ type: "data", index: 0, tokens: [{ kind: "literal", bytes: Buffer.from("new") }] },
      digest: sha256("new"),
    },
    all(1, "first lines"),
  );
}

test("a MOVE gets the old content of a path that was replaced before it", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "t"));
  write(join(cwd, "t/log"), "first lines");
  for (let n = 0; n < 2; n++) {
    stage(cwd, ["receive", "t"], rotation());
    assert.equal(readFileSync(join(cwd, "t/log"), "utf8"), "new");
    assert.equal(readFileSync(join(cwd, "t/log.1"), "utf8"), "first lines");
    assert.equal(existsSync(join(cwd, "t/.manifold")), false);
  }
});

function renaming(): Uint8Array {
  const was = { ...state("content"), digest: sha256("content") };
  return changeset(
    {
      type: "directory",
      path: "",
      orders: [
        {
          ...{ kind: orderKind.move, name: "new", after: was },
          basis: { path: "old", size: was.size, digest: was.digest },
        },
      ],
    },
    all(0, "content"),
    {
      type: "closing",
      path: "",
      orders: [{ kind: orderKind.del, name: "old", before: was, continues: "new" }],
    },
  );
}

test("a renamed file goes from its old name when it stands under the new one", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "t"));
  write(join(cwd, "t/old"), "content");
  stage(cwd, ["receive", "t"], renaming());
  assert.equal(existsSync(join(cwd, "t/old")), false);
  assert.equal(readFileSync(join(cwd, "t/new"), "utf8"), "content");
});

test("content that could not be moved is not deleted", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "t"));
  write(join(cwd, "t/old"), "content");
  write(join(cwd, "t/new"), "somebody's");
  const { exit, stderr } = runStage(cwd, ["receive", "t"], renaming());
  assert.equal(exit, 23);
  assert.match(stderr, /has not arrived at "new"/);
  assert.equal(readFileSync(join(cwd, "t/old"), "utf8"), "content");
  assert.equal(readFileSync(join(cwd, "t/new"), "utf8"), "somebody's");
});

test("old content that was replaced already, and could not go where it was to, gets another name", () => {
  for (const options of [[], ["--on-conflict=keep-both"]]) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    mkdirSync(join(cwd, "t"));
    write(join(cwd, "t/log"), "first lines");
    write(join(cwd, "t/log.1"), "somebody's");
    write(join(cwd, "t/log.1.conflict"), "of an earlier one");
    const { exit, stderr } = runStage(cwd, ["receive", ...options, "t"], rotation());
    assert.equal(exit, 23, stderr);
    const of = (name: string): string => readFileSync(join(cwd, "t", name), "utf8");
    const isMovedAside = options.length > 0;
    assert.equal(of("log"), "new");
    assert.equal(of("log.1"), isMovedAside ? "first lines" : "somebody's");
    assert.equal(of("log.1.conflict"), "of an earlier one");
    assert.equal(of("log.1.conflict-2"), isMovedAside ? "somebody's" : "first lines");
    if (!isMovedAside) assert.match(stderr, /may be nowhere else, is now "log\.1\.conflict-2"/);
    assert.equal(existsSync(join(cwd, "t/.manifold")), false);
  }
});

test("--link-dest, --copy-dest and --compare-dest are resolved by receive", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "basis", "empty"]) mkdirSync(join(cwd, name));
  for (const name of ["a/same", "basis/same"]) write(join(cwd, name), "same");
  write(join(cwd, "a/other"), "new one");
  write(join(cwd, "basis/other"), "old");
  const csetdata = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "empty"]));
  const inode = (path: string): number => statSync(join(cwd, path)).ino;
  for (const kind of ["link", "copy"]) {
    mkdirSync(join(cwd, kind));
    stage(cwd, ["receive", `--${kind}-dest=../basis`, kind], csetdata);
    assertSameTree(readTree(join(cwd, kind)), readTree(join(cwd, "a")), { ignore: ["linkGroup"] });
    assert.equal(inode(`${kind}/same`) === inode("basis/same"), kind === "link");
  }
  mkdirSync(join(cwd, "compare"));
  stage(cwd, ["receive", "--compare-dest=../basis", "compare"], csetdata);
  assert.equal(existsSync(join(cwd, "compare/same")), false);
  assert.equal(readFileSync(join(cwd, "compare/other"), "utf8"), "new one");
});

test("a hard link that cannot be becomes a copy", (t) => {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    t.skip("strace is not installed");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  write(join(cwd, "a/one"), "one file");
  linkSync(join(cwd, "a/one"), join(cwd, "a/two"));
  writeFileSync(join(cwd, "cs"), stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"])));
  const inject = "strace -f -qq -o /dev/null -e trace=linkat -e inject=linkat:error=EMLINK";
  const { status, stderr } = spawnSync("sh", ["-c", `${inject} "${manifold}" receive b < cs`], {
    cwd,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.notEqual(statSync(join(cwd, "b/one")).ino, statSync(join(cwd, "b/two")).ino);
  assertSameTree(readTree(join(cwd, "b")), readTree(join(cwd, "a")), { ignore: ["linkGroup"] });
});

test("--max-delete ends deletions with exit status 25", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  for (const name of ["1", "2", "3"]) write(join(cwd, "b", name), name);
  const csetdata = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"]));
  const { exit, stderr } = runStage(cwd, ["receive", "--max-delete=2", "b"], csetdata);
  assert.equal(exit, 25);
  assert.match(stderr, /1 skipped/);
  assert.equal(["1", "2", "3"].filter((name) => existsSync(join(cwd, "b", name))).length, 1);
});
