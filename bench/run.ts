// `npm run bench [CASE...]`: manifold against the installed rsync, cp and tar on the same trees in
// the same run, alternating. Prints a table (rsync's time over ours: above 1 we are faster) and
// keeps it in bench/results/. Environment: BENCH_WORK (default /dev/shm/manifold-bench), BENCH_CACHE
// (default ~/.cache/manifold-bench), BENCH_ROUNDS (default 5), BENCH_KEEP=1 leaves the trees.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, homedir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capturing } from "./capture.ts";
import { type Case, must } from "./case.ts";
import { checksumming } from "./checksum.ts";
import { editedFile, kernelTrees, largeFile, manyFiles } from "./corpus.ts";
import { detecting, moreProcessorTime } from "./detection-cost.ts";
import { type LongLine, longLineContenders, shareOfLine } from "./long-line.ts";
import { lossyCases, wideLineCases } from "./lossy-line.ts";
import { type Contender, type Figures, measure } from "./measure.ts";
import { pullCases } from "./pull.ts";
import { protocolCases } from "./rsync-protocol.ts";
import { columnNames, literalBytes, processorSeconds, row } from "./table.ts";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const work = process.env.BENCH_WORK ?? "/dev/shm/manifold-bench";
const cache = process.env.BENCH_CACHE ?? join(homedir(), ".cache/manifold-bench");
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const manifold = join(here, "manifold");

const target = (name: string): string => join(work, `target-${name}`);

/** Never two targets at once: in tmpfs they are memory, and a machine that swaps or reclaims measures nothing. */
function removeTargets(): void {
  for (const name of ["manifold", "rsync", "cp", "tar", "same"])
    rmSync(target(name), { recursive: true, force: true });
}

/** Ours, rsync, cp and tar on a fresh target each time. */
function freshCopies(source: string, more: boolean): Figures[] {
  const contenders: Contender[] = [
    { name: "manifold", argv: [manifold, "sync", `${source}/`, `${target("manifold")}/`] },
    { name: "rsync", argv: ["rsync", "-a", `${source}/`, `${target("rsync")}/`] },
  ];
  if (more) {
    contenders.push({ name: "cp", argv: ["cp", "-a", `${source}/.`, target("cp")] });
    const pipe = `tar -C ${source} -cf - . | tar -C ${target("tar")} -xpf -`;
    contenders.push({ name: "tar", argv: ["sh", "-c", `mkdir -p ${target("tar")} && ${pipe}`] });
  }
  return measure(contenders, rounds, ({ name }) => {
    removeTargets();
    if (name === "cp") mkdirSync(target(name));
  });
}

/** The same command again on a target that is up to date. */
function unchanged(source: string, flags: readonly string[], checks = false): Figures[] {
  rmSync(target("same"), { recursive: true, force: true });
  must(["rsync", "-a", `${source}/`, `${target("same")}/`]);
  if (checks) return measure(checksumming(manifold, work, source), rounds, () => undefined);
  return measure(
    [
      { name: "manifold", argv: [manifold, "sync", ...flags, `${source}/`, `${target("same")}/`] },
      { name: "rsync", argv: ["rsync", "-a", ...flags, `${source}/`, `${target("same")}/`] },
    ],
    rounds,
    () => undefined,
  );
}

/** With and without a look for what has moved, on a target that is up to date. */
function detection(source: string): Figures[] {
  rmSync(target("same"), { recursive: true, force: true });
  must(["rsync", "-a", `${source}/`, `${target("same")}/`]);
  const contenders = detecting(manifold, source, target("same"));
  return measure(contenders, Math.max(rounds, 11), () => undefined);
}

/** From one tree to another. */
function updating(after: string, flags: readonly string[]): Contender[] {
  const to = (name: string): string[] => [...flags, `${after}/`, `${target(name)}/`];
  return [
    { name: "manifold", argv: [manifold, "sync", ...to("manifold")] },
    { name: "rsync", argv: ["rsync", "-a", ...to("rsync")] },
  ];
}

/** Puts a target back as it is before an update. */
function putBack(before: string): (contender: { readonly name: string }) => void {
  return ({ name }) => {
    removeTargets();
    must(["cp", "-a", before, target(name)]);
  };
}

function update(before: string, after: string, flags: readonly string[]): Figures[] {
  return measure(updating(after, flags), rounds, putBack(before));
}

/** A case of files of 1 KiB that are pulled over a long line. */
function overLine(line: Omit<LongLine, "bytes">, directories: number): Pick<Case, "run" | "note"> {
  const whole = { ...line, bytes: directories * 1000 * 1024 };
  const source = (): string =>
    manyFiles(join(work, `line-${directories}`), directories, 1000, 1024);
  return {
    run: () =>
      measure(longLineContenders(whole, manifold, source(), target), rounds, () => removeTargets()),
    note: (figures) => shareOfLine(whole, figures),
  };
}

/** A tree that both have already is pulled over a long line. */
function unchangedOverLine(line: Omit<LongLine, "bytes">, source: string): Figures[] {
  const contenders = longLineContenders({ ...line, bytes: 0 }, manifold, source, target);
  removeTargets();
  for (const { name } of contenders) must(["cp", "-a", source, target(name)]);
  return measure(contenders, rounds, () => undefined);
}

const kernels = lazily(() => kernelTrees(work, cache));
const million = lazily(() => manyFiles(join(work, "million"), 1000, 1000, 0));
const kilobytes = lazily(() => manyFiles(join(work, "kilobytes"), 200, 1000, 1024));
const four = lazily(() => largeFile(join(work, "four"), 4 * 2 ** 30));
const one = lazily(() => largeFile(join(work, "one"), 2 ** 30));
const edited = lazily(() => editedFile(join(work, "edited"), one()));

const cases: readonly Case[] = [
  {
    name: "first",
    title: "first copy, kernel tree",
    goal: 3,
    run: () => freshCopies(kernels().newTree, true),
  },
  {
    name: "unchanged",
    title: "nothing changed, kernel tree",
    goal: 1.3,
    run: () => unchanged(kernels().newTree, []),
  },
  {
    name: "update",
    title: "old kernel -> new kernel with --delete",
    goal: 2.5,
    run: () => update(kernels().oldTree, kernels().newTree, ["--delete"]),
  },
  {
    name: "checksum",
    title: "-c with nothing changed, kernel tree",
    goal: 1.2,
    run: () => unchanged(kernels().newTree, [], true),
    note: processorSeconds,
  },
  {
    name: "million",
    title: "nothing changed, 1,000,000 empty files",
    goal: 1.6,
    run: () => unchanged(million(), []),
  },
  {
    name: "detection",
    title: "the same with --delete, against --no-detect-renamed",
    goal: undefined,
    run: () => detection(million()),
    note: moreProcessorTime,
  },
  {
    name: "kilobytes",
    title: "200,000 files of 1 KiB, first copy",
    goal: 2.5,
    run: () => freshCopies(kilobytes(), true),
  },
  {
    name: "large",
    title: "one 4 GiB file, first copy",
    goal: 2.5,
    run: () => freshCopies(four(), true),
  },
  {
    name: "delta",
    title: "1 GiB, 1 % edited and 1 KiB inserted, --no-whole-file",
    goal: 1.5,
    run: () => update(one(), edited(), ["--no-whole-file"]),
    note: () => literalBytes(updating(edited(), ["--no-whole-file"]), putBack(one())),
  },
  {
    name: "capture",
    title: "capture to a file and receive, kernel tree (against our own copy)",
    goal: 0.4,
    run: () =>
      measure(capturing({ manifold, work }, kernels().newTree, target), rounds, removeTargets),
  },
  {
    name: "line",
    title: "pull of 100,000 files of 1 KiB, 100 Mbit/s, 100 ms round trip",
    goal: undefined,
    ...overLine({ roundTripMs: 100, megabits: 100 }, 100),
  },
  {
    name: "far-line",
    title: "pull of 10,000 files of 1 KiB, 100 Mbit/s, 300 ms round trip",
    goal: undefined,
    ...overLine({ roundTripMs: 300, megabits: 100 }, 10),
  },
  {
    name: "slow-same",
    title: "pull of a kernel tree that has not changed, 2 Mbit/s, 100 ms round trip",
    goal: 1,
    run: () => unchangedOverLine({ roundTripMs: 100, megabits: 2 }, kernels().newTree),
  },
  ...lossyCases({ top: here, work, rounds, targetOf: target, removeTargets }),
  ...wideLineCases({ top: here, work, rounds, targetOf: target, removeTargets }),
  ...pullCases({ manifold, work, rounds, targetOf: target, removeTargets, kernels, one, edited }),
  ...protocolCases({ manifold, work, rounds, targetOf: target, removeTargets, kernels, million }),
  {
    name: "version",
    title: "--version against node -e 0",
    goal: undefined,
    run: () =>
      measure(
        [
          { name: "manifold", argv: [manifold, "--version"] },
          { name: "node", argv: ["node", "-e", "0"] },
        ],
        rounds * 4,
        () => undefined,
      ),
  },
];

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function textOf(command: readonly string[]): string {
  const [name = "", ...rest] = command;
  return spawnSync(name, rest, { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
}

const chosen = process.argv.slice(2);
mkdirSync(work, { recursive: true });
must([manifold, "--version"]);
const machine = `${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
const head = [
  `machine: ${machine}; node ${process.version}; ${textOf(["rsync", "--version"])}; ${new Date().toISOString()}; ${rounds} rounds, medians, seconds`,
  "",
  ...columnNames,
];
process.stdout.write(`${head.join("\n")}\n`);
const kept: unknown[] = [];
const notes: string[] = [];
const lines = [...head];
for (const test of cases) {
  if (chosen.length > 0 && !chosen.includes(test.name)) continue;
  const figures = test.run();
  const line = row(test, figures);
  lines.push(line);
  kept.push({ case: test.name, title: test.title, goal: test.goal, figures });
  process.stdout.write(`${line}\n`);
  if (test.note !== undefined) notes.push(`${test.name}: ${test.note(figures)}`);
  removeTargets();
}
for (const note of notes) process.stdout.write(`${note}\n`);
lines.push(...(notes.length > 0 ? ["", ...notes] : []));
const stamp = new Date().toISOString().slice(0, 16).replace(/[:T]/g, "-");
const results = join(here, "bench/results");
mkdirSync(results, { recursive: true });
writeFileSync(
  join(results, `${stamp}.json`),
  `${JSON.stringify({ head: head[0], cases: kept }, undefined, 1)}\n`,
);
writeFileSync(join(results, `${stamp}.md`), `# Benchmark of ${stamp}\n\n${lines.join("\n")}\n`);
if (process.env.BENCH_KEEP !== "1" && existsSync(work))
  rmSync(work, { recursive: true, force: true });
