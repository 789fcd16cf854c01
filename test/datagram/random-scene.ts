// Casts by chance: a seed makes a network, receivers and their fates.

import { Choice } from "../support/index.ts";
import type { ReceiverTraits, SceneTraits } from "./cast-traits.ts";
import type { LineTraits } from "./simulated-network.ts";

const mega = 1_000_000;

/** Returns the cast of a seed. */
export function randomScene(seed: number): SceneTraits {
  const choice = new Choice(seed);
  const count = choice.percent(2) ? 1000 : choice.of([1, 1, 2, 3, 4, 5, 8, 12, 20, 100]);
  const sealed = seed % 16 === 0 && count <= 5;
  const blocks = count >= 100 ? choice.of([50, 400]) : choice.of([1, 7, 500, 1500, 3000]);
  const rate = choice.of([1, 12.5, 12.5, 125]) * mega;
  const usual: LineTraits = {
    rate,
    queue: choice.of([0.005, 0.02, 0.1]) * rate,
    delayMs: choice.of([0.05, 0.05, 1, 25]),
    jitterMs: choice.of([0, 0, 0.2, 4]),
    lost: choice.of([0, 0, 10, 100, 1000, 3000]),
    repeated: choice.of([0, 0, 500]),
  };
  const oddities = choice.percent(60) ? 0 : choice.of([3, 10, 30]);
  const receivers = Array.from({ length: count }, (): ReceiverTraits => {
    const line = { ...usual, rate: usual.rate * (0.9 + choice.below(20) / 100) };
    if (!choice.percent(oddities)) return { line, joinsAt: 0 };
    return odd(choice, line);
  });
  const uplink = { ...usual, lost: choice.of([0, 0, 100, 1000]), rate: 1.2 * rate, delayMs: 0.05 };
  const scene = {
    ...{
      seed,
      blocks: sealed ? Math.min(blocks, 500) : blocks,
      blockBytes: 1408,
      sealed,
    },
    sourceRate: choice.percent(25) ? choice.of([0.5, 2, 10]) : undefined,
    blocksPerDatagram: choice.of([1, 1, 4]),
  };
  // Losses one after the other, and processors that are busy with other things.
  const burst = choice.of([1, 1, 5, 20, 45]);
  const losing = receivers.map((each) => ({ ...each, line: { ...each.line, burst } }));
  const napMs = count <= 20 ? choice.of([0, 0, 0, 10, 40]) : 0;
  return { ...scene, uplink: { ...uplink, burst }, receivers: losing, napMs };
}

/** A receiver that something happens to. */
function odd(choice: Choice, line: LineTraits): ReceiverTraits {
  const at = choice.below(3000);
  const joinsAt = 0;
  switch (choice.below(7)) {
    case 0:
      return { line: { ...line, rate: line.rate / choice.of([3, 5, 50]) }, joinsAt };
    case 1:
      return { line, joinsAt, stall: { at, forMs: choice.of([100, 1000, 10_000]) } };
    case 2:
      return { line, joinsAt, crash: { at, backAfterMs: undefined } };
    case 3:
      return { line, joinsAt, crash: { at, backAfterMs: choice.of([10, 2000]) } };
    case 4:
      return { line, joinsAt: at };
    case 5:
      return { line, joinsAt, lies: choice.of(["missing", "garbage", "future"] as const) };
    default:
      return { line: { ...line, lost: choice.of([5000, 30_000, 100_000]) }, joinsAt };
  }
}
