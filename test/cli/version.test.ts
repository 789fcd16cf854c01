// Pins that the program's version is the package's, and that it is told by option and by verb.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { version } from "../../src/cli/version.ts";

test("version equals package.json's", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal(version, manifest.version);
});

test("the verb version says what --version says", () => {
  const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));
  const [asVerb, asOption] = ["version", "--version"].map((word) =>
    spawnSync(manifold, [word], { encoding: "utf8" }),
  );
  assert.equal(asVerb?.status, 0, asVerb?.stderr);
  assert.equal(asVerb?.stdout, asOption?.stdout);
  assert.match(asVerb?.stdout ?? "", new RegExp(`^manifold ${version.replaceAll(".", "\\.")}`));
});
