// Pins scan, diff, send, show and invert: every way of joining them by pipes and files gives the same
// records, what they write matches the schema, and what is wrong is said in one line.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mutateTree, sampled, temporaryFolder, varietyTree, writeTree } from "../support/index.ts";
import { stageInline } from "./stage-inline.ts";
import { runStage, shown, stage } from "./stages.ts";

const seeds = process.env.MANIFOLD_LONG ? 20 : 1;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Makes the trees a and b in the folder, b a changed version of a. */
function makeTrees(folder: string, seed: number): void {
  mkdirSync(join(folder, "a"));
  writeTree(join(folder, "a"), varietyTree(seed));
  const { status } = spawnSync("cp", ["-a", "a", "b"], { cwd: folder });
  assert.equal(status, 0);
  mutateTree(seed, join(folder, "b"), { changes: 25 });
}

test("a stage writes the same in a process of its own as in this one", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 2);
  const difference = stageInline(cwd, ["diff", "a", "b"]);
  const stages: [string[], Uint8Array?][] = [
    [["scan", "a"]],
    [["diff", "a", "b"]],
    [["send", "a"], difference],
    [["invert"], difference],
  ];
  for (const [argv, input] of stages) {
    const { exit, bytes, stderr } = runStage(cwd, argv, input);
    assert.deepEqual([exit, stderr], [0, ""]);
    // Not the bytes: reading a tree changes when it was last read.
    assert.deepEqual(shown(cwd, bytes), shown(cwd, stageInline(cwd, argv, input)));
  }
  const show = ["show", "--json", "-"];
  const { bytes } = runStage(cwd, show, difference);
  assert.equal(bytes.toString("utf8"), stageInline(cwd, show, difference).toString("utf8"));
});

/** Literal bytes of a changeset. */
function literalIn(cwd: string, changeset: Uint8Array): number {
  const { totals } = shown(cwd, changeset).at(-1) as { totals: { literal: number } };
  return totals.literal;
}

test("trees and listings, files and pipes: diff of the same two trees is always the same", () => {
  for (let seed = 0; seed < seeds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, seed);
    const [a, b] = [stage(cwd, ["scan", "a"]), stage(cwd, ["scan", "b/"])];
    writeFileSync(join(cwd, "a.listing"), a);
    writeFileSync(join(cwd, "b.listing"), b);
    const expected = stage(cwd, ["diff", "--basis=none", "--no-detect-renamed", "a", "b"]);
    const ways: [string[], Buffer?][] = [
      [["a.listing", "b"]],
      [["a", "b.listing"]],
      [["a.listing", "b.listing"]],
      [["-", "b"], a],
      [["a", "-"], b],
      [["-", "b.listing"], a],
    ];
    for (const [args, input] of ways) {
      const found = stage(cwd, ["diff", "--basis=none", "--no-detect-renamed", ...args], input);
      assert.ok(found.equals(expected), `seed ${seed}: ${args.join(" ")}`);
    }
  }
});

test("the inverse of a difference is the difference the other way round", () => {
  for (let seed = 0; seed < seeds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, seed);
    const inverse = stage(
      cwd,
      ["invert"],
      stage(cwd, ["diff", "--basis=none", "--no-detect-renamed", "a", "b"]),
    );
    const other = stage(cwd, ["diff", "--basis=none", "--no-detect-renamed", "b", "a"]);
    assert.deepEqual(shown(cwd, inverse), shown(cwd, other), `seed ${seed}`);
  }
});

test("a tree and itself differ in nothing", () => {
  using folder = temporaryFolder();
  makeTrees(folder.path, 7);
  const records = shown(folder.path, stage(folder.path, ["diff", "a", "a"]));
  assert.deepEqual(
    records.map(({ type }) => type),
    ["header", "summary"],
  );
});

test("what the verbs write matches the schema", (t) => {
  if (spawnSync("python3", ["--version"]).status !== 0) {
    t.skip("python3 is not installed");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 11);
  spawnSync("cp", ["-a", "b", "c"], { cwd });
  writeFileSync(join(cwd, "a/named"), "named");
  writeFileSync(join(cwd, "list"), "named\n");
  const difference = stage(cwd, ["diff", "a", "b"]);
  const outputs = {
    listing: stage(cwd, ["scan", "--digests", "--signatures", "a"]),
    cset: difference,
    csetdata: stage(cwd, ["send", "a"], difference),
    packed: stage(cwd, ["send", "-z", "a"], difference),
    inverse: stage(cwd, ["invert"], difference),
    digested: stage(cwd, ["diff", "--basis=digest", "a", "b"]),
    named: stage(cwd, ["scan", "--files-from=list", "a"]),
  };
  stage(cwd, ["receive", "--undo=undo", "c"], outputs.csetdata);
  stage(cwd, ["sync", "-H", "--delete", "--force", "--tee=tee", "a/", "b/"]);
  for (const [name, bytes] of Object.entries(outputs)) writeFileSync(join(cwd, name), bytes);
  const { status, stdout } = spawnSync(
    "python3",
    [
      here("../changeset/validate.py"),
      here("../../docs/design/changeset.cddl"),
      "item",
      ...Object.keys(outputs),
      ...["undo", "tee"],
    ],
    { cwd, encoding: "utf8" },
  );
  assert.equal(status, 0, stdout);
});

test("of a file that changed here and there only the changes are sent", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  writeFileSync(join(cwd, "a/large"), Buffer.alloc(2_000_000, "0123456789abcdefghijklmnopqrstuvw"));
  cpSync(join(cwd, "a"), join(cwd, "b"), { recursive: true });
  appendFileSync(join(cwd, "a/large"), "and a little more");
  const literal = (basis: string): number => {
    const difference = stage(cwd, ["diff", `--basis=${basis}`, "a", "b"]);
    return literalIn(cwd, stage(cwd, ["send", "a"], difference));
  };
  assert.ok(literal("signature") < 10_000);
  assert.equal(literal("none"), 2_000_017);
});

test("a listing with signatures serves as well as the tree that it is of", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a/d"), { recursive: true });
  const filler = "0123456789abcdefghijklmnopqrstuvw";
  for (const name of ["a/early", "a/large", "a/d/large", "a/same"]) {
    writeFileSync(join(cwd, name), Buffer.alloc(1_000_000, filler + name));
  }
  writeFileSync(join(cwd, "a/empty"), "");
  assert.equal(spawnSync("cp", ["-a", "a", "b"], { cwd }).status, 0);
  for (const name of ["a/large", "a/d/large"]) appendFileSync(join(cwd, name), "and a little more");
  rmSync(join(cwd, "a/early"));
  appendFileSync(join(cwd, "a/empty"), "no more");
  const listing = stage(cwd, ["scan", "--signatures", "b"]);
  writeFileSync(join(cwd, "b.listing"), listing);
  assert.deepEqual(
    stage(cwd, ["show", "b.listing"]),
    stage(cwd, ["show", "-"], stage(cwd, ["scan", "b"])),
  );
  for (const detects of ["--detect-renamed", "--no-detect-renamed"]) {
    const argv = ["diff", "--delete", detects, "a"];
    const difference = stage(cwd, [...argv, "b.listing"]);
    assert.deepEqual(difference, stage(cwd, [...argv, "b"]), detects);
    assert.ok(literalIn(cwd, stage(cwd, ["send", "a"], difference)) < 10_000);
    const without = stage(cwd, [...argv, "--basis=none", "b.listing"]);
    assert.equal(literalIn(cwd, stage(cwd, ["send", "a"], without)), 2_000_041);
  }
});

test("a file whose time alone differs is sent as a copy of what is there", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  writeFileSync(join(cwd, "a/x"), "content");
  cpSync(join(cwd, "a"), join(cwd, "b"), { recursive: true });
  utimesSync(join(cwd, "a/x"), 1, 1);
  const difference = stage(cwd, ["diff", "--basis=digest", "a", "b"]);
  assert.equal(literalIn(cwd, stage(cwd, ["send", "a"], difference)), 0);
});

test("--checksum goes by the digests of listings, and finds what time and size hide", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const [name, content] of [
    ["a", "one"],
    ["b", "two"],
  ] as const) {
    mkdirSync(join(cwd, name));
    writeFileSync(join(cwd, name, "x"), content);
    utimesSync(join(cwd, name, "x"), 1, 1);
    utimesSync(join(cwd, name), 1, 1);
    writeFileSync(join(cwd, `${name}.listing`), stage(cwd, ["scan", "--digests", name]));
  }
  const orders = (...args: string[]): number =>
    shown(cwd, stage(cwd, ["diff", ...args])).filter(({ type }) => type === "order").length;
  assert.equal(orders("a", "b"), 0);
  assert.equal(orders("-c", "a", "b"), 1);
  assert.equal(orders("-c", "a.listing", "b.listing"), 1);
  assert.equal(orders("-c", "a.listing", "b"), 1);
  assert.equal(orders("-c", "a.listing", "a"), 0);
});

test("a file that changed since diff looked is a problem, not content", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  for (const name of ["changed", "gone", "kept"]) writeFileSync(join(cwd, "a", name), name);
  const difference = stage(cwd, ["diff", "a", "b"]);
  appendFileSync(join(cwd, "a/changed"), "!");
  rmSync(join(cwd, "a/gone"));
  const { exit, bytes, stderr } = runStage(cwd, ["send", "a"], difference);
  assert.equal(exit, 23);
  assert.match(stderr, /a\/changed/);
  assert.match(stderr, /a\/gone/);
  const records = shown(cwd, bytes);
  assert.equal(records.filter(({ type }) => type === "problem").length, 2);
  const summary = records.at(-1) as { exit: number; totals: { literal: number } };
  assert.deepEqual([summary.exit, summary.totals.literal], [23, "kept".length]);
});

test("hard links are told by the path of the first name", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a/d"), { recursive: true });
  writeFileSync(join(cwd, "a/one"), "x");
  linkSync(join(cwd, "a/one"), join(cwd, "a/two"));
  linkSync(join(cwd, "a/one"), join(cwd, "a/d/three"));
  const links = shown(cwd, stage(cwd, ["scan", "a"])).map(({ path, link }) => [path, link]);
  assert.deepEqual(links.slice(2, -1), [
    ["one", undefined],
    ["two", "one"],
    ["d", undefined],
    ["d/three", "one"],
  ]);
});

test("a directory whose listing takes several records is one directory", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  for (let n = 0; n < 25_000; n++) writeFileSync(join(cwd, "a", `${n}-${"x".repeat(40)}`), "");
  const listing = stage(cwd, ["scan", "a"]);
  writeFileSync(join(cwd, "a.listing"), listing);
  for (const args of [
    ["a", "a.listing"],
    ["a.listing", "a"],
  ]) {
    const orders = shown(cwd, stage(cwd, ["diff", "--delete", ...args]));
    assert.deepEqual(
      orders.filter(({ type }) => type === "order"),
      [],
    );
  }
});

test("--files-from names what is listed and compared, and nothing else goes", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a/d", "b/d"]) mkdirSync(join(cwd, name), { recursive: true });
  for (const name of ["a/x", "a/y", "a/d/z", "b/d/w", "b/v"]) writeFileSync(join(cwd, name), name);
  writeFileSync(join(cwd, "list"), "x\nd/z\n");
  const listing = stage(cwd, ["scan", "--files-from=list", "a"]);
  const listed = shown(cwd, listing).flatMap(({ type, path }) => (type === "entry" ? [path] : []));
  assert.deepEqual(listed, ["x", "d", "d/z"]);
  for (const difference of [
    stage(cwd, ["diff", "--no-detect-renamed", "--files-from=list", "a", "b"]),
    stage(cwd, ["diff", "--no-detect-renamed", "-", "b"], listing),
  ]) {
    const orders = shown(cwd, difference).filter(({ type }) => type === "order");
    const paths = orders.map(({ order, path }) => `${order} ${path}`).filter((o) => !/ d$/.test(o));
    assert.deepEqual(paths, ["ADD x", "ADD d/z"]);
  }
});

test("what is wrong is said in one line with its exit status", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  writeFileSync(join(cwd, "text"), "this is no listing");
  const listing = stage(cwd, ["scan", "a"]);
  const cases: [string[], number, RegExp, Buffer?][] = [
    [["scan"], 1, /takes 1 argument/],
    [["scan", "--delete", "a"], 1, /--delete has no meaning for manifold scan/],
    [["scan", "-R", "a"], 1, /--relative has no meaning/],
    [["diff", "--link-dest=x", "a", "a"], 1, /it is for receive/],
    [["diff", "-n", "a", "a"], 1, /--dry-run has no meaning/],
    [["send", "--files-from=x", "a"], 1, /it is for scan and diff/],
    [["receive", "--exclude=x", "a"], 1, /--exclude=PATTERN has no meaning/],
    [["receive", "--inplace", "a"], 1, /only a sync does that/],
    [["show", "--checksum", "x"], 1, /--checksum has no meaning/],
    [["diff", "a"], 1, /takes 2 arguments/],
    [["diff", "-", "-"], 1, /only one side/],
    [["scan", "host:a"], 1, /join them by a pipe/],
    [["scan", "missing"], 3, /No such file/],
    [["diff", "text", "a"], 12, /no changeset or listing/],
    [["show", "text"], 12, /no changeset or listing/],
    [["show", "missing"], 3, /No such file/],
    [["send", "a"], 3, /is a listing/, listing],
    [["invert"], 3, /is a listing/, listing],
    [["invert"], 12, /the input ends/, listing.subarray(0, 30)],
  ];
  for (const [argv, exit, says, input] of sampled(cases)) {
    const ended = runStage(cwd, argv, input);
    assert.equal(ended.exit, exit, `${argv.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, says);
    assert.equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
  }
});

test("with --json each stage ends with a summary of what it wrote", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, "a/new"), "new");
  writeFileSync(join(cwd, "b/gone"), "gone");
  const summary = (argv: readonly string[], input?: Uint8Array) => {
    const { exit, bytes, stderr } = runStage(cwd, [...argv, "--json"], input);
    assert.equal(exit, 0, stderr);
    const last = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
    assert.equal(last.type, "summary");
    return { bytes, entries: last.entries, total: last.bytes };
  };
  assert.equal(summary(["scan", "a"]).entries.scanned, 1);
  const difference = summary(["diff", "a", "b"]);
  assert.deepEqual([difference.entries.created, difference.entries.deleted], [1, 1]);
  const sent = summary(["send", "a"], difference.bytes);
  assert.deepEqual([sent.entries.created, sent.total.literal], [1, 3]);
  assert.equal(summary(["invert"], difference.bytes).entries.created, 1);
});

test("a reader who has seen enough is no error", () => {
  using folder = temporaryFolder();
  makeTrees(folder.path, 3);
  const script = `"${here("../../manifold")}" scan a | head -c 20 >/dev/null; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], {
    cwd: folder.path,
    encoding: "utf8",
  });
  assert.equal(stdout.trim(), "0", stderr);
});
