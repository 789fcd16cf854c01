// Runs over a line that loses packets (test/support/lossy-line.py), with one connection and with four.

import { join } from "node:path";
import { manyFiles } from "./corpus.ts";
import { type Contender, type Figures, measure } from "./measure.ts";

/** Where the benchmark works. */
export interface LossyGround {
  /** The top of this repository. */
  readonly top: string;
  readonly work: string;
  readonly rounds: number;
  readonly targetOf: (name: string) => string;
  readonly removeTargets: () => void;
}

interface LossyLine {
  readonly roundTripMs: number;
  readonly megabits: number;
  readonly lossPercent: number;
}

/** How many connections are compared. */
const streams = [4, 1];

/** What goes over such a line, by what it loses. */
const loads = [
  { name: "lossy", lossPercent: 0.1, megabytes: 32 },
  { name: "very-lossy", lossPercent: 1, megabytes: 8 },
];

/** A case for each load: four connections against one. */
export function lossyCases(ground: LossyGround) {
  const { top, work, rounds, targetOf, removeTargets } = ground;
  return loads.map(({ name, lossPercent, megabytes }) => ({
    name,
    title: `pull of ${megabytes} MiB, 100 Mbit/s, 100 ms round trip, ${lossPercent} % loss: --streams 4 (against 1)`,
    goal: undefined,
    run: (): Figures[] => {
      const line = { roundTripMs: 100, megabits: 100, lossPercent };
      const source = manyFiles(join(work, name), 4, 8, (megabytes * 2 ** 20) / 32);
      return measure(lossyContenders(line, top, source, targetOf), rounds, removeTargets);
    },
    note: gainOfStreams,
  }));
}

/** Ours, pulling the source with four connections and with one; `targetOf` is a folder by contender. */
function lossyContenders(
  { roundTripMs, megabits, lossPercent }: LossyLine,
  top: string,
  source: string,
  targetOf: (name: string) => string,
): Contender[] {
  const line = join(top, "test/support/lossy-line.py");
  const manifold = join(top, "manifold");
  const behind = ["python3", line, megabits, roundTripMs / 2, lossPercent, manifold].map(String);
  const way = ["-e", `python3 ${line} connect`, `--remote-path=${manifold}`];
  return streams.map((count) => {
    const words = ["sync", `--streams=${count}`, "--no-compress", ...way];
    const places = [`far:${source}/`, `${targetOf("manifold")}/`];
    return { name: nameOf(count), argv: [...behind, manifold, ...words, ...places] };
  });
}

/** The first is named as ours are, the second is what we are compared with. */
function nameOf(count: number): string {
  return count === streams[0] ? "manifold" : "one";
}

/** Says what one connection took, and how many times faster several were. */
function gainOfStreams(figures: readonly Figures[]): string {
  const seconds = figures.map(
    ({ name, medianSeconds }) =>
      `${name === "one" ? "--streams=1" : `--streams=${streams[0]}`} ${medianSeconds.toFixed(2)} s`,
  );
  const [several, one] = figures;
  const gain = (one?.medianSeconds ?? Number.NaN) / (several?.medianSeconds ?? Number.NaN);
  return `${seconds.join(", ")}: ${gain.toFixed(2)} times as fast`;
}
