// The benchmark's table: a line for each case, and what is measured besides time.

import { spawnSync } from "node:child_process";
import type { Figures } from "./measure.ts";

/** The names of the columns. */
export const columnNames = [
  "| case | manifold | rsync | cp -a | tar | rsync / manifold | goal | peak memory |",
  "|---|---|---|---|---|---|---|---|",
];

/** What a line begins and ends with. */
interface Titled {
  readonly title: string;
  readonly goal: number | undefined;
}

/** Returns the line of a case. The first figures are ours, the second those of whom we are compared with. */
export function row(test: Titled, figures: readonly Figures[]): string {
  const seconds = (name: string): string => {
    const found = figures.find((figure) => figure.name === name);
    return found === undefined ? "" : found.medianSeconds.toFixed(2);
  };
  const [ours, other] = figures;
  const ratio =
    ours === undefined || other === undefined
      ? Number.NaN
      : other.medianSeconds / ours.medianSeconds;
  const memory = ours === undefined ? "" : `${Math.round(ours.peakKilobytes / 1024)} MB`;
  const goal = test.goal === undefined ? "" : `>= ${test.goal}`;
  return `| ${test.title} | ${seconds("manifold")} | ${seconds("rsync") || seconds("node")} | ${seconds("cp")} | ${seconds("tar")} | ${ratio.toFixed(2)} | ${goal} | ${memory} |`;
}

/** Returns what two programs say with --stats that they sent as it was, for a target that `prepare` puts back. */
export function literalBytes(
  contenders: readonly { readonly name: string; readonly argv: readonly string[] }[],
  prepare: (contender: { readonly name: string }) => void,
): string {
  const said = contenders.map((contender) => {
    prepare(contender);
    const [command = "", ...rest] = contender.argv;
    const { stdout } = spawnSync(command, [...rest, "--stats"], { encoding: "utf8" });
    const bytes = /Literal data: ([\d,]+)/.exec(stdout)?.[1] ?? "not told";
    return `${contender.name} ${bytes}`;
  });
  return `literal bytes: ${said.join(", ")}`;
}

/** Tells what each contender took of the processors. */
export function processorSeconds(figures: readonly Figures[]): string {
  const told = figures.map(({ name, cpuSeconds }) => `${name} ${cpuSeconds.toFixed(2)} s`);
  return `user + system: ${told.join(", ")}`;
}
