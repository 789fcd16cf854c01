// What single combinations of options do, compared with rsync itself on scenes that are as small as
// they can be: what the random ones of mixed-rsync.test.ts once found.

import { mkdirSync } from "node:fs";
import { describe, it } from "node:test";
import { directory, file, type TreeLiteral, temporaryFolder, treeOf, writeTree } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const skip = !haveOracle() && "rsync 3.5 is not installed";

/** Writes the trees, each in a folder of its name, and compares `OPTIONS src/ dst/`. */
function compare(trees: Readonly<Record<string, TreeLiteral>>, ...options: string[]): void {
  using folder = temporaryFolder();
  const scene = folder.at("scene");
  for (const [name, literal] of Object.entries(trees)) {
    mkdirSync(`${scene}/${name}`, { recursive: true });
    writeTree(`${scene}/${name}`, treeOf(literal, { mtime: 1_600_000_000 }));
  }
  assertSideBySide(scene, [...options, "src/", "dst/"], options.join(" "));
}

describe("as in rsync", { skip }, () => {
  it("a new file that --fuzzy finds a basis for takes its permissions when -p is off", () => {
    const src = { "a-2": file("new content", { mode: 0o775 }) };
    const dst = { "a-1": file("old content", { mode: 0o640, mtime: 5 }) };
    for (const option of ["-W", "--no-W", "-E"]) compare({ src, dst }, "-rlti", "-y", option);
  });

  it("every decision of a filter rule is told with the rule (--debug=filter)", () => {
    const empty = file("");
    const src = {
      a: empty,
      b: empty,
      "c.o": empty,
      d: directory({ a: empty, b: empty, e: directory({ a: empty }), ".f": file("+ a\n") }),
      x: directory({ q: empty, ".f": file("- q\n") }),
      rules: file("b\n"),
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
      ["--exclude=/b", "--exclude=e/", "--exclude=x/**"],
      ["--exclude=/b", "--exclude=e/", "--delete", "--exclude=k"],
      ["-C"],
      ["--filter=: .f", "--exclude=a"],
      [...sides, "--del"],
      ["--exclude=k", "--exclude=keep", "--delete-excluded"],
      ["--filter=P k", "--delete-after", "-m"],
      ["--filter=- a", "--delete-before"],
      ["--filter=-p k", "--filter=P 1", "--delete-delay"],
      ["--filter=-p k", "--filter=P 1", "--delete-after"],
      ["--exclude-from=src/rules"],
      ["--filter=. src/rules", "--exclude=x"],
      ["-F", "--filter=: .f", "--delete", "--include=k", "--exclude=*"],
    ];
    for (const line of lines) compare({ src, dst }, "-aivv", "--debug=filter1", ...line);
  });
});
