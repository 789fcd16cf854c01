// --checksum with what is known from earlier runs: two files whose digests are known are not even opened. Small ones
// that have to be read are read many at a time.

import { stateOfRow } from "../../cache/index.ts";
import { order } from "../../changeset/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import { strongDigestName } from "../../hash/index.ts";
import { haveEqualDigests, sideOf } from "../lane/equal-digests.ts";
import { compareSmall } from "./compare-small.ts";
import { type ComparedPairs, known, sourceDigests, verdict } from "./compared-pairs.ts";

const findings = { verdicts: new Uint8Array(256), known: new Uint8Array(256) };

/** What was found out. */
export interface Comparison {
  /** By row of the source. */
  readonly verdicts: Uint8Array;
  /** There are pairs about which nothing was, at most so many. */
  readonly open: number;
}

/**
 * Finds out about pairs of equal size. Those stay open about which nothing is known and nothing can be remembered, and
 * those of `sizeMax` bytes and more about which not everything is known. Undefined = there are no digests at all.
 */
export function compareDigests(
  pairs: ComparedPairs,
  openFrom: () => DirHandle | undefined,
  sizeMax: number,
): Comparison | undefined {
  const { lane, task, source } = pairs;
  if (!lane.digests.isOpen) return undefined;
  const { target } = lane.digests;
  const sources = [...task.origins, ...task.named].map(({ root }) => lane.digests.source(root));
  const { count } = source;
  if (findings.verdicts.length < count) {
    findings.verdicts = new Uint8Array(count * 2);
    findings.known = new Uint8Array(count * 2);
  }
  const { verdicts } = findings;
  let open = 0;
  for (let i = 0; i < count; i++) {
    const isCompared = lane.orders.kind[i] === order.compare;
    verdicts[i] = isCompared ? compareKnown(pairs, i) : verdict.open;
    if (isCompared && verdicts[i] === verdict.open) open++;
  }
  // Without native code it is faster to compare.
  if (open === 0 || strongDigestName() !== "blake3") return { verdicts, open };
  const remembers = [target, ...sources].some((digests) => digests?.remembers === true);
  const isWanted = (i: number): boolean => {
    if (lane.orders.kind[i] !== order.compare || verdicts[i] !== verdict.open) return false;
    return (source.size[i] as number) < sizeMax && (remembers || findings.known[i] !== known.none);
  };
  compareSmall(pairs, findings, openFrom, isWanted);
  for (let i = 0; i < count; i++) {
    if (!isWanted(i)) continue;
    const same = comparePair(pairs, i, lane.orders.target[i] as number);
    verdicts[i] = same ? verdict.same : verdict.different;
    open--;
  }
  return { verdicts, open };
}

/** Compares the two files of one pair, reading what has to be read. */
export function comparePair(pairs: ComparedPairs, i: number, t: number): boolean {
  const { lane, source, target, dir, content } = pairs;
  const name = source.name(i);
  const one = sideOf(content.fs, source, i, sourceDigests(pairs, i), () =>
    content.open({ listing: source, index: i, name }),
  );
  const other = sideOf(lane.fs, target, t, lane.digests.target, () => lane.fs.openRead(dir, name));
  const known = lane.listedDigests.get(i) ?? one.known;
  return haveEqualDigests({ ...one, known }, other, () => lane.checkCancelled());
}

/** The verdict about a pair without reading; notes what is known (hot: a million times a run). */
function compareKnown(pairs: ComparedPairs, i: number): number {
  const { lane, source, target } = pairs;
  const listed = lane.listedDigests.get(i);
  // The other end could not read it: whoever sends it will say why.
  if (lane.arrivals !== undefined && listed === undefined) return verdict.different;
  const ofSource = sourceDigests(pairs, i);
  const ofTarget = lane.digests.target;
  const one = listed !== undefined || ofSource?.find(stateOfRow(source, i)) === true;
  const other = ofTarget?.find(stateOfRow(target, lane.orders.target[i] as number)) === true;
  findings.known[i] = (one ? known.source : known.none) | (other ? known.target : known.none);
  if (!one || ofTarget === undefined || !other) return verdict.open;
  const same =
    listed === undefined
      ? ofSource?.foundSameAs(ofTarget) === true
      : Buffer.compare(listed, ofTarget.found) === 0;
  return same ? verdict.same : verdict.different;
}
