// Pins what the filter room promises beyond matching: errors that quote no file, limits, merge
// files in directories, levels that travel, attributes' names. Facts about rules: rsync(1).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import {
  type FileContent,
  type FilterContext,
  FilterLevel,
  type FilterProblem,
  type FilterSource,
  formatFilterRules,
  parseFilterRules,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
  verdictRisk,
  verdictShow,
} from "../../src/tree/filter/index.ts";

type Files = Readonly<Record<string, string | { reason: string }>>;

function reader(files: Files): (path: string) => FileContent {
  return (path) => {
    const file = files[path];
    return typeof file === "string" ? Buffer.from(file, "latin1") : file;
  };
}

function parse(rules: readonly (string | FilterSource)[], files: Files = {}, more: object = {}) {
  const sources = rules.map((rule) =>
    typeof rule === "string" ? { kind: "filter" as const, value: rule } : rule,
  );
  const context: FilterContext = { readFile: reader(files), ...more };
  return parseFilterRules(sources, context);
}

/** A level of the transfer root /top/root; `files` are by absolute path. */
function begin(set: ReturnType<typeof parse>, side: "source" | "target", files: Files = {}) {
  return FilterLevel.begin(set, side, { path: "/top/root", readFile: reader(files) });
}

function enter(level: FilterLevel, directory: string, files: Files = {}): FilterLevel {
  const path = `/top/root${directory === "" ? "" : `/${directory}`}`;
  return level.enter(directory, (name) => reader(files)(`${path}/${name}`));
}

function ask(level: FilterLevel, name: string): number {
  const isDirectory = name.endsWith("/");
  const bytes = Buffer.from(isDirectory ? name.slice(0, -1) : name, "latin1");
  return level.verdict(bytes, 0, bytes.length, isDirectory);
}

function hidden(level: FilterLevel, names: readonly string[]): string[] {
  return names.filter((name) => (ask(level, name) & verdictHide) !== 0);
}

function errorOf(run: () => unknown): ManifoldError {
  try {
    run();
  } catch (error) {
    if (error instanceof ManifoldError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}

test("without rules the set is empty and no level has anything to say", () => {
  const set = parse([]);
  assert.equal(set.isEmpty, true);
  assert.equal(set.hasDirectoryMerge, false);
  const level = begin(set, "source");
  assert.equal(level.isEmpty, true);
  assert.equal(ask(level, "a"), 0);
  assert.equal(enter(level, "d"), level);
});

test("one level serves the whole tree where rules look at names only", () => {
  const level = begin(parse(["- *.o", "- core", "+ [a-z]*"]), "source");
  assert.equal(enter(enter(level, "d"), "d/e"), level);
});

test("the side of a rule decides where it counts", () => {
  const set = parse(["H h", "S s", "P p", "R r", "- b", "+ c", "-r x", "-s y", "-sr z"]);
  const names = ["h", "s", "p", "r", "b", "c", "x", "y", "z"];
  const both = verdictProtect | verdictProtectLasting;
  assert.deepEqual(
    names.map((name) => ask(begin(set, "source"), name)),
    [verdictHide, verdictShow, 0, 0, verdictHide, verdictShow, 0, verdictHide, verdictHide],
  );
  assert.deepEqual(
    names.map((name) => ask(begin(set, "target"), name)),
    [0, 0, both, verdictRisk, both, verdictRisk, both, 0, both],
  );
});

test("--delete-excluded takes rules without a side off the target", () => {
  const set = parse(["- b", "P p", "-r x"], {}, { deleteExcluded: true });
  const target = begin(set, "target");
  assert.deepEqual(
    ["b", "p", "x"].map((name) => ask(target, name) !== 0),
    [false, true, true],
  );
  assert.deepEqual(hidden(begin(set, "source"), ["b", "p", "x"]), ["b"]);
});

test("a perishable rule does not protect in a directory that goes", () => {
  const target = begin(parse(["-p a", "+p b", "- b", "-p c", "+ c"]), "target");
  assert.equal(ask(target, "a"), verdictProtect);
  assert.equal(ask(target, "b"), verdictRisk | verdictProtectLasting);
  assert.equal(ask(target, "c"), verdictProtect);
});

test("an anchored pattern is relative to the transfer root, with or without the source's name", () => {
  const set = parse(["- /foo/x", "- /y"]);
  const withName = enter(begin(set, "source"), "foo");
  assert.deepEqual(hidden(withName, ["x", "y"]), ["x"]);
  const contents = enter(begin(set, "source"), "");
  assert.deepEqual(hidden(contents, ["x", "y"]), ["y"]);
});

test("exclude and include take only the short old prefixes", () => {
  const set = parse([
    { kind: "include", value: "keep" },
    { kind: "exclude", value: "+ kept" },
    { kind: "include", value: "- gone" },
    { kind: "exclude", value: "hide x" },
    { kind: "exclude", value: "" },
  ]);
  const level = begin(set, "source");
  assert.deepEqual(hidden(level, ["keep", "kept", "gone", "x", "hide x"]), ["gone", "hide x"]);
});

test("a clearing rule forgets what was before it, directory merges too", () => {
  const set = parse(["- a", ": .f", { kind: "exclude", value: "!" }, "- b"]);
  assert.deepEqual(formatFilterRules(set), ["- b"]);
  assert.equal(set.hasDirectoryMerge, false);
  assert.deepEqual(parse([": .f", "!", ": .f"]).mergeFileNames, [".f"]);
});

test("rule files skip comments and empty lines, end lines with LF, CR or CRLF, or NUL", () => {
  const lines = { list: "# a\n\n; b\r\n+ c\rd\r\n\n e\n#" };
  const from = { kind: "exclude-from", value: "list" } as const;
  assert.deepEqual(formatFilterRules(parse([from], lines)), ["+ c", "- d", "-  e"]);
  const nuls = { list: "a\nb\0;c\0\0+ d\0" };
  assert.deepEqual(formatFilterRules(parse([from], nuls, { from0: true })), ["- a\nb", "+ d"]);
});

test("-C stands for the list of CVS, the user's file and variable, and can be cleared", () => {
  const cvs = { homeFile: Buffer.from("mine\nown*"), environment: "*.junk  extra" };
  const level = begin(parse([":C", "-C"], {}, { cvs }), "source");
  const names = ["a.o", "CVS", ".git/", ".git", "mine", "ownx", "x.junk", "extra", "a.c", "core"];
  const gone = ["a.o", "CVS", ".git/", "mine", "ownx", "x.junk", "extra", "core"];
  assert.deepEqual(hidden(level, names), gone);
  assert.equal(ask(begin(parse(["-C"], {}, { cvs }), "target"), "a.o"), verdictProtect);
  const cleared = { homeFile: Buffer.from("mine ! own"), environment: "" };
  assert.deepEqual(formatFilterRules(parse(["-C"], {}, { cvs: cleared })), ["- own"]);
  const inTree = { "/top/root/.cvsignore": "here\n*.tmp", "/top/root/d/.cvsignore": "!" };
  const root = enter(begin(parse([":C"]), "source"), "", inTree);
  assert.deepEqual(hidden(root, ["here", "a.tmp", "b"]), ["here", "a.tmp"]);
  const below = enter(root, "d", inTree);
  assert.deepEqual(below.problems, []);
  assert.deepEqual(hidden(below, ["here", "a.tmp", "b"]), []);
});

test("merge files in directories are inherited, anchored where they lie, and overridden below", () => {
  const files = {
    "/top/root/.f": "- /only-here\n- *.x\n- d/deep\n",
    "/top/root/d/.f": "+ keep.x\n",
  };
  const set = parse([": .f"]);
  const root = enter(begin(set, "source"), "", files);
  const d = enter(root, "d", files);
  const e = enter(d, "d/e", files);
  const names = ["only-here", "a.x", "keep.x", "deep"];
  assert.deepEqual(hidden(root, names), ["only-here", "a.x", "keep.x"]);
  assert.deepEqual(hidden(d, names), ["a.x", "deep"]);
  assert.deepEqual(hidden(e, names), ["a.x"]);
});

test("modifiers of a directory merge: n does not inherit, e excludes the file, - reads patterns", () => {
  const files = { "/top/root/.f": "a\n+ b\n" };
  const root = enter(begin(parse([":en- .f"]), "source"), "", files);
  assert.deepEqual(hidden(root, ["a", "b", "+ b", ".f"]), ["a", "+ b", ".f"]);
  assert.deepEqual(hidden(enter(root, "d"), ["a", "+ b", ".f"]), [".f"]);
});

test("a merge file with a path is searched for from there down to the transfer", () => {
  const files = { "/.f": "- a\n", "/top/.f": "- b\n+ a\n- /root/c", "/top/root/.f": "- d" };
  const above = begin(parse([": /.f"]), "source", files);
  assert.deepEqual(above.mergeFileNames, [".f"]);
  const root = enter(above, "", files);
  assert.deepEqual(hidden(root, ["a", "b", "c", "d"]), ["b", "c", "d"]);
  assert.deepEqual(hidden(enter(root, "sub"), ["a", "b", "c", "d"]), ["b", "d"]);
  const beside = begin(parse([": ../x/.f"]), "source", files);
  assert.deepEqual(hidden(enter(beside, "", files), ["a", "b", "c", "d"]), ["d"]);
});

test("rules from above the transfer are not inherited with n", () => {
  const files = { "/top/.f": "- a\n", "/top/root/.f": "- b\n" };
  const root = enter(begin(parse([":n /.f"]), "source", files), "", files);
  assert.deepEqual(hidden(root, ["a", "b"]), ["b"]);
});

test("a file included by a merge file: bare names lie in the root, others beside the file", () => {
  const files = {
    "/top/root/d/.f": ". inc\n. ./inc\n",
    "/top/root/inc": "- a\n- /d/b\n- /c\n",
    "/top/root/d/inc": "- x\n- /y\n",
  };
  const d = enter(begin(parse([": .f"]), "source", files), "d", files);
  assert.deepEqual(d.problems, []);
  // Included rules are anchored at the transfer root, as in rsync.
  assert.deepEqual(hidden(d, ["a", "b", "c", "x", "y"]), ["a", "b", "x"]);
});

test("a cleared rule list forgets the merge files it named", () => {
  const files = { "/top/root/.f": ": .g\n- a\n!\n: .g\n", "/top/root/.g": "- b\n" };
  const root = enter(begin(parse([": .f"]), "source"), "", files);
  assert.deepEqual(root.mergeFileNames, [".f", ".g"]);
  assert.deepEqual(hidden(root, ["a", "b"]), ["b"]);
});

test("a file that a tree's merge file excludes by e is protected in spite of --delete-excluded", () => {
  const files = { "/top/root/.f": ":e .g\n- a\n" };
  const set = parse([":e .f"], {}, { deleteExcluded: true });
  const target = enter(begin(set, "target"), "", files);
  assert.deepEqual(
    [".f", ".g", "a"].map((name) => ask(target, name) !== 0),
    [false, true, false],
  );
});

test("a merge file can name more merge files, for its directory and below", () => {
  const files = {
    "/top/root/d/.f": ": .g\n",
    "/top/root/d/.g": "- a\n",
    "/top/root/.g": "- b\n",
    "/top/root/d/e/.g": "!\n- c\n",
  };
  const root = enter(begin(parse([": .f"]), "source"), "", files);
  assert.deepEqual(hidden(root, ["a", "b", "c"]), []);
  const d = enter(root, "d", files);
  assert.deepEqual(d.mergeFileNames, [".f", ".g"]);
  assert.deepEqual(hidden(d, ["a", "b", "c"]), ["a"]);
  assert.deepEqual(hidden(enter(d, "d/e", files), ["a", "b", "c"]), ["c"]);
  assert.deepEqual(hidden(enter(root, "f", files), ["a", "b", "c"]), []);
});

test("a directory whose name has wildcard characters anchors its own rules all the same", () => {
  const files = { "/top/root/a[b]*/.f": "- /x\n" };
  const root = enter(begin(parse([": .f"]), "source"), "", files);
  assert.deepEqual(hidden(enter(root, "a[b]*", files), ["x", "y"]), ["x"]);
});

test("text that is no rule is an error that shows arguments and hides files", () => {
  const bad: [string, string][] = [
    ["Zbogus", "unknown rule"],
    ["excluded x", "unknown rule"],
    ["-q x", "invalid modifier"],
    [".! x", "invalid modifier"],
    ["Hr x", "invalid modifier"],
    ["-", "ends before its pattern"],
    ["merge ", "ends before its pattern"],
    ["! x", "takes no argument"],
  ];
  for (const [rule, says] of bad) {
    const error = errorOf(() => parse([rule]));
    assert.equal(error.code, "usage");
    assert.ok(error.message.includes(rule) && error.message.includes(says), error.message);
    const inFile = errorOf(() => parse([". rules"], { rules: `- ok\r\n${rule}\n` }));
    assert.ok(!inFile.message.includes(rule), inFile.message);
    assert.ok(inFile.message.includes("rules line 2"), inFile.message);
  }
  const sided = errorOf(() => parse([".s rules"], { rules: "H x\n" }));
  assert.match(sided.message, /side/);
});

test("files named by files are told by the place that names them", () => {
  const files = { outer: ". inner\n", inner: "- x\nTOP SECRET\n" };
  const error = errorOf(() => parse([". outer"], files));
  assert.match(error.message, /a file named at outer line 1, line 2/);
  assert.doesNotMatch(error.message, /inner|SECRET/);
  const missing = errorOf(() => parse([". outer"], { outer: "\n. SECRET\n" }));
  assert.equal(missing.exit, 11);
  assert.match(missing.message, /a file named at outer line 2/);
  assert.doesNotMatch(missing.message, /SECRET|such/);
  const plain = errorOf(() => parse([{ kind: "exclude-from", value: "nope" }]));
  assert.match(plain.message, /exclude file nope: No such file/);
});

test("trouble with a tree's merge file is a problem of its directory, not an exception", () => {
  const files = {
    "/top/root/.f": "Zbad\n- a\n: ../secret\n",
    "/top/secret": "TOP SECRET\n",
    "/top/root/d/.f": { reason: "Permission denied" },
    "/top/root/e/.f": ". SECRET\n",
  };
  const root = enter(begin(parse([": .f"]), "source", files), "", files);
  const told = (level: FilterLevel): string => level.problems.map(messageOf).join("; ");
  assert.equal(root.problems.length, 2);
  assert.match(told(root), /root\/\.f line 1.*a file read earlier/);
  assert.doesNotMatch(told(root), /Zbad|SECRET|secret/);
  assert.deepEqual(hidden(root, ["a"]), ["a"]);
  const d = enter(root, "d", files);
  assert.match(told(d), /Permission denied/);
  assert.equal(d.problems[0]?.stops, false);
  const e = enter(root, "e", files);
  assert.equal(e.problems[0]?.stops, true);
  assert.doesNotMatch(told(e), /SECRET/);
  assert.deepEqual(enter(root, "g", files).problems, []);
});

function messageOf(problem: FilterProblem): string {
  return problem.message;
}

test("a file that merges itself stops at the depth limit, however often it does so", () => {
  const error = errorOf(() => parse([". loop"], { loop: ". loop\n" }));
  assert.match(error.message, /merge-file include depth limit \(32\) exceeded/);
  assert.equal(error.exit, 11);
  const files = { "/top/root/.f": ". .f\n. .f\n. .f\n- a\n" };
  const level = enter(begin(parse([": .f"]), "source", files), "", files);
  assert.match(level.problems.map(messageOf).join(), /depth limit.*limit is 10000/s);
});

test("rules beyond the limits are discarded or refused, not kept", () => {
  const set = parse([`- ${"x".repeat(4096)}`, "- y"]);
  assert.deepEqual(formatFilterRules(set), ["- y"]);
  assert.match(set.problems.map(messageOf).join(), /over-long.*4096 bytes/);
  const files = { "/top/root/.f": "- a\n".repeat(10_001) };
  const level = enter(begin(parse([": .f"]), "source"), "", files);
  assert.match(level.problems.map(messageOf).join(), /limit is 10000/);
  const many = { "/top/root/.f": Array.from({ length: 1001 }, (_, i) => `: m${i}\n`).join("") };
  const wide = enter(begin(parse([": .f"]), "source"), "", many);
  assert.match(wide.problems.map(messageOf).join(), /limit is 1000/);
});

test("rules about extended attributes judge names of attributes and nothing else", () => {
  const set = parse(["-x user.secret*", "+x user.*", "-xs *", "- *.o"]);
  assert.equal(set.hasXattrRules, true);
  const source = begin(set, "source");
  assert.equal(source.hasXattrRules, true);
  const names = ["user.secret.a", "user.x", "trusted.y", "a.o"];
  assert.deepEqual(
    names.filter((name) => source.excludesXattr(name)),
    ["user.secret.a", "trusted.y", "a.o"],
  );
  assert.deepEqual(hidden(source, names), ["a.o"]);
  const target = begin(set, "target");
  assert.deepEqual(
    names.filter((name) => target.excludesXattr(name)),
    ["user.secret.a"],
  );
  assert.equal(begin(parse(["- a"]), "source").hasXattrRules, false);
});

test("a level and its rule set survive the way to another thread", () => {
  const files = {
    "/top/root/.f": "- /a\n: .g\n",
    "/top/root/.g": "- b\n",
    "/top/root/d/.g": "+ b",
  };
  const set = parse([": .f", "- z"]);
  const level = enter(begin(set, "source"), "", files);
  const [set2, frozen] = structuredClone([set, level.freeze()] as const);
  const thawed = begin(set2, "source").thaw(frozen);
  const names = ["a", "b", "c", "z"];
  assert.deepEqual(hidden(thawed, names), ["a", "b", "z"]);
  assert.deepEqual(hidden(enter(thawed, "d", files), names), ["z"]);
});

test("entering a directory leaves the level above as it was", () => {
  const files = { "/top/root/d/.f": "!\n- a\n", "/top/root/.f": "- b\n" };
  const root = enter(begin(parse([": .f"]), "source"), "", files);
  enter(root, "d", files);
  assert.deepEqual(hidden(root, ["a", "b"]), ["b"]);
});

test("names longer than any file system allows are judged like others", () => {
  const level = enter(begin(parse(["- /d/**x"]), "source"), "d");
  assert.deepEqual(hidden(level, [`${"y".repeat(5000)}x`, "y".repeat(5000)]).length, 1);
});

test("a hostile pattern takes time proportional to the text, not to its powers", () => {
  const directory = Array.from({ length: 16 }, () => "a".repeat(250)).join("/");
  const patterns = [
    `/**${"a*".repeat(100)}b`,
    `/${"**a".repeat(100)}b`,
    `${"*a".repeat(120)}b`,
    `**/${"a*?".repeat(60)}/${"*a".repeat(60)}b/c`,
    `**${"a".repeat(249)}*b/c`,
  ];
  const name = Buffer.from("a".repeat(250));
  for (const pattern of patterns) {
    const level = enter(begin(parse([`- ${pattern}`, "- x"]), "source"), directory);
    const before = process.cpuUsage().user;
    for (let i = 0; i < 10; i++) level.verdict(name, 0, name.length, true);
    const milliseconds = (process.cpuUsage().user - before) / 1000;
    assert.ok(milliseconds < 1000, `${pattern.slice(0, 20)}: ${milliseconds} ms`);
  }
});
