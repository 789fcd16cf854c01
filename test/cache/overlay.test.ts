// A file system whose inode numbers and times come from another one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  cacheFile,
  DigestFile,
  type FileState,
  openDigestFile,
  RootDigests,
} from "../../src/cache/index.ts";
import { Stat } from "../../src/fs/index.ts";
import { temporaryFolder } from "../support/index.ts";
import { digest, june, Scene } from "./scene.ts";

test("on overlayfs a file that is copied up by a write is another file", (context) => {
  using folder = temporaryFolder();
  for (const name of ["lower", "upper", "work", "merged"]) mkdirSync(folder.at(name));
  writeFileSync(folder.at("lower/a"), "one");
  utimesSync(folder.at("lower/a"), 1e9, 1e9);
  const options = ["lower", "upper", "work"].map((name) => `${name}dir=${folder.at(name)}`).join();
  const merged = folder.at("merged");
  const mounted = spawnSync("mount", ["-t", "overlay", "-o", options, "overlay", merged]);
  if (mounted.status !== 0) return context.skip(`no overlayfs here: ${mounted.stderr}`);
  try {
    using scene = new Scene();
    scene.makeFile("later", "");
    const { fs } = scene;
    const handle = fs.openRoot(merged);
    const state = (): FileState => {
      const stat = new Stat();
      assert.ok(fs.stat(handle, "a", stat));
      return stat;
    };
    const run = <T>(work: (digests: RootDigests) => T): T => {
      const at = { root: merged, wallTime: june, settledMs: 0 };
      const file = openDigestFile({ ...at, path: cacheFile(scene.directory, merged) });
      assert.ok(file instanceof DigestFile, String(file));
      const digests = new RootDigests(file.shared);
      try {
        return work(digests);
      } finally {
        digests.flush();
        file.close();
      }
    };
    let content = "one";
    for (const next of ["two", "six"]) {
      const before = state();
      scene.makeFile("later", next);
      run((digests) => digests.remember(before, digest(content), { fs, dir: handle }));
      // Whether a file of another device than its directory's can be remembered is up to the layers.
      const known = run((digests) => digests.lookup(state()));
      if (known !== undefined) assert.deepEqual(known, digest(content));
      writeFileSync(`${merged}/a`, next);
      utimesSync(`${merged}/a`, 1e9, 1e9);
      assert.equal(statSync(`${merged}/a`).size, 3);
      assert.equal(
        run((digests) => digests.find(state())),
        false,
        next,
      );
      content = next;
    }
    fs.closeDirectory(handle);
  } finally {
    spawnSync("umount", [merged]);
  }
});
