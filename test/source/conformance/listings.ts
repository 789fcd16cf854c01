// What listings of a source have to be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { joinPath } from "../../../src/base/index.ts";
import { type ListedEntry, type SourceAbilities, SourceError } from "../../../src/source/index.ts";
import { contents, directories, mtimeOf, type SourceKind, serveTree } from "./fixture.ts";

/** Defines them. */
export function listingTests(kind: SourceKind): void {
  test("probing tells what is possible", async () => {
    await using served = await serveTree(kind);
    const { connectionsMax, depth, timeStep, digests } = served.abilities;
    assert.ok(connectionsMax >= 1 && depth >= 1);
    assert.ok(timeStep === undefined || timeStep >= 0);
    assert.equal(digests, served.source.digest !== undefined);
  });

  test("a walk finds every file and directory, and what is told of them is true", async () => {
    await using served = await serveTree(kind);
    const { source, signal, abilities } = served;
    const files: string[] = [];
    const found: string[] = [];
    for (const todo = [""]; todo.length > 0; ) {
      const path = todo.shift() as string;
      const listing = await source.list(path, signal);
      assert.equal(listing.isComplete, !(served.isPart && path === ""));
      const names = listing.entries.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, "no name comes twice");
      for (const [n, entry] of listing.entries.entries()) {
        if (listing.again !== undefined) assert.deepEqual(listing.again(n), entry);
        const inner = joinPath(path, entry.name);
        if (entry.kind === "directory") {
          todo.push(inner);
          found.push(inner);
        } else {
          files.push(inner);
          assertFile(inner, entry, abilities);
        }
      }
    }
    assert.deepEqual(files.sort(), [...served.listed].sort());
    assert.deepEqual(found.sort(), [...directories].sort());
  });

  test("looking at a file tells its size exactly", async () => {
    await using served = await serveTree(kind);
    for (const path of ["large.bin", "a/b/c/deep", "empty"]) {
      const { entry } = await served.fileAt(path);
      assert.equal(entry.size, contents[path]?.length);
      assert.equal(entry.sizeSlack ?? 0, 0);
      assert.equal(entry.name, path.slice(path.lastIndexOf("/") + 1));
    }
  });

  test("listing what is not there is refused as absent", async () => {
    await using served = await serveTree(kind);
    for (const path of ["missing", "a/b/missing", "missing/below"]) {
      await assert.rejects(served.source.list(path, served.signal), isTrouble("absent"));
    }
  });

  test("looking at what is not there is refused as absent", async () => {
    await using served = await serveTree(kind);
    const entry = { name: "missing", kind: "file", size: 1 } as const;
    const looking = served.source.look({ path: "a/missing", entry }, served.signal);
    await assert.rejects(looking, isTrouble("absent"));
  });

  test("an empty directory is complete and empty", async () => {
    await using served = await serveTree(kind);
    const { entries, isComplete } = await served.source.list("a/nothing", served.signal);
    assert.deepEqual([entries.length, isComplete], [0, true]);
  });
}

function assertFile(path: string, entry: ListedEntry, { tells, timeStep }: SourceAbilities): void {
  const size = contents[path]?.length ?? -1;
  assert.equal(entry.kind, "file", path);
  if (entry.size !== undefined)
    assert.ok(Math.abs(entry.size - size) <= (entry.sizeSlack ?? 0), path);
  if (entry.mtime !== undefined) {
    assert.ok(timeStep !== undefined, "times have a step");
    const off = Math.abs(entry.mtime + (entry.mtimeNanos ?? 0) / 1e9 - mtimeOf(path));
    assert.ok(off === 0 || off < timeStep, `${path} is ${off} s off`);
  }
  if (tells.modes) assert.equal(entry.mode, 0o640, path);
  else assert.equal(entry.mode, undefined, path);
  if (!tells.owners) assert.equal(entry.uid, undefined, path);
}

/** Returns a check for a source's error. */
export function isTrouble(trouble: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SourceError, `${error} is a source's error`);
    assert.equal(error.trouble, trouble, error.message);
    assert.ok(error.message.length > 0 && !error.message.endsWith("."));
    return true;
  };
}
