// A case of the table, and the commands that prepare one.

import { spawnSync } from "node:child_process";
import type { Figures } from "./measure.ts";

/** One row of the table. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** The goal for rsync's time over ours, where there is one. */
  readonly goal: number | undefined;
  readonly run: () => Figures[];
  /** What else is to be said of the figures. */
  readonly note?: (figures: readonly Figures[]) => string;
}

/** What cases about trees run with; trees are made when they are asked for. */
export interface TreeGround {
  readonly manifold: string;
  readonly work: string;
  readonly rounds: number;
  readonly targetOf: (name: string) => string;
  readonly removeTargets: () => void;
  readonly kernels: () => { readonly oldTree: string; readonly newTree: string };
}

/** Runs a command that has to end well. */
export function must(argv: readonly string[]): void {
  const [command = "", ...rest] = argv;
  const ended = spawnSync(command, rest, { encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`${argv.join(" ")} failed: ${ended.stderr}`);
}
