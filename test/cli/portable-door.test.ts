// Whole runs through Node's own file functions (MANIFOLD_FS=portable): the same trees as through
// system calls and as rsync's, a second run that finds nothing to do, and one clear word about what
// cannot be kept.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertSameTree,
  haveSystemCalls,
  mutateTree,
  readTree,
  sampled,
  type TemporaryFolder,
  type TreeSnapshot,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { type Ended, isRoot, runOurs } from "./run-ours.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const seeds = Array.from({ length: isLong ? 40 : 1 }, (_, index) => index + 1);
const portable = { MANIFOLD_FS: "portable" };
const linux = { MANIFOLD_FS: "linux" };

/** What Node's functions keep of a time. */
const step = { timeResolutionNs: 1000n };

/** A folder that everybody may enter, with empty folders in it. */
function folderWith(...names: string[]): TemporaryFolder {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  for (const name of names) mkdirSync(folder.at(name));
  return folder;
}

/** Takes out of a tree what the door cannot make. */
function dropNodes(path: string): void {
  const kinds = ["p", "s", "c", "b"].flatMap((kind) => ["-o", "-type", kind]).slice(1);
  spawnSync("find", [path, "(", ...kinds, ")", "-delete"]);
}

function sync(folder: TemporaryFolder, door: object, asNobody: boolean, ...argv: string[]): Ended {
  const options = { cwd: folder.path, asNobody, env: { ...door } };
  return runOurs("manifold", ["sync", ...argv], options);
}

function giveToNobody(path: string): void {
  spawnSync("chown", ["-Rh", "65534:65534", path]);
}

/** In a mount namespace of its own, /proc can be covered. */
const coverProc = `mount --make-rprivate / && mount -t tmpfs none /proc && exec "$@"`;
const namespace = ["--mount", "sh", "-c", coverProc, "sh"];

function noNamespace(): string | false {
  return spawnSync("unshare", [...namespace, "true"]).status === 0
    ? false
    : "needs mount namespaces";
}

function withoutProc(folder: TemporaryFolder, ...argv: string[]): Ended {
  const launcher = join(import.meta.dirname, "../../manifold");
  const env = { ...process.env, ...portable };
  const options = { cwd: folder.path, env, encoding: "latin1", timeout: 60_000 } as const;
  const ran = spawnSync("unshare", [...namespace, launcher, ...argv], options);
  const lines = ran.stdout.split("\n").filter((line) => line !== "");
  return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr, lines };
}

/** Asserts that a run ended well and had nothing to say but these lines. */
function assertQuiet(ended: Ended, lines: readonly string[] = []): void {
  assert.equal(ended.stderr, "");
  assert.deepEqual(ended.lines, lines);
  assert.equal(ended.exit, 0);
}

/** Every two names that are one file in the first tree are one in the second. */
function assertLinked(wanted: TreeSnapshot, found: TreeSnapshot): void {
  const groups = new Map<string, string>();
  for (const [path, { linkGroup }] of wanted.entries) {
    if (linkGroup === "") continue;
    const group = found.entries.get(path)?.linkGroup ?? "absent";
    assert.equal(groups.get(linkGroup) ?? group, group, `${path} is linked`);
    groups.set(linkGroup, group);
  }
}

function checkTree(seed: number, asNobody = false): void {
  using folder = folderWith("src", "dst", "linux", "rsync");
  const variety = { specials: false, entries: 120, privileged: isRoot && !asNobody };
  writeTree(folder.at("src"), varietyTree(seed, variety));
  dropNodes(folder.at("src"));
  if (asNobody) giveToNobody(folder.path);
  const run = (door: object, target: string, ...more: string[]): Ended =>
    sync(folder, door, asNobody, "-aHi", "src/", target, ...more);
  const first = run(portable, "dst/");
  assert.equal(first.stderr, "");
  assert.equal(first.exit, 0);
  assertSameTree(folder.at("src"), folder.at("dst"), step);
  assertQuiet(run(portable, "dst/"));
  run(linux, "linux/");
  spawnSync("rsync", ["-aH", "src/", "rsync/"], { cwd: folder.path });

  mutateTree(seed, folder.at("src"), { privileged: variety.privileged });
  dropNodes(folder.at("src"));
  if (asNobody) giveToNobody(folder.path);
  assert.equal(run(portable, "dst/", "--delete").stderr, "");
  assertQuiet(run(portable, "dst/", "--delete"));
  const [wanted, found] = [readTree(folder.at("src")), readTree(folder.at("dst"))];
  // Links that the target had before stay where the files are still equal, as with rsync.
  assertSameTree(wanted, found, { ...step, ignore: ["linkGroup"] });
  assertLinked(wanted, found);
  run(linux, "linux/", "--delete");
  if (haveSystemCalls()) assertSameTree(folder.at("linux"), found, step);
  spawnSync("rsync", ["-aH", "src/", "rsync/", "--delete"], { cwd: folder.path });
  // rsync looks at whole seconds.
  const asRsync = { ignore: ["linkGroup"], timeResolutionNs: 1_000_000_000n } as const;
  assertSameTree(folder.at("rsync"), found, asRsync);
}

test("trees of all kinds are copied, updated and cleaned as by system calls and by rsync", () => {
  for (const seed of seeds) checkTree(seed);
});

test("a user's trees are, too", { skip: isRoot ? false : "needs root to become nobody" }, () => {
  for (const seed of seeds) checkTree(seed + 1000, true);
});

test("without /proc handles are paths, and runs end the same", { skip: noNamespace() }, () => {
  for (const seed of seeds) {
    using folder = folderWith("src", "dst");
    writeTree(folder.at("src"), varietyTree(seed + 2000, { specials: false, privileged: false }));
    const first = withoutProc(folder, "sync", "-aHi", "src/", "dst/");
    assert.equal(first.stderr, "");
    assert.equal(first.exit, 0);
    assertSameTree(folder.at("src"), folder.at("dst"), step);
    mutateTree(seed, folder.at("src"), { specials: false, privileged: false });
    dropNodes(folder.at("src"));
    assert.equal(withoutProc(folder, "sync", "-aHi", "--delete", "src/", "dst/").stderr, "");
    assertQuiet(withoutProc(folder, "sync", "-aHi", "--delete", "src/", "dst/"));
    assertSameTree(folder.at("src"), folder.at("dst"), { ...step, ignore: ["linkGroup"] });
  }
});

test("no option brings a second run to do anything", () => {
  using folder = folderWith("src");
  const at = (name: string): string => folder.at(`src/${name}`);
  writeFileSync(at("sparse"), "x");
  truncateSync(at("sparse"), 5_000_000);
  writeFileSync(at("old"), "old");
  writeFileSync(at("future"), "future");
  linkSync(at("old"), at("twin"));
  symlinkSync("old", at("link"));
  // The year 2300: node:fs has no exact microseconds there.
  const touch = (time: string, name: string): unknown =>
    spawnSync("touch", ["-h", "-d", time, at(name)]);
  for (const name of ["link", "old"]) touch("1931-05-06 07:08:09.123456789", name);
  touch("2300-01-02 03:04:05.678901234", "future");
  touch("2021-01-02 03:04:05.000000001", "sparse");
  for (const options of sampled([
    ["-S"],
    ["-c"],
    ["--modify-window=-1"],
    ["-U", "--open-noatime"],
    [],
    ["-u"],
    ["--inplace"],
  ])) {
    rmSync(folder.at("dst"), { recursive: true, force: true });
    const run = (): Ended => sync(folder, portable, false, "-aHi", ...options, "src/", "dst/");
    assert.equal(run().exit, 0);
    const again = run();
    assert.deepEqual([again.lines, again.exit], [[], 0], options.join(" "));
    const isExact = options[0] === "--modify-window=-1";
    assert.match(again.stderr, isExact ? /^manifold: times are kept .* 1000 ns: .*\n/ : /^$/);
    const ignore = (path: string, attribute: string): boolean =>
      path === "future" && attribute === "mtimeNs";
    assertSameTree(folder.at("src"), folder.at("dst"), { ...step, ignore });
    if (options[0] === "-S") assert.ok(statSync(folder.at("dst/sparse")).blocks < 100);
  }
  assert.equal(statSync(folder.at("dst/future")).mtimeMs % 1000, 0);
});

test("a changeset is applied once, and found done by the second time", () => {
  using folder = folderWith("src", "dst");
  const variety = { specials: false, entries: 60, privileged: false } as const;
  writeTree(folder.at("src"), varietyTree(11, variety));
  writeTree(folder.at("dst"), varietyTree(11, variety));
  mutateTree(11, folder.at("src"), variety);
  spawnSync("mkfifo", [folder.at("src/pipe")]);
  const launcher = join(import.meta.dirname, "../../manifold");
  const script = `"$0" diff src dst >orders && "$0" send src <orders >whole`;
  const env = { ...process.env, ...portable };
  const options = { cwd: folder.path, env, encoding: "utf8" } as const;
  const written = spawnSync("sh", ["-c", script, launcher], options);
  assert.deepEqual([written.status, written.stderr], [0, ""]);
  for (const turn of [1, 2]) {
    const ran = spawnSync("sh", ["-c", `"$0" receive dst <whole`, launcher], options);
    // The pipe is in the changeset, which may be applied elsewhere, but cannot be made here.
    assert.equal(ran.status, 23);
    assert.match(
      ran.stderr,
      /^manifold: pipes.* are left out: .*\n.*1 problem.*\n$/i,
      `turn ${turn}`,
    );
  }
  dropNodes(folder.at("src"));
  assertSameTree(folder.at("src"), folder.at("dst"), { ...step, ignore: topTime });
});

/** The top's time is that of the pipe which was not made, or was taken away. */
function topTime(path: string, attribute: string): boolean {
  return path === "" && attribute === "mtimeNs";
}

test("pipes, sockets and devices are named, told of once, and the run ends with 23", () => {
  using folder = folderWith("src", "src/below");
  writeFileSync(folder.at("src/file"), "content");
  spawnSync("mkfifo", [folder.at("src/one"), folder.at("src/below/two")]);
  for (const extra of [[], ["-n"], []]) {
    const ended = sync(folder, portable, false, "-a", "--threads=2", ...extra, "src/", "dst/");
    assert.equal(ended.exit, 23);
    const skipped = ended.lines.filter((line) => line.startsWith("skipping non-regular file"));
    assert.equal(skipped.length, 2);
    const told = ended.stderr.match(/pipes, sockets and devices are left out: /g);
    assert.equal(told?.length, 1, ended.stderr);
  }
  assert.equal(readFileSync(folder.at("dst/file"), "utf8"), "content");
  for (const quiet of [["--no-D"], ["--existing"]]) {
    const ended = sync(folder, portable, false, "-a", ...quiet, "src/", "dst/");
    assert.deepEqual([ended.stderr, ended.exit], ["", 0]);
  }
});

test("attributes that cannot be kept are refused before anything is changed", () => {
  using folder = folderWith("src");
  writeFileSync(folder.at("src/file"), "content");
  for (const option of sampled(["-A", "-X", "-M--fake-super", "--fake-super"])) {
    const ended = sync(folder, portable, false, "-a", option, "src/", "dst/");
    assert.equal(ended.exit, 4, option);
    assert.match(
      ended.stderr,
      /^manifold: cannot keep .*: Node's own .* MANIFOLD_FS=portable .*\n$/,
    );
    assert.ok(!existsSync(folder.at("dst")));
  }
});
