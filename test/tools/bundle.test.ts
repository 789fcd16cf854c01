// What each bundle of a build holds: what starts often must not read what it does not run.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../tools/build/bundle.mjs";
import { type TemporaryFolder, temporaryFolder } from "../support/index.ts";

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

describe("a build", () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = temporaryFolder();
    await bundle({ top, packages: top, to: folder.path });
  });
  after(() => folder.remove());

  it("answers --version with a few kilobytes", () => {
    for (const name of ["manifold.mjs", "manifold-rsync.mjs", "print-version.mjs"]) {
      assert.ok(statSync(folder.at(name)).size < 8000, name);
    }
    assert.match(textOf("manifold.mjs"), /import\("\.\/print-version\.mjs"\)/);
  });

  it("keeps the texts of help and manual, and what serves tests, out of runs and lanes", () => {
    const parts = readdirSync(folder.path).filter((name) => /^(main|lane)/.test(name));
    assert.ok(parts.includes("main.cjs") && parts.includes("lane.cjs"));
    for (const name of parts) {
      assert.doesNotMatch(
        textOf(name),
        /memoryFileSystem|faultyFileSystem|manPage|bashCompletion/,
        name,
      );
    }
  });

  it("starts lanes without the table of options", () => {
    assert.doesNotMatch(textOf("lane.cjs"), /--ignore-non-existing/);
    assert.match(textOf("print-text.cjs"), /ignore-non-existing/);
  });

  function textOf(name: string): string {
    return readFileSync(join(folder.path, name), "utf8");
  }
});
