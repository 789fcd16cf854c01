// What a receiver tells the sender: how many datagrams came, and which blocks it lacks, as lengths of runs.
// Reports may be lost or overtake one another; the newest one says it all.

import { ManifoldError } from "../base/index.ts";
import { blocksMax, countersMax, reportBytesMax } from "./limits.ts";

/** A report. */
export interface Report {
  /** Grows by one; the sender ignores what is older than what it knows. */
  readonly sequence: number;
  /** The highest counter that came; -1 = nothing has. */
  readonly counter: number;
  /** Datagrams that came, and bytes of them, since the receiver began. */
  readonly datagrams: number;
  readonly bytes: number;
  /** The receiver's clock, in microseconds from anywhere, and for how long it has known `counter`. */
  readonly clock: number;
  readonly held: number;
  /** Every block before `floor` is there; of those from `upTo` on nothing is said. */
  readonly floor: number;
  readonly upTo: number;
  /** Lengths of runs from `floor` on: missing, there, missing, and so on; what is left up to `upTo` is there. */
  readonly runs: readonly number[];
}

/** Runs that one report holds. Each takes at most six bytes. */
export const runsMax = Math.floor((reportBytesMax - 64) / 6);

const septet = 0x80;
const numberBytesMax = 7;

/** Returns the report as bytes: numbers of seven bits a byte, the lowest first. */
export function encodeReport(report: Report): Uint8Array {
  const { sequence, counter, datagrams, bytes, clock, held, floor, upTo, runs } = report;
  const out: number[] = [];
  for (const number of [
    sequence,
    counter + 1,
    datagrams,
    bytes,
    clock,
    held,
    floor,
    upTo - floor,
  ]) {
    put(out, number);
  }
  for (const run of runs) put(out, run);
  return Uint8Array.from(out);
}

function put(out: number[], number: number): void {
  let rest = number;
  for (; rest >= septet; rest = Math.floor(rest / septet)) out.push((rest % septet) | septet);
  out.push(rest);
}

/** Reads a report. Throws a protocol-data error. */
export function decodeReport(bytes: Uint8Array): Report {
  if (bytes.length > reportBytesMax) throw broken(`it has ${bytes.length} bytes`);
  let at = 0;
  const take = (max: number): number => {
    let number = 0;
    for (let scale = 1, left = numberBytesMax; ; scale *= septet) {
      const byte = bytes[at++];
      if (byte === undefined || left-- === 0) throw broken("it ends in a number");
      number += (byte % septet) * scale;
      if (byte < septet) break;
    }
    if (number > max) throw broken(`${number} is too large`);
    return number;
  };
  const sequence = take(blocksMax);
  const counter = take(countersMax) - 1;
  const datagrams = take(countersMax);
  const received = take(Number.MAX_SAFE_INTEGER);
  const clock = take(Number.MAX_SAFE_INTEGER);
  const held = take(Number.MAX_SAFE_INTEGER);
  const floor = take(blocksMax);
  const upTo = floor + take(blocksMax - floor);
  const runs: number[] = [];
  let described = 0;
  while (at < bytes.length) {
    const run = take(upTo - floor - described);
    // Only the first run may be empty, and nothing is: floor is the first block that is missing.
    if (run === 0) throw broken("a run is empty");
    described += run;
    runs.push(run);
  }
  return { sequence, counter, datagrams, bytes: received, clock, held, floor, upTo, runs };
}

function broken(why: string): ManifoldError {
  return new ManifoldError("protocol-data", `A report of a receiver breaks the protocol: ${why}`);
}
