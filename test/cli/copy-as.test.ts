// Pins --copy-as: everything is done with another user's rights, and nothing that he could not do.

import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/index.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");
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
});

for (const [way, rsync] of [
  ["pull", false],
  ["push", false],
  ["pull", true],
  ["push", true],
] as const) {
  const what = `a ${way} by ${rsync ? "rsync's" : "our"} protocol`;
  test(`--copy-as is about this end of ${what}, which connects as who it was`, { skip }, () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    for (const name of ["src", "dst"]) mkdirSync(folder.at(name));
    chmodSync(cwd, 0o755);
    chownSync(folder.at("dst"), 65534, 65534);
    writeFileSync(folder.at("src/open"), "for all");
    writeFileSync(folder.at("src/secret"), "for root", { mode: 0o600 });
    // Nobody but root may connect.
    writeFileSync(folder.at("shell"), '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o700 });
    const places =
      way === "pull" ? [`h:${cwd}/src/`, `${cwd}/dst/`] : [`${cwd}/src/`, `h:${cwd}/dst/`];
    const far = rsync ? ["--protocol=rsync"] : [`--remote-path=${program}`];
    const argv = ["sync", "-O", "--copy-as=nobody", "-e", folder.at("shell"), ...far, ...places];
    const ran = runOurs("manifold", argv, { cwd });
    const made = statSync(folder.at("dst/open"));
    if (way === "push") {
      assert.equal(ran.exit, 23, ran.stderr);
      assert.match(ran.stderr, /secret": Permission denied/);
      assert.deepEqual(readdirSync(folder.at("dst")), ["open"]);
      assert.equal(made.uid, 0);
    } else {
      assert.equal(ran.exit, 0, ran.stderr);
      assert.deepEqual(readdirSync(folder.at("dst")), ["open", "secret"]);
      assert.equal(made.uid, 65534);
    }
  });
}

test("-M--copy-as is about the other end", { skip }, () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["src", "dst"]) mkdirSync(folder.at(name));
  chmodSync(cwd, 0o755);
  writeFileSync(folder.at("src/secret"), "for root", { mode: 0o600 });
  writeFileSync(folder.at("shell"), '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o700 });
  const connection = ["-e", folder.at("shell"), `--remote-path=${program}`, "-M--copy-as=nobody"];
  const ran = runOurs("manifold", ["sync", ...connection, `h:${cwd}/src/`, "dst/"], { cwd });
  assert.equal(ran.exit, 23, ran.stderr);
  assert.match(ran.stderr, /secret": Permission denied/);
  assert.deepEqual(readdirSync(folder.at("dst")), []);
});
