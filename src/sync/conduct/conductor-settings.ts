// What a conductor is told about the run that it conducts.

import type { Options } from "../../options/index.ts";
import type { CounterName, ProgressEvent } from "../../tree/index.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { FarSource, FarTarget } from "./far-ends.ts";

/** Priorities of tasks: what frees memory goes before what takes it. */
export const priority = { finish: 0, apply: 1, survey: 2, applyLater: 3 } as const;
/** Surveyed nodes that have not told their news; beyond it only the head of the order gets on. */
export const untoldMax = 4096;
/** A survey costs as much as so many entries. */
export const surveyCost = 64;

/** What a conductor is told. */
export interface ConductorSettings {
  readonly options: Options;
  readonly plan: TransferPlan;
  readonly targetExists: boolean;
  /** Directories that lock their owner out are opened while the run works in them. */
  readonly opensDirectories: boolean;
  readonly items: "none" | "changed" | "all";
  /** Surveys go before the applying of what they found. */
  readonly scansAhead: () => boolean;
  readonly tell: (event: ProgressEvent) => void;
  /** What lanes share that look for renamed files; undefined = nobody does. */
  readonly moves?: SharedArrayBuffer | undefined;
  /** What is planned to be deleted at the end of the run will be, as far as anybody can say by now. */
  readonly deletes?: () => boolean;
  /** Counts what nobody but the conductor does. */
  readonly count?: (name: CounterName, more: number) => void;
  /** The source's end of the run, where it is elsewhere. */
  readonly farSource?: FarSource;
  /** The target's end, likewise. */
  readonly farTarget?: FarTarget;
}
