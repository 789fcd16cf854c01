// Folders as sources: on the machine's own door, and what the suite cannot ask of every kind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../src/base/index.ts";
import { openFileSystem } from "../../../src/fs/index.ts";
import { LocalSource, SourceError } from "../../../src/source/index.ts";
import {
  file,
  hardLink,
  symlink,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../../support/index.ts";
import { sourceSuite } from "../conformance/source-suite.ts";

const fs = openFileSystem();

sourceSuite("local", async (folder) => ({ source: new LocalSource({ fs, path: folder }) }));

test("links, and names of one file, are told", async () => {
  await using folder = temporaryFolder();
  const tree = treeOf({ one: file("x"), other: hardLink("one"), link: symlink("../away") });
  writeTree(folder.path, tree);
  const source = new LocalSource({ fs, path: folder.path });
  const { signal } = new AbortController();
  await source.probe(signal);
  const { entries } = await source.list("", signal);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  assert.equal(byName.get("link")?.linkTarget, "../away");
  assert.equal(byName.get("one")?.fileNumber, byName.get("other")?.fileNumber);
  assert.notEqual(byName.get("one")?.fileNumber, undefined);
  await source.close();
});

test("a symlink inside of the folder leads nowhere", async () => {
  await using folder = temporaryFolder();
  writeTree(folder.path, treeOf({ "in/": { link: symlink("/etc") } }));
  const source = new LocalSource({ fs, path: folder.path });
  const { signal } = new AbortController();
  await source.probe(signal);
  await assert.rejects(source.list("in/link", signal), SourceError);
  await source.close();
});

test("a folder that is not there is told when it is probed", async () => {
  await using folder = temporaryFolder();
  const path = `${folder.path}/${seededRandom(1).uint32()}`;
  const probing = new LocalSource({ fs, path }).probe(new AbortController().signal);
  await assert.rejects(
    probing,
    (error) => error instanceof SourceError && error.trouble === "connection",
  );
});
