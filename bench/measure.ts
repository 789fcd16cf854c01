// Measures whole commands, alternating, and sums up: wall seconds by median, peak memory of the
// largest process. These machines are noisy, so that ratios of runs next to each other count.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

/** One command of a case. */
export interface Contender {
  readonly name: string;
  readonly argv: readonly string[];
  /** Where a process that the command does not wait for writes its processor time, as time's "%U %S", when it ends. */
  readonly besides?: string;
}

/** Figures of one contender. */
export interface Figures {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly medianSeconds: number;
  readonly cpuSeconds: number;
  readonly peakKilobytes: number;
}

/** Time for an other end to end. Generous: the machine may be busy. */
const endingMs = 20_000;

/** Runs the contenders in turn, `rounds` times, `prepare` before each run. Throws when one fails. */
export function measure(
  contenders: readonly Contender[],
  rounds: number,
  prepare: (contender: Contender) => void,
): Figures[] {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      prepare(contender);
      samples.get(contender.name)?.push(runOnce(contender));
    }
  }
  return contenders.map(({ name }) => summarize(name, samples.get(name) ?? []));
}

interface Sample {
  readonly wall: number;
  readonly cpu: number;
  readonly kilobytes: number;
}

function runOnce({ name, argv, besides }: Contender): Sample {
  if (besides !== undefined) rmSync(besides, { force: true });
  const format = "%e %U %S %M";
  const ended = spawnSync("/usr/bin/time", ["-q", "-f", format, ...argv], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const lines = ended.stderr.trimEnd().split("\n");
  const figures = (lines[lines.length - 1] ?? "").split(" ").map(Number);
  const [wall = Number.NaN, user = 0, system = 0, kilobytes = 0] = figures;
  if (ended.status !== 0 || Number.isNaN(wall)) {
    throw new Error(`${name} failed with status ${ended.status}: ${ended.stderr.slice(0, 2000)}`);
  }
  const others = besides === undefined ? 0 : timeOf(name, besides);
  return { wall, cpu: user + system + others, kilobytes };
}

/** Reads the processor time of a process that may be about to end. */
function timeOf(name: string, file: string): number {
  const end = performance.now() + endingMs;
  while (performance.now() < end) {
    const [user = 0, system = Number.NaN] = readIfThere(file).split(" ").map(Number);
    if (!Number.isNaN(user + system)) return user + system;
  }
  throw new Error(`${name}: its other end has told no processor time`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function summarize(name: string, samples: readonly Sample[]): Figures {
  return {
    name,
    seconds: samples.map((sample) => sample.wall),
    medianSeconds: median(samples.map((sample) => sample.wall)),
    cpuSeconds: median(samples.map((sample) => sample.cpu)),
    peakKilobytes: Math.max(...samples.map((sample) => sample.kilobytes)),
  };
}

/** Returns the middle of the values, the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
