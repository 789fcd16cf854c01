// What a survey that went on below tells of subdirectories: nothing of those of which nobody need know.

import { Orders } from "../../changeset/index.ts";
import { Directory, freezeRows, selectMap } from "../../tree/index.ts";
import type { Subdirectories, SurveyResult } from "../tasks/tasks.ts";

/** A task goes no further when it has lasted so long: others wait for their share of what it found, and signals to be heard. */
export const belowMsMax = 4;

/** Returns the subdirectories but for quiet ones; undefined = none is left. */
export function withoutQuiet(
  { listing, orders, made, apart }: Subdirectories,
  quiet: ReadonlySet<number>,
  brought: ReadonlyMap<number, SurveyResult>,
): Subdirectories | undefined {
  const rows = Uint32Array.from(made.keys()).filter((i) => !quiet.has(i));
  if (rows.length === 0) return undefined;
  return {
    listing: freezeRows(Directory.thaw(listing), rows),
    places: rows,
    orders: Orders.thaw(orders).freezeRows(rows).frozen,
    made: Uint8Array.from(rows, (i) => made[i] as number),
    apart: apart && selectMap(apart, rows),
    brought: selectMap(brought, rows),
  };
}
