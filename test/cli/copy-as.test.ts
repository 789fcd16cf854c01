// Pins --copy-as: everything is done with another user's rights, and nothing that he could not do.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const skip = !isRoot && "another user is for root to become";

test("--copy-as reads and writes with another user's rights", { skip }, () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["src", "dst"]) mkdirSync(folder.at(name));
  writeFileSync(folder.at("src/open"), "for all");
  writeFileSync(folder.at("src/secret"), "for root", { mode: 0o600 });
  chmodSync(cwd, 0o755);
  chmodSync(folder.at("src"), 0o755);
  chmodSync(folder.at("dst"), 0o777);
  for (const user of ["nobody", "nobody:nogroup"]) {
    const ran = runOurs("manifold", ["sync", "-O", `--copy-as=${user}`, "src/", "dst/"], { cwd });
    assert.equal(ran.exit, 23, ran.stderr);
    assert.match(ran.stderr, /cannot read "src\/secret": Permission denied/);
    assert.deepEqual(readdirSync(folder.at("dst")), ["open"]);
    assert.equal(readFileSync(folder.at("dst/open"), "latin1"), "for all");
    assert.equal(statSync(folder.at("dst/open")).uid, 65534);
  }
  const refused = [
    ["--copy-as=nosuchuser", "src/", "dst/"],
    ["--copy-as=nobody:nosuchgroup", "src/", "dst/"],
  ];
  for (const argv of refused)
    assert.equal(runOurs("manifold-rsync", ["-a", ...argv], { cwd }).exit, 1);
  const asNobody = runOurs("manifold", ["sync", "--copy-as=root", "src/", "dst/"], {
    ...{ cwd, asNobody: true },
  });
  assert.equal(asNobody.exit, 1);
  assert.match(asNobody.stderr, /only root can become the user root/);
  const far = runOurs("manifold", ["sync", "--copy-as=nobody", "h:src/", "dst/"], { cwd });
  assert.equal(far.exit, 4);
});
