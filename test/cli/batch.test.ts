// Pins recording and replaying: --tee, --write-batch, --only-write-batch and --read-batch. What a
// recording replayed makes of a tree is what rsync makes of it at once, with the same options.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assertSameTree,
  mutateTree,
  readTree,
  sampled,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { runStage, stage } from "./stages.ts";

const seeds = process.env.MANIFOLD_LONG === "1" ? 20 : 1;
const manifoldRsync = fileURLToPath(new URL("../../manifold-rsync", import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

function run(cwd: string, program: string, ...argv: readonly string[]): Ended {
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const ended = spawnSync(program, argv, { cwd, env, encoding: "latin1" });
  return { status: ended.status, out: ended.stdout + ended.stderr };
}

function ours(cwd: string, ...argv: readonly string[]): string {
  const { status, out } = run(cwd, manifoldRsync, ...argv);
  assert.equal(status, 0, `${argv.join(" ")}: ${out}`);
  return out;
}

/** Makes the trees a and b, b a changed version of a, and c and d, copies of b. */
function makeTrees(cwd: string, seed: number): void {
  mkdirSync(join(cwd, "a"));
  writeTree(join(cwd, "a"), varietyTree(seed));
  run(cwd, "cp", "-a", "a", "b");
  mutateTree(seed, join(cwd, "b"), { changes: 25 });
  for (const name of ["c", "d"]) run(cwd, "cp", "-a", "b", name);
}

test("--tee records what the run does: received elsewhere, it does the same", () => {
  for (let seed = 0; seed < seeds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, seed);
    stage(cwd, ["sync", "-HAX", "--delete", "--force", "--tee=recorded", "a/", "b/"]);
    assertSameTree(readTree(join(cwd, "b")), readTree(join(cwd, "a")));
    stage(cwd, ["receive", "c"], readFileSync(join(cwd, "recorded")));
    assertSameTree(readTree(join(cwd, "c")), readTree(join(cwd, "a")));
    assert.equal(statSync(join(cwd, "recorded")).mode & 0o777, 0o600);
  }
});

test("a batch replayed makes the tree that rsync makes with the same options", (t) => {
  if (spawnSync("rsync", ["--version"]).status !== 0) {
    t.skip("rsync is not installed");
    return;
  }
  const cases: readonly (readonly string[])[] = [
    ["-a", "a/"],
    ["-a", "a"],
    ["-aH", "--delete", "--force", "a/"],
    ["-a", "--exclude=*a*", "--delete", "--force", "a/"],
    ["-rt", "a/", "e/"],
    ["-aR", "a/", "./e"],
    ["-am", "--include=*/", "--include=*e*", "--exclude=*", "a/"],
    ["-a", "--files-from=list", "a/"],
    ["-a", "--existing", "a/"],
    ["-a", "e/one"],
    ["-aL", "links/"],
    ["-a", "--chmod=F600", "a/"],
  ];
  for (const argv of sampled(cases)) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, 3);
    mkdirSync(join(cwd, "e/sub/deep"), { recursive: true });
    writeFileSync(join(cwd, "e/one"), "one");
    writeFileSync(join(cwd, "e/sub/deep/two"), "two");
    mkdirSync(join(cwd, "links"));
    symlinkSync("../e/one", join(cwd, "links/file"));
    symlinkSync("../e/sub", join(cwd, "links/directory"));
    writeFileSync(join(cwd, "a/named"), "named");
    // rsync does not mend a directory's time within the same second.
    for (const name of ["a", "e/sub/deep", "e/sub", "e"]) utimesSync(join(cwd, name), 1000, 1000);
    writeFileSync(join(cwd, "list"), "named\n");
    const before = readTree(join(cwd, "c"));
    const said = run(cwd, "rsync", "--force", ...argv, "d/");
    assert.equal(said.status, 0, said.out);
    ours(cwd, "--force", ...argv, "--only-write-batch=batch", "c/");
    assertSameTree(readTree(join(cwd, "c")), before);
    const replayed = run(cwd, manifoldRsync, "--read-batch=batch", "c/");
    assert.equal(replayed.status, 0, `${argv.join(" ")}: ${replayed.out}`);
    // Where nothing is said of the target's own time, rsync leaves it at "now", and we as it was.
    const isOwnTime = (path: string, attribute: string): boolean =>
      path === "" &&
      attribute === "mtimeNs" &&
      (argv.at(-1) !== "a/" || argv.includes("--files-from=list"));
    assertSameTree(readTree(join(cwd, "d")), readTree(join(cwd, "c")), { ignore: isOwnTime });
  }
});

test("--write-batch does the run as well, and its script replays it on a target of choice", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 4);
  ours(cwd, "-aH", "--delete", "--force", "--write-batch=it's $HOME", "a/", "b/");
  assertSameTree(readTree(join(cwd, "b")), readTree(join(cwd, "a")));
  const script = readFileSync(join(cwd, "it's $HOME.sh"), "latin1");
  assert.equal(statSync(join(cwd, "it's $HOME.sh")).mode & 0o777, 0o700);
  for (let n = 0; n < 2; n++) {
    const { status, out } = run(cwd, "sh", "./it's $HOME.sh", "c");
    assert.equal(status, 0, `${script}: ${out}`);
    assertSameTree(readTree(join(cwd, "c")), readTree(join(cwd, "a")));
  }
});

test("a batch is replayed with what was kept when it was written, into a target that it makes", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 6);
  ours(cwd, "-aH", "--only-write-batch=batch", "a/", "new/");
  assert.equal(existsSync(join(cwd, "new")), false);
  ours(cwd, "--read-batch=batch", "new");
  assertSameTree(readTree(join(cwd, "new")), readTree(join(cwd, "a")));
  assert.equal(run(cwd, manifoldRsync, "--read-batch=batch", "no/such/place").status, 11);
});

test("a trial run records nothing; files to be removed stay while only a batch is written", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  writeFileSync(join(cwd, "a/x"), "x");
  ours(cwd, "-an", "--write-batch=batch", "a/", "b/");
  assert.equal(existsSync(join(cwd, "batch")), false);
  const out = ours(cwd, "-av", "--remove-source-files", "--only-write-batch=batch", "a/", "b/");
  assert.match(out, /\(BATCH ONLY\)/);
  assert.ok(existsSync(join(cwd, "a/x")));
  assert.equal(existsSync(join(cwd, "b")), false);
});

test("what cannot be recorded or replayed is said, with rsync's words and exit status", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  mkdirSync(join(cwd, "b"));
  writeFileSync(join(cwd, "text"), "text");
  const long = "b".repeat(257);
  const cases: readonly [readonly string[], number, RegExp][] = [
    [
      ["-a", "--write-batch=x", "--read-batch=y", "a/", "b"],
      1,
      /--write-batch and --read-batch can not/,
    ],
    [
      ["-a", "--read-batch=x", "--files-from=y", "b"],
      1,
      /--read-batch cannot be used with --files-from/,
    ],
    [["-a", "--read-batch=x", "--remove-source-files", "b"], 1, /with --remove-source-files/],
    [["-a", `--write-batch=${long}`, "a/", "b"], 1, /must be 256 characters or less/],
    [["-a", "--read-batch=none", "b"], 11, /Batch file ".*none" open error: No such file/],
    [["-a", "--read-batch=a", "b"], 11, /Batch file ".*a" is not a regular file/],
    [["-a", "--write-batch=none/x", "a/", "b"], 3, /open error: No such file/],
    [["-a", "--read-batch=text", "b"], 12, /no changeset/],
    [["-a", "--max-delete=1", "--write-batch=x", "a/", "b"], 1, /cannot be used with --max-delete/],
  ];
  for (const [argv, exit, says] of cases) {
    const { status, out } = run(cwd, manifoldRsync, ...argv);
    assert.equal(status, exit, `${argv.join(" ")}: ${out}`);
    assert.match(out, says);
  }
  assert.equal(runStage(cwd, ["sync", "--read-batch=none", "b"]).exit, 11);
});
