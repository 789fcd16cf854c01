// Captured changesets as sources: what they bring can be read anywhere in it, and what they leave as it was they do not know.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { openFileSystem } from "../../../src/fs/index.ts";
import { type ListedEntry, openLocal, type Source } from "../../../src/source/index.ts";
import { stage } from "../../cli/stages.ts";
import {
  Choice,
  file,
  hardLink,
  symlink,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../../support/index.ts";
import { noise } from "../conformance/fixture.ts";
import { isTrouble } from "../conformance/listings.ts";
import { sourceSuite } from "../conformance/source-suite.ts";

const fs = openFileSystem();
const { signal } = new AbortController();

/** Captures what makes one folder of another one. */
function capture(
  folder: TemporaryFolder,
  from: string,
  to: string,
  options: readonly string[] = [],
): string {
  const orders = stage(folder.path, ["diff", to, from]);
  const path = folder.at("captured");
  writeFileSync(path, stage(folder.path, ["send", ...options, to], orders));
  return path;
}

function open(path: string): Source {
  return openLocal({ fs, path, label: path });
}

for (const options of [[], ["-z"]]) {
  sourceSuite(["changeset", ...options].join(" "), async (path) => {
    const folder = temporaryFolder();
    mkdirSync(folder.at("nothing"));
    return {
      source: open(capture(folder, "nothing", path, options)),
      isPart: true,
      close: async () => folder.remove(),
    };
  });
}

test("of a compressed one any part of any file can be read, in any order", async () => {
  await using folder = temporaryFolder();
  for (const name of ["nothing", "tree"]) mkdirSync(folder.at(name));
  // Longer than what is kept open, and in part not to be compressed.
  const contents = Array.from({ length: 5 }, (_, n) => noise(900_000, n) + "a".repeat(900_000));
  const files = contents.map((content, n) => [`f${n}`, file(content)]);
  writeTree(folder.at("tree"), treeOf(Object.fromEntries(files)));
  const path = capture(folder, "nothing", "tree", ["-z"]);
  assert.ok(statSync(path).size < 5_000_000, "it is compressed");
  const source = open(path);
  await source.probe(signal);
  const choice = new Choice(1);
  for (let n = 0; n < 60; n++) {
    const which = choice.below(contents.length);
    const offset = choice.below(1_799_999);
    const length = 1 + choice.below(Math.min(300_000, 1_800_000 - offset));
    const asked = { path: `f${which}`, entry: { name: `f${which}`, kind: "file" as const } };
    let got = "";
    for await (const bytes of source.read(asked, { offset, length }, signal))
      got += Buffer.from(bytes).toString("latin1");
    assert.ok(got === contents[which]?.slice(offset, offset + length), `${which} ${offset}`);
  }
  await source.close();
});

/** Two states of a tree. */
function twoStates(folder: TemporaryFolder): void {
  for (const name of ["before", "after"]) mkdirSync(folder.at(name));
  const stays = { "a/": { stays: file("as it was", { mtime: 1_000_000 }) } };
  writeTree(folder.at("before"), treeOf({ ...stays, gone: "it goes" }));
  writeTree(
    folder.at("after"),
    treeOf({
      "a/": { ...stays["a/"], fresh: file("new content", { mtime: 2_000_000, mode: 0o604 }) },
      "made/": { one: file("two names", { mtime: 3_000_000 }), other: hardLink("made/one") },
      link: symlink("a/fresh"),
    }),
  );
}

test("it lists what it brings, and only what it has made itself is complete", async () => {
  await using folder = temporaryFolder();
  twoStates(folder);
  const source = open(capture(folder, "before", "after"));
  await source.probe(signal);
  const top = await source.list("", signal);
  const names = (entries: readonly ListedEntry[]): string[] =>
    entries.map(({ name }) => name).sort();
  assert.deepEqual([names(top.entries), top.isComplete], [["a", "link", "made"], false]);
  assert.equal(top.entries.find(({ name }) => name === "link")?.linkTarget, "a/fresh");
  const inner = await source.list("a", signal);
  assert.deepEqual([names(inner.entries), inner.isComplete], [["fresh"], false]);
  assert.equal(inner.entries[0]?.mode, 0o604);
  const made = await source.list("made", signal);
  assert.deepEqual([names(made.entries), made.isComplete], [["one", "other"], true]);
  const entry = { name: "stays", kind: "file", size: 9 } as const;
  const reading = source.read({ path: "a/stays", entry }, { offset: 0, length: 9 }, signal);
  await assert.rejects(reading[Symbol.asyncIterator]().next(), isTrouble("absent"));
  for (const entry of made.entries) {
    let text = "";
    const part = { offset: 4, length: 5 };
    for await (const bytes of source.read({ path: `made/${entry.name}`, entry }, part, signal))
      text += Buffer.from(bytes).toString();
    assert.equal(text, "names");
  }
  await source.close();
});

test("what is no changeset with content, or damaged, or written to while it is read, is refused", async () => {
  await using folder = temporaryFolder();
  twoStates(folder);
  const path = capture(folder, "before", "after");
  const source = open(path);
  await source.probe(signal);
  const [entry] = (await source.list("a", signal)).entries;
  assert.ok(entry);
  appendFileSync(path, "x");
  const reading = source.read({ path: "a/fresh", entry }, { offset: 0, length: 3 }, signal);
  await assert.rejects(reading[Symbol.asyncIterator]().next(), isTrouble("protocol"));
  await source.close();
  const bad: readonly Uint8Array[] = [
    stage(folder.path, ["scan", "after"]),
    stage(folder.path, ["diff", "before", "after"]),
    Buffer.from("some text"),
    Buffer.alloc(0),
  ];
  for (const [n, bytes] of bad.entries()) {
    writeFileSync(folder.at(`bad${n}`), bytes);
    const source = open(folder.at(`bad${n}`));
    await assert.rejects(source.probe(signal), isTrouble("protocol"));
    await source.close();
  }
  const damaged = open(path);
  await assert.rejects(damaged.probe(signal), isTrouble("protocol"));
  await damaged.close();
});
