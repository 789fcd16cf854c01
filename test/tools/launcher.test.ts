// Pins what ./manifold promises before the program itself begins: it builds once however many start
// at the same moment, rebuilds when a source changed, leaves argv, stdin and the process alone, and
// says in one line what it cannot do. Each test has a small checkout of its own: the real launcher
// and build tools with a program that prints what reached it.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isForBuilding } from "../../tools/build/install.mjs";
import { holderState } from "../../tools/build/lock.mjs";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const top = dirname(dirname(import.meta.dirname));

/** Prints what the launcher handed over; `stdin` as an argument adds what can be read there. */
const program = `
import { readFileSync } from "node:fs";
import { says } from "./says.ts";
const argv = readFileSync("/proc/self/cmdline").toString("hex");
const stdin = process.argv.includes("stdin") ? readFileSync(0, "utf8") : "";
console.log(JSON.stringify({ says, pid: process.pid, argv, stdin, module: process.argv[1] }));
`;

interface Handover {
  readonly says: string;
  readonly pid: number;
  readonly argv: string;
  readonly stdin: string;
  readonly module: string;
}

test("many first runs at once all work, from one build", async () => {
  using folder = checkout();
  const runs = Array.from({ length: 8 }, () => finished(spawn(folder.at("manifold"))));
  for (const { code, stdout } of await Promise.all(runs)) {
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as Handover).says, "first");
  }
  assert.equal(builds(folder.path).length, 1);
});

test("the program runs in the launcher's own process, with its stdin and the bytes of its argv", () => {
  using folder = checkout();
  const bytes = Buffer.from([0xff, 0x20, 0x0a, 0xc3, 0x28, 0x2a, 0x27]);
  writeFileSync(folder.at("args"), bytes);
  const script = 'exec "$0" stdin "$(cat args)" ""';
  for (let time = 0; time < 2; time++) {
    // The first time it is built before it runs: neither npm nor the bundler may read stdin.
    const run = spawnSync("sh", ["-c", script, folder.at("manifold")], {
      cwd: folder.path,
      input: "some input",
      encoding: "utf8",
    });
    const handover = JSON.parse(run.stdout) as Handover;
    assert.equal(handover.pid, run.pid);
    assert.equal(handover.stdin, "some input");
    const argv = Buffer.concat([Buffer.from("\0stdin\0"), bytes, Buffer.from("\0\0")]);
    assert.ok(handover.argv.endsWith(argv.toString("hex")), handover.argv);
  }
});

test("Node is not made to read certificates; programs that are started find the variable", () => {
  using folder = temporaryFolder();
  const script = '#!/bin/sh\necho "$NODE_EXTRA_CA_CERTS" > "$(dirname "$0")/seen"\nexit 5\n';
  writeFileSync(folder.at("shell"), script, { mode: 0o755 });
  writeFileSync(folder.at("not-certificates"), "nothing of that kind");
  const args = ["sync", "-e", folder.at("shell"), "host:a", folder.at("b")];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: folder.at("not-certificates") };
  const { stderr } = spawnSync(join(top, "manifold"), args, { encoding: "utf8", env });
  // Node would warn of a file that it cannot make sense of.
  assert.doesNotMatch(stderr, /extra certs/);
  assert.equal(readFileSync(folder.at("seen"), "utf8"), `${folder.at("not-certificates")}\n`);
});

test("a build that is up to date is not looked at twice", () => {
  using folder = checkout();
  run(folder);
  const before = statSync(folder.at(".build/current")).mtimeMs;
  const { stderr } = run(folder);
  assert.equal(stderr, "");
  assert.equal(statSync(folder.at(".build/current")).mtimeMs, before);
});

test("an edit in place, a new file and a file that is back lead to a new build", () => {
  using folder = checkout();
  assert.equal(run(folder).says, "first");
  writeFileSync(folder.at("src/cli/says.ts"), 'export const says = "second";\n');
  assert.equal(run(folder).says, "second");
  writeFileSync(folder.at("src/cli/more.ts"), 'export const says = "third";\n');
  unlinkSync(folder.at("src/cli/says.ts"));
  writeFileSync(folder.at("src/cli/says.ts"), 'export { says } from "./more.ts";\n');
  assert.equal(run(folder).says, "third");
  writeFileSync(folder.at("src/cli/says.ts"), 'export const says = "first";\n');
  unlinkSync(folder.at("src/cli/more.ts"));
  const { says, stderr } = run(folder);
  assert.equal(says, "first");
  assert.equal(stderr, "", "the first build is still there and is used again");
});

test("touching a source without changing it builds nothing", () => {
  using folder = checkout();
  run(folder);
  const later = new Date(Date.now() + 5);
  utimesSync(folder.at("src/cli/says.ts"), later, later);
  assert.equal(run(folder).stderr, "");
  assert.equal(builds(folder.path).length, 1);
});

test("a source that does not compile is reported once, before the closing line, exit 1", () => {
  using folder = checkout();
  writeFileSync(folder.at("src/cli/says.ts"), "export const says = (\n");
  const { status, stdout, stderr } = spawnSync(folder.at("manifold"), { encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.equal(stderr.match(/says\.ts:2/g)?.length, 1, stderr);
  assert.match(stderr, /manifold: cannot build: see above\n$/);
});

test("the launcher is found through links, through PATH and by a relative name", () => {
  using folder = checkout();
  mkdirSync(folder.at("bin"));
  symlinkSync("../manifold", folder.at("bin/one"));
  symlinkSync(folder.at("bin/one"), folder.at("bin/two"));
  symlinkSync(folder.at("bin"), folder.at("elsewhere"));
  const env = { ...process.env, PATH: `${folder.at("bin")}:${process.env.PATH}` };
  for (const [program, ...args] of [
    ["./manifold"],
    ["bin/two"],
    ["elsewhere/one"],
    ["two"],
    ["sh", "manifold"],
  ]) {
    const run = spawnSync(program ?? "", args, { cwd: folder.path, env, encoding: "utf8" });
    assert.equal((JSON.parse(run.stdout) as Handover).says, "first", program);
  }
});

test("manifold-rsync runs its own entry of the same build", () => {
  using folder = checkout();
  const { stdout } = spawnSync(folder.at("manifold-rsync"), { encoding: "utf8" });
  const { module } = JSON.parse(stdout) as Handover;
  assert.match(module, /manifold-rsync\.cjs$/);
  assert.equal(builds(folder.path).length, 1);
});

test("the two launchers differ in the program's name only", () => {
  const lines = (name: string): string[] =>
    readFileSync(join(top, name), "utf8")
      .replace(/^#(?!!).*\n/gm, "")
      .split("\n");
  const ours = lines("manifold").map((line) =>
    line.replace(/entry=manifold$/, "entry=manifold-rsync"),
  );
  assert.deepEqual(ours, lines("manifold-rsync"));
});

test("a checkout that cannot be written to is built into the user's cache", (t) => {
  using folder = checkout({ packages: "copied" });
  using cache = temporaryFolder();
  chmodSync(cache.path, 0o777);
  chmodSync(folder.path, 0o555);
  // Permissions do not stop root.
  const somebody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (spawnSync("test", ["-x", folder.at("manifold")], somebody).status !== 0) {
    t.skip("the folder for temporary files is not open to other users");
    return;
  }
  const env = { ...process.env, XDG_CACHE_HOME: cache.path, HOME: cache.path };
  for (const expected of [/^manifold: building\n$/, /^$/]) {
    const run = spawnSync(folder.at("manifold"), { env, ...somebody, encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stderr, expected);
    assert.ok((JSON.parse(run.stdout) as Handover).module.startsWith(cache.path), run.stdout);
  }
  assert.ok(!existsSync(folder.at(".build")));
});

test("without node, or with one that is too old, one line says so, exit 1", () => {
  using folder = checkout();
  using path = temporaryFolder();
  const start = (): { status: number | null; stderr: string } =>
    spawnSync(folder.at("manifold"), { env: { PATH: path.path }, encoding: "utf8" });
  assert.deepEqual(pick(start()), {
    status: 1,
    stderr: "manifold: needs Node.js 20.19 or newer; there is no node in PATH\n",
  });
  const old = '#!/bin/sh\n[ "$1" = --version ] && echo v18.2.0\nexit 1\n';
  writeFileSync(path.at("node"), old, { mode: 0o755 });
  assert.deepEqual(pick(start()), {
    status: 1,
    stderr: "manifold: needs Node.js 20.19 or newer; the node in PATH is v18.2.0\n",
  });
});

test("without packages and without a network, one line says so, exit 1", () => {
  using folder = checkout({ packages: "none" });
  const run = spawnSync(folder.at("manifold"), { env: offline(folder), encoding: "utf8" });
  assert.equal(run.status, 1);
  assert.deepEqual(run.stderr.trim().split("\n"), [
    "manifold: installing npm packages and building, once",
    "manifold: cannot install the npm packages it needs: the registry is out of reach",
  ]);
});

test("the far end of a connection never builds", () => {
  using folder = checkout();
  const far = spawnSync(folder.at("manifold"), ["agent"], { encoding: "utf8" });
  assert.equal(far.status, 1);
  assert.match(far.stderr, /^manifold: not built on this machine yet; run .*\n$/);
  assert.ok(!existsSync(folder.at(".build")));
  run(folder);
  writeFileSync(folder.at("src/cli/says.ts"), 'export const says = "second";\n');
  const { stdout } = spawnSync(folder.at("manifold"), ["agent"], { encoding: "utf8" });
  assert.equal((JSON.parse(stdout) as Handover).says, "first", "it makes do with the build it has");
});

test("a lock whose holder was killed does not stop the next build", () => {
  using folder = checkout();
  mkdirSync(folder.at(".build/tmp-build"), { recursive: true });
  const holder = spawnSync(process.execPath, ["-e", "process.exit()"]);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const namespace = readlinkSync("/proc/self/ns/pid");
  const owner = { pid: holder.pid, boot, namespace, start: "1" };
  writeFileSync(folder.at(".build/lock"), JSON.stringify(owner));
  assert.equal(run(folder).says, "first");
  assert.deepEqual(
    readdirSync(folder.at(".build")).filter((name) => name !== "current"),
    builds(folder.path),
  );
});

test("a holder of the lock that can be seen is alive as long as it runs, however silent it is", () => {
  using folder = temporaryFolder();
  const path = folder.at("lock");
  const stat = readFileSync("/proc/self/stat", "utf8");
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const namespace = readlinkSync("/proc/self/ns/pid");
  const owner = { pid: process.pid, boot, namespace, start };
  const cases = [
    [owner, "alive"],
    [{ ...owner, start: "1" }, "dead"],
    [{ ...owner, boot: "another machine's" }, "unknown"],
  ] as const;
  for (const [holder, state] of cases) {
    writeFileSync(path, JSON.stringify(holder));
    assert.equal(holderState(path), state);
  }
});

/** A checkout whose program is `program`; its packages are this one's. */
function checkout({ packages = "linked" as "linked" | "copied" | "none" } = {}): TemporaryFolder {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  for (const name of ["manifold", "manifold-rsync", "tools", "package.json", "package-lock.json"]) {
    cpSync(join(top, name), folder.at(name), { recursive: true });
  }
  mkdirSync(folder.at("src/cli"), { recursive: true });
  writeFileSync(folder.at("src/cli/manifold.ts"), program);
  writeFileSync(folder.at("src/cli/manifold-rsync.ts"), program);
  writeFileSync(folder.at("src/cli/says.ts"), 'export const says = "first";\n');
  if (packages === "linked") symlinkSync(join(top, "node_modules"), folder.at("node_modules"));
  for (const name of packages === "copied" ? readdirSync(join(top, "node_modules")) : []) {
    if (!isForBuilding(`node_modules/${name}`) && !isForBuilding(`node_modules/${name}/`)) continue;
    cpSync(join(top, "node_modules", name), folder.at(`node_modules/${name}`), { recursive: true });
  }
  return folder;
}

function run(folder: TemporaryFolder): Handover & { readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(folder.at("manifold"), { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return { ...(JSON.parse(stdout) as Handover), stderr };
}

function builds(top: string): string[] {
  return readdirSync(join(top, ".build")).filter((name) => /^[0-9a-f]{16}$/.test(name));
}

/** An environment in which npm reaches nothing and remembers nothing. */
function offline(folder: TemporaryFolder): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder.path,
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_cache: folder.at("npm-cache"),
    npm_config_fetch_retries: "0",
  };
}

function pick({ status, stderr }: { status: number | null; stderr: string }): object {
  return { status, stderr };
}

async function finished(child: ChildProcess): Promise<{ code: number | null; stdout: string }> {
  let stdout = "";
  child.stdout?.on("data", (bytes) => {
    stdout += bytes;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout };
}
