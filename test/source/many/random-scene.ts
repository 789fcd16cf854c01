// Scenes by chance: unequal sources that stall, die, recover, change and lie, and trees of every shape.

import { Choice } from "../../support/index.ts";
import type { Fate, SimulatedSource, SimulatedTree } from "./simulated-sources.ts";

/** Seconds that a scene lasts, at best, if nothing goes wrong. */
const secondsMin = 8;
const secondsMost = 40;

/** Returns the scene of a seed. */
export function randomScene(seed: number): {
  readonly sources: readonly SimulatedSource[];
  readonly tree: SimulatedTree;
} {
  const choice = new Choice(seed);
  const count = between(choice, 2, 6);
  const seconds = between(choice, secondsMin, secondsMost);
  const plain = Array.from({ length: count }, () => plainSource(choice));
  const total = seconds * plain.reduce((sum, { rate }) => sum + rate, 0);
  const tree = randomTree(choice, Math.min(total, 4e9), count);
  // One source is well all the time: somebody has to be there at the end.
  const sources = plain.map((source, i) => {
    if (i === 0) return source;
    return {
      ...source,
      fates: fatesOf(choice, source.rate, seconds),
      liesEvery: choice.percent(10) ? between(choice, 2, 30) : 0,
    };
  });
  return { sources, tree };
}

function plainSource(choice: Choice): SimulatedSource {
  const rate = Math.round(100_000 * 10 ** (choice.below(2000) / 1000));
  const latency = between(choice, 5, 200) / 1000;
  return {
    rate,
    latency,
    connectionRate: choice.percent(30) ? rate / between(choice, 2, 3) : rate,
    connectionsMax: 8,
    depth: choice.of([16, 32, 1000]),
    ranges: true,
    fates: [],
    liesEvery: 0,
  };
}

function fatesOf(choice: Choice, rate: number, seconds: number): readonly Fate[] {
  const fates: Fate[] = [];
  let at = between(choice, 1, seconds);
  while (fates.length < 4 && choice.percent(35)) {
    const kind = choice.below(4);
    const now = kind === 0 ? 0 : kind === 1 ? "dead" : rate * (0.05 + choice.below(150) / 100);
    fates.push({ at, rate: now });
    at += between(choice, 2, 15);
    if (typeof now === "number" && now > 0) continue;
    // It comes back, or it does not.
    if (choice.percent(60)) fates.push({ at, rate });
    at += between(choice, 2, 15);
  }
  return fates;
}

function randomTree(choice: Choice, total: number, sources: number): SimulatedTree {
  const all = 2 ** sources - 1;
  const shape = choice.below(4);
  const sizes: number[] = [];
  let left = total;
  while (left > 1 && sizes.length < 3000) {
    const size = Math.min(left, Math.ceil(sizeOf(choice, shape, total)));
    sizes.push(size);
    left -= size;
  }
  // Old mirrors lack some of the files, or have them as they were; the first has all.
  const isStale = choice.percent(30);
  const masks = sizes.map(() => (isStale && choice.percent(20) ? 1 | choice.below(all + 1) : all));
  return { sizes, masks };
}

function sizeOf(choice: Choice, shape: number, total: number): number {
  if (shape === 0) return total;
  if (shape === 1) return total / 20 + choice.below(1000);
  // Many small ones and a few large ones.
  const scale = shape === 2 ? total / 2000 : total / 300;
  return Math.max(1, scale * 10 ** ((choice.below(2000) - 1200) / 1000));
}

/** A whole number from `least` to `most`. */
function between(choice: Choice, least: number, most: number): number {
  return least + choice.below(most - least + 1);
}
