// Runs over a long line (bench/slow-line.mjs): what share of the line carries bytes of files.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contender, Figures } from "./measure.ts";

/** A line, and what goes over it. */
export interface LongLine {
  readonly roundTripMs: number;
  readonly megabits: number;
  /** Bytes of the source's files. */
  readonly bytes: number;
}

const program = join(dirname(fileURLToPath(import.meta.url)), "slow-line.mjs");

/** Ours and rsync, each pulling the source over the line; `targets` are folders by contender. */
export function longLineContenders(
  { roundTripMs, megabits }: LongLine,
  manifold: string,
  source: string,
  targets: (name: string) => string,
): Contender[] {
  const shell = `${process.execPath} ${program} ${roundTripMs} ${megabits}`;
  const places = (name: string): string[] => [`far:${source}/`, `${targets(name)}/`];
  return [
    {
      name: "manifold",
      argv: [manifold, "sync", "-e", shell, `--remote-path=${manifold}`, ...places("manifold")],
    },
    { name: "rsync", argv: ["rsync", "-a", "-e", shell, ...places("rsync")] },
  ];
}

/** Says what share of the line each one used, by its median. */
export function shareOfLine({ megabits, bytes }: LongLine, figures: readonly Figures[]): string {
  const shares = figures.map(({ name, medianSeconds }) => {
    const share = (bytes * 8) / (megabits * 1e6) / medianSeconds;
    return `${name} ${(share * 100).toFixed(1)} %`;
  });
  return `share of the line in bytes of files: ${shares.join(", ")}`;
}
