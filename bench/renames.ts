// Bytes on the wire where files have moved: the newest kernel of one series to that of another, and the versions of a package
// one after the other, by manifold and by rsync. Run by `npm run bench:renames`; what is measured are bytes, which depend
// on the trees alone.
//
//   --work=DIR   where trees go, best in tmpfs: three times a kernel tree (default /dev/shm/manifold-renames)
//   --cache=DIR  where packages are kept (default ~/.cache/manifold-bench)
//   --only=kernel|history|commits
//   --repository=DIR   a bare git repository, of which the last commits with renames are checked out one after the other
//   --no-verbs   without manifold's verbs, --no-rsync without rsync

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { kernelSeries } from "./corpus.ts";
import { type CheckedOut, commitsWithRenames } from "./git-history.ts";
import {
  historyPackage,
  historyVersions,
  type Novelty,
  noveltyOf,
  packageVersion,
} from "./history.ts";
import { byRsync, bySync, byVerbs, type Measured, type WireScene } from "./wire-ways.ts";

const optionOf = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const work = optionOf("work") ?? "/dev/shm/manifold-renames";
const cache = optionOf("cache") ?? join(homedir(), ".cache", "manifold-bench");
const only = optionOf("only");
const repository = optionOf("repository");
const commitsMax = Number(optionOf("commits") ?? 20);

const number = (value: number | undefined): string => value?.toLocaleString("en-US") ?? "";

/** Every way from one tree to the other. */
function measure(scene: WireScene, verbs: boolean): Measured[] {
  const syncs = ["--content-index", "--no-content-index", "--no-detect-renamed"];
  const ways = [...syncs.map((options) => () => bySync(scene, options))];
  if (verbs)
    ways.push(
      () => byVerbs(scene, "--no-detect-renamed "),
      () => byVerbs(scene, ""),
    );
  if (!process.argv.includes("--no-rsync")) {
    ways.push(
      () => byRsync(scene, ""),
      () => byRsync(scene, "--fuzzy"),
    );
  }
  return ways.map((way) => {
    const measured = way();
    const { name, wire, literal, free } = measured;
    console.error(
      `${name}: ${number(wire)}, ${number(literal)} literal, ${number(free?.size)} free`,
    );
    return measured;
  });
}

function kernels(): string[] {
  const { oldTree, newTree, versions } = kernelSeries(work, cache, ["6.1", "6.12"]);
  const measured = measure({ work, oldTree, newTree }, !process.argv.includes("--no-verbs"));
  const { moved, movedBytes, inNewFiles, inNewLines } = noveltyOf(oldTree, newTree);
  const shown = (free: Measured["free"]): string =>
    free === undefined
      ? ""
      : `${number([...moved].filter((path) => free.has(path)).length)} of ${number(moved.size)}`;
  return [
    `## linux-source ${versions.join(" to ")}`,
    "",
    `${number(moved.size)} files (${number(movedBytes)} bytes) have a path that the old tree has not, and content that it has somewhere. The new tree has`,
    `${number(inNewFiles)} bytes in files whose content the old one has in no file, and ${number(inNewLines)} bytes in lines that it has nowhere: about the`,
    "least that anybody could send.",
    "",
    "| way | bytes on the wire | literal bytes | files of those that send nothing |",
    "|---|--:|--:|--:|",
    ...measured.map(
      ({ name, wire, literal, free }) =>
        `| ${name} | ${number(wire)} | ${number(literal)} | ${shown(free)} |`,
    ),
    "",
  ];
}

interface Step {
  readonly title: string;
  readonly novelty: Novelty;
  readonly measured: readonly Measured[];
}

function* versions(): Generator<CheckedOut> {
  for (const [i, version] of historyVersions.entries()) {
    const before = historyVersions[i - 1];
    if (before === undefined) continue;
    const oldTree = packageVersion(work, historyPackage, before);
    const newTree = packageVersion(work, historyPackage, version);
    yield { title: `${before} to ${version}`, oldTree, newTree };
  }
}

/** A table of one tree after the other. */
function table(trees: Iterable<CheckedOut>): string[] {
  const steps: Step[] = [];
  for (const { title, oldTree, newTree } of trees) {
    const measured = measure({ work, oldTree, newTree }, false);
    steps.push({ title, novelty: noveltyOf(oldTree, newTree), measured });
  }
  const names = (steps[0] as Step).measured.map(({ name }) => name);
  const heads = [...names, "bytes of new lines", "moved files"];
  const row = (title: string, fields: readonly string[]): string =>
    `| ${[title, ...fields].join(" | ")} |`;
  const sumOf = (of: (step: Step) => number): number =>
    steps.reduce((sum, step) => sum + of(step), 0);
  const both = ({ wire, literal }: Measured): string => `${number(wire)} (${number(literal)})`;
  const sums = names.map((_, i) =>
    both({
      name: "",
      wire: sumOf(({ measured }) => (measured[i] as Measured).wire),
      literal: sumOf(({ measured }) => (measured[i] as Measured).literal),
    }),
  );
  return [
    "Bytes on the wire, and in brackets literal bytes; bytes of lines that the tree before has nowhere, about the least that anybody",
    "could send; files with a new path and content that it has somewhere.",
    "",
    row("from, to", heads),
    `|---|${heads.map(() => "--:").join("|")}|`,
    ...steps.map(({ title, novelty, measured }) =>
      row(title, [...measured.map(both), number(novelty.inNewLines), number(novelty.moved.size)]),
    ),
    row("all", [
      ...sums,
      number(sumOf(({ novelty }) => novelty.inNewLines)),
      number(sumOf(({ novelty }) => novelty.moved.size)),
    ]),
    "",
  ];
}

mkdirSync(work, { recursive: true });
const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[T:]/g, "-");
const text = [
  "# Renames",
  "",
  "Bytes in both directions, without compression. manifold sync -H --delete pulls through a pipe; the verbs are scan --digests, diff --delete, send,",
  "each through a pipe; rsync -aH --delete.",
  "",
  ...(only === undefined || only === "kernel" ? kernels() : []),
  ...(only === undefined || only === "history"
    ? [`## ${historyPackage}, version by version, as npm has them`, "", ...table(versions())]
    : []),
  ...(repository !== undefined && (only === undefined || only === "commits")
    ? [
        "## A git repository, commit by commit",
        "",
        `The last ${commitsMax} commits of ${basename(dirname(repository))} that renamed files, each from its parent.`,
        "",
        ...table(commitsWithRenames(work, repository, commitsMax)),
      ]
    : []),
].join("\n");
writeFileSync(join(import.meta.dirname, "results", `renames-${stamp}.md`), text);
process.stdout.write(text);
if (optionOf("work") === undefined) rmSync(work, { recursive: true, force: true });
