// Small files of --checksum that have to be read: those of one directory are read many at a time, both sides one after
// the other, then compared and digested where they lie in memory.

import { stateOfRow } from "../../cache/index.ts";
import { type DirHandle, pickMark } from "../../fs/index.ts";
import { blockHash } from "../../hash/index.ts";
import {
  type ComparedPairs,
  type Findings,
  known,
  sourceDigests,
  verdict,
} from "./compared-pairs.ts";

/** Larger files are read one by one. */
const smallBytesMax = 128 * 1024;
/** Bytes of each side that are read in one go. */
const batchBytes = 1024 * 1024;
const digestBytes = 32;

let marks = { source: new Uint8Array(256), target: new Uint8Array(256) };
let bytes: { readonly source: Buffer; readonly target: Buffer } | undefined;
const taken = new Uint8Array(digestBytes);

/**
 * Compares what is wanted and small, and writes the verdicts; what cannot be read in this way stays open. `openFrom`
 * opens the one directory of the source; undefined = its files cannot be read in this way.
 */
export function compareSmall(
  pairs: ComparedPairs,
  findings: Findings,
  openFrom: () => DirHandle | undefined,
  isWanted: (i: number) => boolean,
): void {
  const { lane, source, target } = pairs;
  if (lane.fs.readFiles === undefined) return;
  if (marks.source.length < source.count || marks.target.length < target.count) {
    const length = 2 * Math.max(source.count, target.count);
    marks = { source: new Uint8Array(length), target: new Uint8Array(length) };
  }
  let batch: number[] = [];
  let used = 0;
  let from: DirHandle | undefined;
  for (let i = 0; i < source.count; i++) {
    const size = source.size[i] as number;
    if (!isWanted(i) || size > smallBytesMax) continue;
    const isSourceKnown = ((findings.known[i] as number) & known.source) !== 0;
    if (!isSourceKnown) from ??= openFrom();
    if (from === undefined && !isSourceKnown) continue;
    if (used + size > batchBytes) {
      compareBatch(pairs, findings, from, batch);
      batch = [];
      used = 0;
    }
    batch.push(i);
    used += size;
  }
  compareBatch(pairs, findings, from, batch);
}

function compareBatch(
  pairs: ComparedPairs,
  findings: Findings,
  from: DirHandle | undefined,
  batch: readonly number[],
): void {
  const { lane, source, target, dir } = pairs;
  const [first, last] = [batch[0], batch.at(-1)];
  if (first === undefined || last === undefined) return;
  lane.checkCancelled();
  bytes ??= {
    source: Buffer.allocUnsafeSlow(batchBytes),
    target: Buffer.allocUnsafeSlow(batchBytes),
  };
  const { orders } = lane;
  marks.source.fill(pickMark.none, first, last + 1);
  const [firstTarget, lastTarget] = [orders.target[first] as number, orders.target[last] as number];
  marks.target.fill(pickMark.none, firstTarget, lastTarget + 1);
  for (const i of batch) {
    const whose = findings.known[i] as number;
    if ((whose & known.source) === 0) marks.source[i] = pickMark.wanted;
    if ((whose & known.target) === 0) marks.target[orders.target[i] as number] = pickMark.wanted;
  }
  if (from !== undefined) {
    pairs.content.fs.readFiles?.(from, source, first, last + 1, marks.source, bytes.source, 0);
  }
  lane.fs.readFiles?.(dir, target, firstTarget, lastTarget + 1, marks.target, bytes.target, 0);
  let [at, targetAt] = [0, 0];
  for (const i of batch) {
    const size = source.size[i] as number;
    const isRead = marks.source[i] === pickMark.done;
    const isTargetRead = marks.target[orders.target[i] as number] === pickMark.done;
    const pair = { i, size, at: isRead ? at : -1, targetAt: isTargetRead ? targetAt : -1 };
    findings.verdicts[i] = comparePiece(pairs, findings.known[i] as number, pair, from);
    if (isRead) at += size;
    if (isTargetRead) targetAt += size;
  }
}

/** Two files in memory: where they begin there, -1 = they were not read. */
interface Piece {
  readonly i: number;
  readonly size: number;
  readonly at: number;
  readonly targetAt: number;
}

function comparePiece(
  pairs: ComparedPairs,
  whose: number,
  { i, size, at, targetAt }: Piece,
  from: DirHandle | undefined,
): number {
  const { lane, source, target, dir } = pairs;
  const isRead = at >= 0;
  const isTargetRead = targetAt >= 0;
  const isWhole =
    (isRead || (whose & known.source) !== 0) && (isTargetRead || (whose & known.target) !== 0);
  if (!isWhole || bytes === undefined) return verdict.open;
  const { source: one, target: other } = bytes;
  if (
    isRead &&
    isTargetRead &&
    one.compare(other, targetAt, targetAt + size, at, at + size) !== 0
  ) {
    return verdict.different;
  }
  const digest = blockHash("blake3");
  if (isRead) digest(taken, 0, digestBytes, one, at, at + size);
  else digest(taken, 0, digestBytes, other, targetAt, targetAt + size);
  const ofSource = sourceDigests(pairs, i);
  const ofTarget = lane.digests.target;
  if (isRead && from !== undefined) {
    ofSource?.remember(stateOfRow(source, i), taken, { fs: pairs.content.fs, dir: from });
  }
  const t = lane.orders.target[i] as number;
  if (isTargetRead) ofTarget?.remember(stateOfRow(target, t), taken, { fs: lane.fs, dir });
  if (isRead && isTargetRead) return verdict.same;
  const wanted = isRead
    ? ofTarget?.lookup(stateOfRow(target, t))
    : (lane.listedDigests.get(i) ?? ofSource?.lookup(stateOfRow(source, i)));
  if (wanted === undefined) return verdict.open;
  return Buffer.compare(taken, wanted) === 0 ? verdict.same : verdict.different;
}
