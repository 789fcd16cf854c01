// Scenes and command lines for comparing what arguments mean: a few small trees with the same names
// in them again and again, links of every kind, file lists, targets of every kind.

import { mkdirSync, writeFileSync } from "node:fs";
import {
  type Choice,
  directory,
  file,
  symlink,
  type TreeLiteral,
  type TreeNode,
  treeOf,
  writeTree,
} from "../support/index.ts";

const names = ["f", "g", "s", "t", "d", "e"];
const linkTargets = [
  "f",
  "s",
  "nowhere",
  "loop",
  "../f",
  "../a",
  "../../a/s",
  "/nonexistent/x",
  "s/f",
  "s/../f",
  ".",
  "/rsyncd-munged/f",
];
/** No target may turn out to be a part of a source: rsync would copy it into itself. */
const innerLinks = linkTargets.filter((target) => !target.startsWith("../"));
const oldTime = 1_600_000_000;

function smallTree(choice: Choice, depth: number, links = linkTargets): TreeLiteral {
  const entries: Record<string, TreeNode> = {};
  for (const name of names) {
    if (choice.percent(depth === 0 ? 25 : 45)) continue;
    const mtime = oldTime + choice.below(3);
    const roll = choice.below(10);
    if (roll < 5) entries[name] = file("x".repeat(choice.below(3)), { mtime });
    else if (roll < 8 && depth < 3) {
      const mode = choice.of([0o755, 0o755, 0o700, 0o750]);
      entries[name] = directory(smallTree(choice, depth + 1, links), { mtime, mode });
    } else if (roll < 9) entries[name] = symlink(choice.of(links), { mtime });
    else entries[name] = directory({}, { mtime });
  }
  if (choice.percent(15)) entries.loop = symlink("loop", { mtime: oldTime });
  if (choice.percent(20)) entries[".filt"] = file(choice.of(["- f\n", "- s\n", "- t/\n"]), {});
  return entries;
}

/** Builds a scene in the folder `path`, which is made: sources a, b, c, targets of every kind, a file list. */
export function buildArgumentScene(path: string, choice: Choice): void {
  mkdirSync(path);
  const tree = treeOf({
    file: file("file", { mtime: oldTime }),
    other: file("other", { mtime: oldTime }),
    link: symlink("a", { mtime: oldTime }),
    flink: symlink("file", { mtime: oldTime }),
    dangling: symlink("nowhere", { mtime: oldTime }),
    dlink: symlink("dst", { mtime: oldTime }),
    there: file("there", { mtime: oldTime + 5 }),
  });
  for (const source of ["a", "b", "c"]) {
    tree.entries.set(source, directory(smallTree(choice, 0), { mtime: oldTime + 9 }));
  }
  tree.entries.set("dst", directory(smallTree(choice, 0, innerLinks), { mtime: oldTime + 3 }));
  writeTree(path, tree);
  writeFileSync(`${path}/list`, listLines(choice).join(choice.percent(90) ? "\n" : "\r\n"));
  writeFileSync(`${path}/list0`, listLines(choice).join("\0"));
}

function somePath(choice: Choice): string {
  const components = [choice.of(["a", "b", "c", "a", "link"])];
  for (let left = choice.below(4); left > 0; left--) components.push(choice.of(names));
  return components.join("/");
}

function listLines(choice: Choice): string[] {
  const lines: string[] = [];
  for (let left = 1 + choice.below(6); left > 0; left--) {
    const path = somePath(choice);
    const line = choice.of([
      path,
      path,
      path,
      `${path}/`,
      `/${path}`,
      `../${path}`,
      `./${path}`,
      `${path}/.`,
      path.replace("/", "/./"),
      path.replace("/", "//"),
      path.replace("/", "/../b/"),
      `# ${path}`,
      "",
      "missing",
      "a/missing/x",
      "file",
    ]);
    lines.push(line);
  }
  return lines;
}

function sourceArgument(choice: Choice, relative: boolean): string {
  const path = choice.percent(30)
    ? choice.of(["file", "other", "link", "flink", "dangling", "missing", "missing/x", "a/missing"])
    : somePath(choice);
  const shape = choice.of(["", "", "", "", "/", "/", "/.", "./", "//", "cut", "up"]);
  if (shape === "./") return `./${path}`;
  if (shape === "cut") return path.replace("/", "/./");
  if (shape === "up" && !relative) return path.replace("/", "/../a/");
  return shape === "up" ? path : path + shape;
}

const targets = [
  "dst",
  "dst/",
  "dst/s",
  "dst/s/",
  "new",
  "new/",
  "new/deep",
  "new/deep/",
  "dlink",
  "dlink/",
  "there",
  "there/",
  "there/x",
  "dst/.",
  "./dst",
];

const bases = [
  ["-a"],
  ["-a"],
  ["-a"],
  ["-r"],
  ["-rlt"],
  ["-rt"],
  ["-d"],
  ["-dlt"],
  ["-lt"],
  [],
  ["--old-dirs", "-lt"],
];

const extras = [
  ["-L"],
  ["-k"],
  ["-K"],
  ["--copy-unsafe-links"],
  ["--safe-links"],
  ["--munge-links"],
  ["-m"],
  ["-m"],
  ["-x"],
  ["--existing"],
  ["--ignore-existing"],
  ["--ignore-missing-args"],
  ["--delete-missing-args"],
  ["--mkpath"],
  ["-n"],
  ["-u"],
  ["--force"],
  ["--exclude=f"],
  ["--exclude=s/"],
  ["--exclude=/a/s"],
  ["--include=*/", "--exclude=*"],
  ["--filter=: .filt"],
  ["--filter=P s"],
  ["--filter=H e/"],
];

/** Returns a command line for a scene. */
export function argumentLine(choice: Choice): string[] {
  const argv = [choice.percent(75) ? "-i" : "-ii", ...choice.of(bases)];
  const recursive = argv.some((option) => /^-(a|r|d|-old)/.test(option));
  for (let left = choice.below(4); left > 0; left--) argv.push(...choice.of(extras));
  if (recursive && choice.percent(20)) {
    argv.push(choice.of(["--delete", "--delete-before", "--delete-after", "--delete-delay"]));
  }
  const listed = choice.percent(25);
  const relative = choice.percent(listed ? 80 : 40);
  if (listed) {
    argv.push(...choice.of([["--files-from=list"], ["--from0", "--files-from=list0"]]));
    if (!relative) argv.push("--no-R");
  } else if (relative) argv.push("-R");
  if (relative && choice.percent(35)) argv.push("--no-implied-dirs");
  const listing = choice.percent(10);
  if (listing) argv.push("--list-only");
  if (listed) argv.push(choice.of([".", "./", "a", "a/", "link", "missing"]));
  else
    for (let left = 1 + choice.below(3); left > 0; left--)
      argv.push(sourceArgument(choice, relative));
  if (!listing || choice.percent(50)) argv.push(choice.of(targets));
  return argv;
}
