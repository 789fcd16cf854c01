// Whether it pays to look for content in any file of the target: reading all of them takes time, and what is found
// need not be sent. Nobody knows beforehand how much that will be.

import type { Options } from "../../options/index.ts";

/** What is known when it has to be decided. */
export interface ContentEstimate {
  /** Bytes of files that may be there in parts. */
  readonly wanted: number;
  /** Bytes of the files to be looked through. */
  readonly through: number;
  /** Bytes a second that the line takes; 0 = it has not been what the run waited for. */
  readonly lineRate: number;
}

/** What is expected to be found: of linux 6.12 the files that 6.1 does not have are there to 28 %. */
const foundShare = 1 / 8;
/** What lists of chunks cost of what is wanted. */
const listShare = 1 / 100;
/** Bytes a second that are looked through: a disk that is no slow one, and two lanes. */
const throughRate = 200_000_000;
/** Less is not worth a way more. */
const wantedMin = 64 * 1024;

/** Says whether it is done. */
export function looksForContent(options: Options, estimate: ContentEstimate): boolean {
  const { wanted, through, lineRate } = estimate;
  const { contentIndex } = options.own.renames;
  if (wanted === 0 || through === 0 || contentIndex === false) return false;
  if (contentIndex === true) return true;
  // What is not there cannot be found, whatever is wanted.
  const found = Math.min(wanted * foundShare, through) - wanted * listShare;
  if (wanted < wantedMin || lineRate === 0) return false;
  return found / lineRate > through / throughRate;
}

/** Returns bytes a second of the line, as far as they are known: `measured`, unless the user asks for less. 0 = they are not. */
export function lineRateOf({ limits }: Options, measured: number): number {
  if (limits.bwlimit === 0) return measured;
  return measured === 0 ? limits.bwlimit : Math.min(measured, limits.bwlimit);
}
