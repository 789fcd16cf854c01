// Runs over a line that loses packets (test/support/lossy-line.py): with one connection and with four, and in datagrams
// beside rsync over the same line.

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

/** What a long line loses, of which 30 MB in datagrams are measured; rsync waits for minutes where more than 1 % is lost. */
const wideLosses = [0, 0.1, 1, 3];
const rsyncLossMax = 1;

/** A case for each loss: one file in datagrams against rsync, whose remote shell costs nothing here. */
export function wideLineCases({ top, work, rounds, targetOf, removeTargets }: LossyGround) {
  return wideLosses.map((lossPercent) => ({
    name: `wide-${lossPercent}`,
    title: `push of 30 MB, 100 Mbit/s, 50 ms round trip, ${lossPercent} % loss: --datagrams (against rsync over TCP)`,
    goal: undefined,
    run: (): Figures[] => {
      const source = manyFiles(join(work, `wide-${lossPercent}`), 1, 1, 30e6);
      const line = join(top, "test/support/lossy-line.py");
      const manifold = join(top, "manifold");
      // What counts ends with the command, not with the line.
      const behind = ["env", "LOSSY_LINE_QUIET_S=0", "python3", line, "100", "25"];
      behind.push(String(lossPercent), "shell");
      const ours = ["sync", "--datagrams", "--no-compress", `--remote-path=${manifold}`];
      const places = (name: string): string[] => [`${source}/`, `far:${targetOf(name)}/`];
      const shell = ["-e", `python3 ${line} connect`];
      const contenders = [
        {
          name: "manifold",
          argv: [...behind, manifold, ...ours, ...shell, ...places("manifold")],
        },
        { name: "rsync", argv: [...behind, "rsync", "-a", ...shell, ...places("rsync")] },
      ];
      return measure(
        lossPercent > rsyncLossMax ? contenders.slice(0, 1) : contenders,
        rounds,
        removeTargets,
      );
    },
  }));
}

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
