// Pins the filter to rsync itself: random rules, random small trees with merge files in them. What
// `rsync -rn` lists must be what the source verdicts leave, and what `rsync -r --delete` leaves
// must be what the target verdicts protect. MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n
// starts elsewhere.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import {
  FilterLevel,
  type FilterRuleSet,
  type FilterSource,
  parseFilterRules,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
} from "../../src/tree/filter/index.ts";
import { temporaryFolder } from "../support/index.ts";
import { FilterMaker } from "./filter-maker.ts";

const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const seedCount = process.env.MANIFOLD_LONG === "1" ? 400 : 5;
const rsync = spawnSync("rsync", ["--version"], { encoding: "latin1" });
const skip = rsync.status === 0 ? false : "rsync is not installed: nothing to compare with";
if (skip !== false) console.log(skip);

function read(path: string): Uint8Array | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

interface Outcome {
  readonly names: Set<string>;
  stopped: boolean;
}

function verdictOf(level: FilterLevel, name: string, isDirectory: boolean): number {
  const bytes = Buffer.from(name, "latin1");
  return level.verdict(bytes, 0, bytes.length, isDirectory);
}

/** What the source side leaves of the tree. */
function sourceNames(set: FilterRuleSet, folder: string, argument: string): Outcome {
  const outcome: Outcome = { names: new Set(), stopped: false };
  const root = argument.endsWith("/") ? join(folder, "src") : folder;
  const above = FilterLevel.begin(set, "source", { path: root, readFile: read });
  const walk = (upper: FilterLevel, directory: string): void => {
    const path = join(root, directory);
    const level = upper.enter(directory, (name) => read(join(path, name)));
    outcome.stopped ||= level.problems.some((problem) => problem.stops);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const isDirectory = entry.isDirectory();
      if ((verdictOf(level, entry.name, isDirectory) & verdictHide) !== 0) continue;
      const inner = directory === "" ? entry.name : `${directory}/${entry.name}`;
      outcome.names.add(inner + (isDirectory ? "/" : ""));
      if (isDirectory) walk(level, inner);
    }
  };
  if (argument.endsWith("/")) walk(above, "");
  else if ((verdictOf(above, "src", true) & verdictHide) === 0) {
    outcome.names.add("src/");
    walk(above, "src");
  }
  return outcome;
}

/** What deletion leaves of the target: what is neither listed nor protected goes. */
function targetNames(
  set: FilterRuleSet,
  folder: string,
  top: string,
  listed: Set<string>,
): Outcome {
  const outcome: Outcome = { names: new Set(), stopped: false };
  const root = join(folder, "dst");
  const above = FilterLevel.begin(set, "target", { path: root, readFile: read });
  const keepAll = (directory: string): void => {
    for (const name of allNames(join(root, directory), `${directory}/`)) outcome.names.add(name);
  };
  /** Returns whether something is left in the directory. */
  const walk = (upper: FilterLevel, directory: string, dying: boolean): boolean => {
    const path = join(root, directory);
    const level = upper.enter(directory, (name) => read(join(path, name)));
    outcome.stopped ||= level.problems.some((problem) => problem.stops);
    const before = outcome.names.size;
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = directory === "" ? entry.name : `${directory}/${entry.name}`;
      const marked = inner + (entry.isDirectory() ? "/" : "");
      const verdict = verdictOf(level, entry.name, entry.isDirectory());
      const isKept = (verdict & (dying ? verdictProtectLasting : verdictProtect)) !== 0;
      if (!dying && listed.has(marked)) {
        outcome.names.add(marked);
        if (entry.isDirectory()) walk(level, inner, false);
      } else if (isKept) {
        outcome.names.add(marked);
        if (entry.isDirectory()) keepAll(inner);
      } else if (entry.isDirectory() && walk(level, inner, true)) outcome.names.add(marked);
    }
    return outcome.names.size > before;
  };
  if (top === "") walk(above, "", false);
  else if (existsSync(join(root, top))) {
    outcome.names.add(`${top}/`);
    walk(above, top, false);
  }
  return outcome;
}

function allNames(path: string, prefix = ""): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [prefix + entry.name];
    const inner = `${prefix}${entry.name}/`;
    return [inner, ...allNames(join(path, entry.name), inner)];
  });
}

interface Case {
  readonly sources: FilterSource[];
  readonly argument: string;
  readonly from0: boolean;
  readonly deleteExcluded: boolean;
}

const cvsignore = "dd x*";

function runRsync(folder: string, made: Case, target: string, more: string[]) {
  const rules = made.sources.map(({ kind, value }) => `--${kind}=${value}`);
  // First: rsync does not apply it to files that it has read by then.
  if (made.from0) rules.unshift("--from0");
  const args = ["-r", ...more, ...rules, join(folder, made.argument), join(folder, target)];
  const env = { PATH: process.env.PATH, HOME: folder, CVSIGNORE: cvsignore };
  return spawnSync("rsync", args, { cwd: folder, encoding: "latin1", env });
}

function parseCase(folder: string, made: Case): FilterRuleSet | ManifoldError {
  const home = read(join(folder, ".cvsignore"));
  try {
    return parseFilterRules(made.sources, {
      from0: made.from0,
      deleteExcluded: made.deleteExcluded,
      cvs: { environment: cvsignore, ...(home === undefined ? {} : { homeFile: home }) },
      readFile: (path) => read(join(folder, path)),
    });
  } catch (error) {
    if (error instanceof ManifoldError) return error;
    throw error;
  }
}

function compareOnce(folder: string, made: Case): void {
  const set = parseCase(folder, made);
  const listing = runRsync(folder, made, "empty/", ["-n", "--out-format=%n"]);
  if (set instanceof ManifoldError) {
    assert.equal(set.exit, listing.status, listing.stderr);
    return;
  }
  const ours = sourceNames(set, folder, made.argument);
  if (ours.stopped) {
    assert.notEqual(listing.status, 0, "rsync understands a merge file that we do not");
    return;
  }
  assert.equal(listing.status, 0, listing.stderr);
  const theirs = listing.stdout.split("\n").filter((name) => name !== "" && name !== "./");
  assert.deepEqual([...ours.names].sort(), theirs.sort());

  const top = made.argument.endsWith("/") ? "" : "src";
  if (top !== "" && !ours.names.has("src/")) return;
  const left = targetNames(set, folder, top, ours.names);
  const how = made.deleteExcluded ? "--delete-excluded" : "--delete";
  const sweep = runRsync(folder, made, "dst/", [how, "--existing", "--ignore-existing"]);
  if (left.stopped) {
    assert.notEqual(sweep.status, 0, "rsync understands a target's merge file that we do not");
    return;
  }
  // It deletes while it reads: the file that a later merge file includes can be gone by then.
  if (sweep.status === 11 && sweep.stderr.includes("failed to open")) return;
  const found = allNames(join(folder, "dst")).filter((name) => name.startsWith(top));
  assert.deepEqual([...left.names].sort(), found.sort(), sweep.stderr);
}

/** 371: a rule file above the transfer has a merge rule of one side, and what it merges has rules of a side. */
const seeds = new Set(Array.from({ length: seedCount }, (_, index) => firstSeed + index)).add(371);

for (const seed of seeds) {
  test(`rsync and we agree on tree and rules of seed ${seed}`, { skip }, () => {
    const maker = new FilterMaker(seed);
    const { choice } = maker;
    using folder = temporaryFolder();
    maker.fill(folder.at("src"), 2);
    mkdirSync(folder.at("empty"));
    writeFileSync(folder.at("rules"), maker.ruleFile());
    writeFileSync(folder.at("patterns"), maker.many(5, () => maker.pattern()).join("\n"));
    if (choice.percent(50)) writeFileSync(folder.at(".f"), maker.ruleFile());
    if (choice.percent(50)) writeFileSync(folder.at("inc"), maker.ruleFile(true));
    if (choice.percent(50)) writeFileSync(folder.at(".cvsignore"), "e b~\n- a.o\n");
    for (let i = 0; i < 6; i++) {
      const sources = [maker.source(), ...maker.many(4, () => maker.source())];
      const value = choice.of(["", "", "", ": /.f", ": ../.f", "-C"]);
      if (value !== "") sources.push({ kind: "filter", value });
      const argument = choice.of(["src/", "src"]);
      rmSync(folder.at("dst"), { recursive: true, force: true });
      mkdirSync(folder.at("dst"));
      maker.fill(folder.at(argument === "src" ? "dst/src" : "dst"), 2);
      const from0 = choice.percent(5);
      const made = {
        sources,
        argument,
        from0,
        deleteExcluded: choice.percent(maker.includes ? 0 : 40),
      };
      try {
        compareOnce(folder.path, made);
      } catch (error) {
        console.log(`seed ${seed}, case ${i}: ${JSON.stringify(made)}`);
        const keep = process.env.MANIFOLD_KEEP;
        if (keep !== undefined) spawnSync("cp", ["-a", folder.path, keep]);
        throw error;
      }
    }
  });
}
