// What each bundle of a build holds: what starts often must not read what it does not run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "../../tools/build.mjs";
import { temporaryFolder } from "../support/index.ts";

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

describe("a build", () => {
  /** The one that all tests run. */
  let built: string;
  before(async () => {
    built = await build(join(top, ".build"));
  });

  it("answers --version with a few kilobytes", () => {
    for (const name of ["manifold.cjs", "manifold-rsync.cjs"]) {
      assert.ok(statSync(join(built, name)).size < 2000, name);
    }
    assert.ok(statSync(join(built, "print-version.cjs")).size < 32_000);
    assert.match(textOf("manifold.cjs"), /require\("\.\/print-version\.cjs"\)/);
    assert.match(textOf("manifold.cjs"), /require\("\.\/main\.start\.cjs"\)/);
  });

  it("keeps the texts of help and manual, and what serves tests, out of runs and lanes", () => {
    const parts = readdirSync(built).filter((name) => /^(main|lane).*\.cjs$/.test(name));
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

  it("loads what only some runs need when they need it", () => {
    using folder = temporaryFolder();
    const hook = folder.at("hook.cjs");
    const atExit = 'process.stderr.write(process.moduleLoadList.join("\\n"))';
    writeFileSync(hook, `process.on("exit", () => ${atExit});\n`);
    mkdirSync(folder.at("from"));
    const sync = ["sync", `${folder.at("from")}/`, `${folder.at("to")}/`];
    const argv = ["-r", hook, join(built, "manifold.cjs"), ...sync];
    const { stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^NativeModule vm$/m);
    assert.doesNotMatch(stderr, /^NativeModule (tls|dns|dgram|child_process|crypto|readline)$/m);
  });

  function textOf(name: string): string {
    return readFileSync(join(built, name), "utf8");
  }
});
