// One tree from several sources at once, where they are of kinds that talk to programs at their other ends.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import {
  assertSameTree,
  file,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { rsyncPlace } from "./rsync-daemon.ts";
import { type Ended, runOurs } from "./run-ours.ts";

const mtime = 1_600_000_000;

/** Makes "one", and "two", which is like it. */
function makeMirrors(folder: TemporaryFolder): void {
  const small = Array.from({ length: 30 }, (_, n) => [
    `f${n}`,
    file(noise(1 + n * 997, n), { mtime }),
  ]);
  mkdirSync(folder.at("one"));
  writeTree(
    folder.at("one"),
    treeOf({
      "large.bin": file(noise(5_000_000, 99), { mtime, mode: 0o600 }),
      "a/": { ...Object.fromEntries(small), "b/": { deep: file("deep", { mtime }) } },
      "empty/": {},
    }),
  );
  cpSync(folder.at("one"), folder.at("two"), { recursive: true, preserveTimestamps: true });
}

/** Bytes that came of each source. */
function sharesOf({ lines }: Ended): number[] {
  const { sources } = JSON.parse(lines.at(-1) ?? "{}") as {
    readonly sources: readonly { readonly bytes: number }[];
  };
  return sources.map(({ bytes }) => bytes);
}

test("an rsync daemon says what the tree is, and a folder helps; and the other way round", async () => {
  await using folder = temporaryFolder();
  makeMirrors(folder);
  const { env } = rsyncPlace(folder.path, folder.at("two"));
  const around = { cwd: folder.path, env };
  const pairs = [
    ["rsync://there/m/", "one/", "two", "to1"],
    ["one/", "there::m", "one", "to2"],
  ] as const;
  for (const [first, second, tree, to] of pairs) {
    const limits = [`--mirror=${first} limit=4M`, `--mirror=${second} limit=4M`];
    const ran = runOurs("manifold", ["sync", "--json", ...limits, first, to], around);
    assert.equal(ran.exit, 0, ran.stderr);
    assertSameTree(readTree(folder.at(tree)), readTree(folder.at(to)));
    const shares = sharesOf(ran);
    assert.ok(
      shares.every((bytes) => bytes > 300_000),
      ran.stdout,
    );
  }
  writeFileSync(folder.at("two/a/f3"), "not what it was");
  const stale = runOurs("manifold", ["sync", "--mirror=there::m", "one/", "to3"], around);
  assert.equal(stale.exit, 0, stale.stderr);
  assertSameTree(readTree(folder.at("one")), readTree(folder.at("to3")));
});
