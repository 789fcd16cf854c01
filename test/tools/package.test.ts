// Pins that the packed npm package carries its build: installed globally it runs at once, without
// the sources, the bundler or a second npm run.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";

const top = dirname(dirname(import.meta.dirname));

test("the packed package installs globally and runs without building anything", (t) => {
  using folder = temporaryFolder();
  const checkout = folder.at("checkout");
  for (const name of readdirSync(top)) {
    if (/^(\.git|\.build|node_modules|test|bench)$/.test(name)) continue;
    cpSync(join(top, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(top, "node_modules"), join(checkout, "node_modules"));
  const options = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  const npm = (cwd: string, ...args: string[]): string =>
    execFileSync("npm", [...args, ...options], { cwd, encoding: "utf8" });

  const tarball = npm(checkout, "pack", "--pack-destination", folder.path).trim();
  assert.ok(!existsSync(join(checkout, "dist")), "packing leaves nothing behind");
  try {
    npm(
      folder.path,
      "install",
      "-g",
      "--ignore-scripts",
      `--prefix=${folder.at("global")}`,
      `./${tarball}`,
    );
  } catch {
    t.skip("npm cannot fetch the dependencies of the package");
    return;
  }
  const installed = folder.at("global/lib/node_modules/manifold");
  assert.ok(!existsSync(join(installed, "src")));
  const before = readdirSync(installed).sort();
  for (const name of ["manifold", "manifold-rsync"]) {
    const program = folder.at(`global/bin/${name}`);
    const { status, stdout, stderr } = spawnSync(program, ["--version"], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.notEqual(stdout, "");
    assert.equal(stderr, "");
  }
  assert.deepEqual(readdirSync(installed).sort(), before);
});
