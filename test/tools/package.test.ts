// Pins that the packed npm package carries its build: installed globally it runs at once, without
// the sources, the bundler or a second npm run. Without optional packages it takes Node's own file
// functions, and says so only where that matters.

import assert, { AssertionError } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const top = dirname(dirname(import.meta.dirname));

const quietly = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];

function npm(cwd: string, ...args: string[]): string {
  // The runner of the tests keeps them from all other programs.
  const { MANIFOLD_TEST_CA_CERTS: kept, NODE_EXTRA_CA_CERTS: certificates = kept } = process.env;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificates };
  return execFileSync("npm", [...args, ...quietly], { cwd, encoding: "utf8", env });
}

/** Packs a copy of this checkout and returns the tarball's path. */
function pack(folder: TemporaryFolder): string {
  const checkout = folder.at("checkout");
  for (const name of readdirSync(top)) {
    if (/^(\.git|\.build|node_modules|test|bench)$/.test(name)) continue;
    cpSync(join(top, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(top, "node_modules"), join(checkout, "node_modules"));
  const tarball = npm(checkout, "pack", "--pack-destination", folder.path).trim();
  assert.ok(!existsSync(join(checkout, "dist")), "packing leaves nothing behind");
  return folder.at(tarball);
}

/** Where the package was installed. */
interface Installed {
  readonly programs: string;
  readonly folder: string;
}

/** Installs the tarball globally below a prefix. */
function installGlobally(tarball: string, prefix: string): Installed {
  npm(dirname(tarball), "install", "-g", "--ignore-scripts", `--prefix=${prefix}`, tarball);
  return { programs: join(prefix, "bin"), folder: join(prefix, "lib/node_modules/manifold") };
}

/** Installs the tarball into a project, without optional packages (npm 11 takes them along in global installations). */
function installBare(tarball: string, project: string): Installed {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), "{}");
  npm(project, "install", "--ignore-scripts", "--omit=optional", tarball);
  const modules = join(project, "node_modules");
  assert.ok(!existsSync(join(modules, "koffi")));
  return { programs: join(modules, ".bin"), folder: join(modules, "manifold") };
}

test("the packed package installs globally and runs, with and without optional packages", (t) => {
  using folder = temporaryFolder();
  const tarball = pack(folder);
  let whole: Installed;
  let bare: Installed;
  try {
    whole = installGlobally(tarball, folder.at("global"));
    bare = installBare(tarball, folder.at("project"));
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    t.skip("npm cannot fetch the dependencies of the package");
    return;
  }
  assertRuns(whole);
  for (const name of ["manifold", "manifold-rsync"]) {
    const page = readFileSync(folder.at(`global/share/man/man1/${name}.1`), "utf8");
    assert.match(page, /^\.TH "MANIFOLD/, "man(1) finds it beside the program");
  }
  assertRuns(bare);
  const source = folder.at("source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "content");
  // What Node's own file functions cannot keep tells which door was taken.
  spawnSync("touch", ["-d", "2020-02-03 04:05:06.123456789", join(source, "file")]);
  for (const installed of [whole, bare]) {
    const target = folder.at(installed === whole ? "target" : "other-target");
    const sync = (...argv: string[]): Told =>
      run(installed, "manifold", "sync", "-a", ...argv, `${source}/`, target);
    assert.deepEqual(sync(), { status: 0, stdout: "", stderr: "" });
    assert.deepEqual(sync("-i"), { status: 0, stdout: "", stderr: "" });
    const nanos = statSync(join(target, "file"), { bigint: true }).mtimeNs % 1000n;
    assert.equal(nanos, installed === whole ? 789n : 0n);
    const acls = sync("-A");
    assert.equal(acls.status, installed === whole ? 0 : 4);
    if (installed === bare) assert.match(acls.stderr, /lists \(-A\): .* the package koffi/);
    const version = run(installed, "manifold", "--version").stdout;
    assert.equal(version.includes("no ACLs"), installed === bare);
  }
});

function run({ programs }: Installed, program: string, ...argv: string[]): Told {
  const env = { ...process.env, MANIFOLD_FS: "" };
  const ran = spawnSync(join(programs, program), argv, { encoding: "utf8", env });
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

interface Told {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Both programs run at once: nothing is built, and nothing written where the package lies. */
function assertRuns(installed: Installed): void {
  const { folder } = installed;
  assert.ok(!existsSync(join(folder, "src")));
  const before = readdirSync(folder).sort();
  for (const name of ["manifold", "manifold-rsync"]) {
    const { status, stdout, stderr } = run(installed, name, "--version");
    assert.equal(status, 0, stderr);
    assert.notEqual(stdout, "");
    assert.equal(stderr, "");
  }
  assert.deepEqual(readdirSync(folder).sort(), before);
}
