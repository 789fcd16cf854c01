// Two ends that are equal, and digests of their files that no run has taken.

import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { fromText } from "../../src/base/index.ts";
import { cacheFile, DigestFile, openDigestFile, RootDigests } from "../../src/cache/index.ts";
import { openFileSystem, Stat } from "../../src/fs/index.ts";
import { digestOf } from "../../src/hash/index.ts";
import type { TemporaryFolder } from "../support/index.ts";

/** Makes src/ and dst/ with the files a and b. */
export function makeEnds(folder: TemporaryFolder): void {
  for (const end of ["src", "dst"]) {
    mkdirSync(folder.at(end));
    for (const name of ["a", "b"]) {
      writeFileSync(folder.at(`${end}/${name}`), `content of ${name}`);
      utimesSync(folder.at(`${end}/${name}`), 1e9, 1e9);
    }
    utimesSync(folder.at(end), 1e9, 1e9);
  }
}

/** Remembers a digest of a file, as a run would have that settled for anything. */
export function forge(folder: TemporaryFolder, end: string, name: string, content: string): void {
  const fs = openFileSystem();
  const root = fromText(folder.at(end));
  const path = cacheFile(fromText(folder.at("cache/manifold/digests")), root);
  const file = openDigestFile({ path, root, wallTime: Date.now(), settledMs: -1e12 });
  assert.ok(file instanceof DigestFile, String(file));
  const handle = fs.openRoot(root);
  const stat = new Stat();
  assert.ok(fs.stat(handle, name, stat));
  const digests = new RootDigests(file.shared);
  digests.remember(stat, digestOf("blake3", Buffer.from(content)), { fs, dir: handle });
  digests.flush();
  file.close();
  fs.closeDirectory(handle);
}
