// What looking for renames costs where nothing has moved: the same run with and without, by processor time.

import type { Contender, Figures } from "./measure.ts";

/** The runs, of a target that is up to date. The second counts as the one that ours is compared with. */
export function detecting(manifold: string, source: string, target: string): Contender[] {
  const argv = (option: string): string[] => [
    ...[manifold, "sync", option, "--delete"],
    ...[`${source}/`, `${target}/`],
  ];
  return [
    { name: "manifold", argv: argv("--detect-renamed") },
    { name: "without", argv: argv("--no-detect-renamed") },
  ];
}

/** How much more processor time the first takes than the second. */
export function moreProcessorTime(figures: readonly Figures[]): string {
  const [ours, without] = figures.map(({ cpuSeconds }) => cpuSeconds);
  if (ours === undefined || without === undefined) return "";
  const more = ((ours / without - 1) * 100).toFixed(1);
  return `processor time ${ours.toFixed(2)} s with, ${without.toFixed(2)} s without: ${more} % more (goal: 3)`;
}
