// rsync's ways to a daemon: rsync://, host::module and $RSYNC_CONNECT_PROG, and `manifold-rsync --daemon` on standard
// input and output.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type Ended, isRoot, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold-rsync");

/** A folder with modules and something to send. */
function scene(): TemporaryFolder {
  const folder = temporaryFolder();
  for (const name of ["src", "mod", "outside"]) mkdirSync(folder.at(name));
  writeTree(folder.at("src"), varietyTree(3));
  const user = isRoot ? "uid = root\ngid = root\n" : "";
  const text = `${user}use chroot = no
pid file = ${folder.path}/pid
log file = ${folder.path}/log
hosts allow = localhost 127.0.0.0/8
[mod]
	path = ${folder.path}/./mod
	read only = no
	munge symlinks = no
[ro]
	path = ${folder.path}/mod
	comment = to read
[away]
	path = ${folder.path}/mod
	hosts deny = *
	hosts allow = 192.0.2.1
`;
  writeFileSync(folder.at("conf"), text);
  return folder;
}

function run(folder: TemporaryFolder, argv: readonly string[], command = program): Ended {
  const connect = `${command} --daemon --config=${folder.at("conf")}`;
  const env = { RSYNC_CONNECT_PROG: connect };
  return runOurs("manifold-rsync", argv, { cwd: folder.path, env });
}

describe("a daemon on a pipe", () => {
  it("is pushed to and pulled from", () => {
    using folder = scene();
    const push = run(folder, ["-aH", "src/", "rsync://localhost/mod/dest/"]);
    assert.equal(push.stderr, "");
    assertSameTree(readTree(folder.at("src")), folder.at("mod/dest"));
    const pull = run(folder, ["-aH", "localhost::ro/dest/", "back/"]);
    assert.equal(pull.stderr, "");
    assertSameTree(readTree(folder.at("src")), folder.at("back"));
    assert.ok(!existsSync(folder.at("pid")), "a pipe is nobody's server");
    assert.match(
      readFileSync(folder.at("log"), "utf8"),
      /^\{"time":.*"event":"enter","module":"mod"/m,
    );
  });

  it("lists its modules, and its trees", () => {
    using folder = scene();
    assert.equal(
      run(folder, ["localhost::"]).stdout,
      "mod            \t\nro             \tto read\n",
    );
    writeFileSync(folder.at("mod/file"), "content");
    assert.match(run(folder, ["rsync://localhost/ro/file"]).stdout, /^-rw.* 7 .* file\n$/);
  });

  it("keeps its clients to the module, read only or not", () => {
    using folder = scene();
    writeFileSync(folder.at("outside/secret"), "secret");
    symlinkSync("../outside", folder.at("mod/out"));
    const before = readTree(folder.at("outside"));
    const refused = run(folder, ["src/", "rsync://localhost/ro/"]);
    assert.match(refused.stderr, /module is read only/);
    assert.equal(refused.exit, 5);
    assert.equal(run(folder, ["-a", "src/", "rsync://localhost/away/"]).exit, 5);
    run(folder, ["-a", "--copy-dest=../out", "outside/secret", "rsync://localhost/mod/dest/"]);
    run(folder, ["-aK", "src/", "rsync://localhost/mod/out/"]);
    run(folder, ["-aL", "rsync://localhost/mod/out/", "stolen/"]);
    assertSameTree(before, folder.at("outside"));
    assert.ok(!existsSync(folder.at("stolen/secret")));
  });
});
