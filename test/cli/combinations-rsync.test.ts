// What single combinations of options do, compared with rsync itself on scenes that are as small as
// they can be: what the random ones of mixed-rsync.test.ts once found.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { describe, it } from "node:test";
import {
  directory,
  fifo,
  file,
  hardLink,
  sampled,
  symlink,
  type TreeLiteral,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const skip = !haveOracle() && "rsync 3.5 is not installed";

/** Writes the trees, each in a folder of its name, and compares `OPTIONS src/ dst/`. */
function compare(trees: Readonly<Record<string, TreeLiteral>>, ...options: string[]): void {
  using folder = temporaryFolder();
  const scene = folder.at("scene");
  for (const [name, literal] of Object.entries(trees)) {
    mkdirSync(`${scene}/${name}`, { recursive: true });
    writeTree(`${scene}/${name}`, treeOf(literal));
  }
  // Whether "now" is another second than the run's must not matter.
  execFileSync("find", [scene, "-mmin", "-2", "-exec", "touch", "-hd", "2021-02-03", "{}", "+"]);
  // What cannot be removed from the source is told with the argument that it lies below.
  const stderrToo = !options.includes("--remove-source-files");
  assertSideBySide(scene, [...options, "src/", "dst/"], options.join(" "), { stderrToo });
}

describe("as in rsync", { skip }, () => {
  it("a new file that --fuzzy finds a basis for takes its permissions when -p is off", () => {
    const src = { "a-2": file("new content", { mode: 0o775 }) };
    const dst = { "a-1": file("old content", { mode: 0o640, mtime: 5 }) };
    for (const option of sampled(["-W", "--no-W", "-E"]))
      compare({ src, dst }, "-rlti", "-y", option);
  });

  it("with -E a basis directory may differ in all permissions but whether something can be executed", () => {
    const modes = { a: 0o711, b: 0o777, c: 0o666, d: 0o600 };
    const at = (change: number): TreeLiteral =>
      Object.fromEntries(
        Object.entries(modes).map(([name, mode]) => [
          name,
          file("x", { mtime: 5, mode: mode ^ change }),
        ]),
      );
    for (const change of sampled([0, 0o11, 0o20, 0o111])) {
      compare({ src: at(0), basis: at(change), dst: {} }, "-rltiE", "--link-dest=../basis");
    }
  });

  it("when it was last read does not make a file of a basis directory another one", () => {
    const src = { f: file("x", { mtime: 5, atime: 6 }) };
    const basis = { f: file("x", { mtime: 5, atime: 7 }) };
    compare({ src, basis, dst: {} }, "-rltpiU", "--link-dest=../basis");
  });

  it("--remove-source-files keeps what is no file and what a basis directory has", () => {
    const src = {
      same: symlink("a", { mtime: 5 }),
      other: symlink("b", { mtime: 5 }),
      file: file("x", { mtime: 5 }),
      pipe: fifo({ mtime: 5 }),
    };
    const basis = { ...src, other: symlink("c", { mtime: 5 }) };
    for (const option of ["--link-dest", "--compare-dest", "--copy-dest"]) {
      const options = ["-rltDi", "--remove-source-files", `${option}=../basis`];
      const targets = [{}, { same: file("x"), file: file("y") }];
      for (const dst of sampled(targets)) compare({ src, basis, dst }, ...options);
    }
  });

  it("a trial run tells what would be backed up, but for files that get new content", () => {
    const src = {
      f: file("f", { mtime: 5 }),
      file: file("x", { mtime: 5 }),
      l: symlink("a", { mtime: 5 }),
      d: directory({ n: file("n") }),
      h1: file("h", { mtime: 5 }),
      h2: hardLink("h1"),
      fifo: fifo({ mtime: 5 }),
    };
    const dst = {
      f: file("other", { mtime: 6 }),
      file: symlink("q", { mtime: 5 }),
      l: symlink("b", { mtime: 5 }),
      d: file("d"),
      h2: file("other", { mtime: 6 }),
      fifo: file("x", { mtime: 5 }),
    };
    for (const options of [["-b"], ["-b", "--delay-updates", "--suffix=.o"], ["-b", "--inplace"]]) {
      compare({ src, dst }, "-naHi", "--info=backup", ...options);
    }
    const gone = { gone: directory({ x: file("x"), y: symlink("y") }), x: file("x") };
    const options = ["--info=backup", "--backup-dir=../kept"];
    for (const time of ["--delete", "--delete-after"])
      compare({ src: {}, dst: gone }, "-nai", time, ...options);
  });

  it("--remove-source-files leaves what lies behind a symlink to a directory", () => {
    const src = {
      f: file("f", { mtime: 5 }),
      here: directory({ x: file("x", { mtime: 5 }), d: directory({ y: file("y", { mtime: 5 }) }) }),
      link: symlink("../basis", { mtime: 5 }),
    };
    const basis = { o: file("o", { mtime: 5 }), d: directory({ z: file("z", { mtime: 5 }) }) };
    for (const options of [["-kt"], ["-Lt"], ["-kt", "--delay-updates"]]) {
      compare({ src, basis, dst: {} }, "-ri", "--remove-source-files", ...options);
    }
  });

  it("files of several names stay that, and go from the source, with -H and --remove-source-files", () => {
    const inner = (content: string): TreeLiteral => ({
      a: directory({ x: file(content, { mtime: 5 }), y: hardLink("a/x") }),
      b: directory({ x: hardLink("a/x"), c: directory({ x: hardLink("a/x") }) }),
      f: file("f", { mtime: 5 }),
    });
    const src = inner("shared");
    for (const dst of sampled([{}, src, inner("other"), { b: directory({ x: file("shared") }) }])) {
      compare({ src, dst }, "-aHi", "--remove-source-files");
    }
    compare({ src, dst: {} }, "-aHi", "--remove-source-files", "--delay-updates");
  });

  it("times that are not kept for symlinks alone are told as t, and not set", () => {
    const src = { l: symlink("new", { mtime: 5 }), f: file("x", { mtime: 5 }) };
    const dst = { l: symlink("old", { mtime: 6 }), f: symlink("x", { mtime: 6 }) };
    for (const options of sampled(["-rltiJ", "-rltiOJ", "-rli"])) compare({ src, dst }, options);
  });

  it("of set-id files that are given to others the names are told under -vv", () => {
    const modes = [0o4755, 0o2755, 0o2644, 0o755];
    const src = Object.fromEntries(
      modes.map((mode) => [`f${mode}`, file("x", { mode, mtime: 5 })]),
    );
    for (const options of ["-av", "-avv"]) compare({ src, dst: src }, options, "--chown=1:2");
  });

  it("that --append-verify begins a file again is a warning where names or changes are shown", () => {
    const src = { f: file("0123456789", { mtime: 5 }), g: file("0123456789", { mtime: 5 }) };
    const dst = { f: file("01x34", { mtime: 6 }), g: file("01234", { mtime: 6 }) };
    for (const options of sampled(["-ai", "-a", "-av"]))
      compare({ src, dst }, options, "--append-verify");
  });

  it("the source is counted whole, also what --existing or -m leaves out", () => {
    const inner = directory({ x: file("x"), e: directory({ y: file("yy"), z: directory({}) }) });
    const src = { d: inner, f: file("f"), empty: directory({ e: directory({}) }) };
    for (const dst of [{}, { d: directory({}) }, { d: file("in the way") }]) {
      for (const options of sampled([["-m", "--existing"], ["-m"], ["--existing"]], 3))
        compare({ src, dst }, "-ai", "--info=stats2", ...options);
    }
  });

  it("what --delete-before leaves out of a transfer is told once", () => {
    const src = {
      d: directory({ pipe: fifo(), unsafe: symlink("/etc"), f: file("x") }),
      p: fifo(),
    };
    const options = ["-rlti", "--safe-links", "--delete-before"];
    compare({ src, dst: { d: directory({ f: file("y"), gone: file("") }) } }, ...options);
  });

  it("every decision of a filter rule is told with the rule (--debug=filter)", () => {
    const empty = file("");
    const src = {
      a: empty,
      b: empty,
      "c.o": empty,
      d: directory({ a: empty, b: empty, e: directory({ a: empty }), ".f": file("+ a\n") }),
      x: directory({ q: empty, ".f": file("- q\n") }),
      rules: file("- b\n"),
    };
    const dst = {
      b: empty,
      k: empty,
      d: directory({ k: empty }),
      keep: directory({ "1": empty }),
      g: directory({ "1": empty, k: empty }),
    };
    const sides = ["H a", "P k", "R keep", "S b", "-! *a*"].map((rule) => `--filter=${rule}`);
    const lines: readonly (readonly string[])[] = [
      ["--exclude=/b", "--exclude=e/", "--exclude=x/**", "--delete-before", "--exclude=k"],
      ["-C"],
      ["--filter=: .f", "--exclude=a"],
      [...sides, "--del"],
      ["--filter=P k", "--delete-after", "-m"],
      ["--filter=-p k", "--filter=P 1", "--delete-delay"],
      ["--exclude-from=src/rules"],
      ["--filter=. src/rules", "--exclude=x"],
      ["-F", "--filter=: .f", "--delete", "--include=k", "--exclude=*"],
    ];
    for (const line of sampled(lines)) compare({ src, dst }, "-aivv", "--debug=filter1", ...line);
  });

  it("a followed symlink that leads nowhere is nobody's problem where a rule hides it as whatever", () => {
    const src = { gone: symlink("../../../nowhere"), file: file("x"), here: directory({}) };
    const dst = { extra: file("y") };
    for (const hides of sampled(["--exclude=*/", "--exclude=gone", "--exclude=other"])) {
      for (const follows of sampled(["--copy-unsafe-links", "-L"])) {
        compare({ src, dst }, "-rltivv", "--delete", hides, follows);
      }
    }
  });
});
