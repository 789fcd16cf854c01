// --checksum: what digests of earlier runs do not tell is found out by reading. Where nobody wants digests and both files
// are at hand, their bytes are compared and nothing is hashed.

import { Orders, order } from "../../changeset/index.ts";
import { type DirHandle, type FileHandle, FsError, pickMark } from "../../fs/index.ts";
import { settleChanged, settleSame } from "../../pipeline/index.ts";
import { Directory } from "../../tree/index.ts";
import { compareParts, hasEqualContent } from "../lane/equal-content.ts";
import { Cancelled, type LaneCore } from "../lane/lane-core.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import { countPlanned } from "../lane/planned-work.ts";
import type { ApplyTask } from "../tasks/apply-task.ts";
import {
  type LargeCompareResult,
  type LargeCompareTask,
  largeBytesMin,
  sharesLargeFiles,
} from "../tasks/large-file-tasks.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import { compareDigests, comparePair } from "./compare-digests.ts";
import { verdict } from "./compared-pairs.ts";
import { sourceDirectory } from "./copied-files.ts";

/** Larger files are compared one by one, with looks at whether the run was cancelled. */
const manyBytesMax = 16 * 1024 * 1024;
/** Files between two such looks. */
const filesPerStep = 64;
let marks = new Uint8Array(256);

/**
 * Turns every order of kind compare into what the comparison of the contents says, but for large files that all lanes
 * shall compare.
 */
export function settleComparisons(
  lane: LaneCore,
  task: SurveyTask,
  dir: DirHandle | undefined,
  target: Directory,
): void {
  if (!lane.diff.checksum || dir === undefined) return;
  const { source, orders } = lane;
  const content = lane.contentSource(task.origins, task.named);
  const { options } = lane.settings;
  // Names of a hard-link group have an order among themselves.
  const isHere = lane.arrivals === undefined;
  const isShared = isHere && sharesLargeFiles(options) && !options.preserve.hardLinks;
  try {
    const from = (): DirHandle | undefined => onlyDirectory(lane, task, content);
    const pairs = { lane, task, source, target, dir, content };
    const sizeMax = isShared ? largeBytesMin : Number.POSITIVE_INFINITY;
    const found = compareDigests(pairs, from, sizeMax);
    const compared = found?.open !== 0 && compareMany(lane, from, dir, found?.verdicts);
    for (let i = 0; i < source.count; i++) {
      if (orders.kind[i] !== order.compare) continue;
      const known = found?.verdicts[i] ?? verdict.open;
      if (known === verdict.open && (source.size[i] as number) >= sizeMax) continue;
      const t = orders.target[i] as number;
      const mark = compared && known === verdict.open ? marks[i] : pickMark.none;
      const same =
        known !== verdict.open
          ? known === verdict.same
          : mark === pickMark.none
            ? hasEqualContent(lane, i, dir, content)
            : mark === pickMark.done;
      if (same) settleSame(lane.diff, source, i, target, t, orders);
      else settleChanged(lane.diff, source, i, target, t, orders);
    }
  } finally {
    content.close();
  }
}

/** The one directory that all files of the source are in, if a door may read them as they are listed. */
function onlyDirectory(
  lane: LaneCore,
  { origins, named }: SurveyTask,
  content: OriginContent,
): DirHandle | undefined {
  const isSimple = origins.length === 1 && named.length === 0 && lane.follow === "none";
  if (!isSimple || content.fs !== lane.fs) return undefined;
  return lane.settings.options.transfer.openNoatime ? undefined : sourceDirectory(content);
}

/**
 * Has the door compare what it can in one go; false = it cannot. Marks then tell by entry: done = equal, none = it was
 * not looked at, else it is not equal, or it cannot be read.
 */
function compareMany(
  lane: LaneCore,
  openFrom: () => DirHandle | undefined,
  dir: DirHandle,
  verdicts: Uint8Array | undefined,
): boolean {
  const { source, orders, fs } = lane;
  if (fs.compareFiles === undefined) return false;
  const { count } = source;
  if (marks.length < count) marks = new Uint8Array(count * 2);
  let any = false;
  for (let i = 0; i < count; i++) {
    const isOpen = orders.kind[i] === order.compare && (verdicts?.[i] ?? 0) === verdict.open;
    const isMany = isOpen && (source.size[i] as number) <= manyBytesMax;
    marks[i] = isMany ? pickMark.wantedBytes : pickMark.none;
    any ||= isMany;
  }
  const from = any ? openFrom() : undefined;
  if (from === undefined) return false;
  for (let first = 0; first < count; first += filesPerStep) {
    lane.checkCancelled();
    fs.compareFiles(from, dir, source, first, Math.min(first + filesPerStep, count), marks);
  }
  return true;
}

/** Compares a piece of a large file. Of a cancelled run the answer is of no interest. */
export function compareLargePiece(lane: LaneCore, task: LargeCompareTask): LargeCompareResult {
  const { node, from, path, position, length } = task;
  const answer = { kind: "large-compare", node, from } as const;
  const listing = Directory.thaw(task.source);
  const content = lane.contentSource(task.origins, task.named);
  let dir: DirHandle | undefined;
  try {
    dir = lane.openTargetDirectory(path);
    if (lane.digests.isOpen && position === 0 && length === listing.size[from]) {
      const target = Directory.thaw(task.target);
      const t = Orders.thaw(task.orders).target[from] as number;
      const pairs = { lane, task, source: listing, target, dir, content };
      return { ...answer, equal: comparePair(pairs, from, t) };
    }
    const isValid = (source: FileHandle): boolean =>
      content.isUnchanged(source, { listing, index: from });
    const files = { listing, i: from, dir, content };
    const equal = compareParts(lane, files, position, position + length, isValid);
    return { ...answer, equal };
  } catch (error) {
    if (!(error instanceof FsError) && !(error instanceof Cancelled)) throw error;
    return { ...answer, equal: false };
  } finally {
    content.close();
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

/** Turns the order of a large file that was compared into what came out. */
export function settleCompared(lane: LaneCore, task: Omit<ApplyTask, "kind">): void {
  if (task.compared === undefined) return;
  const [source, target] = [Directory.thaw(task.source), Directory.thaw(task.target)];
  const orders = Orders.thaw(task.orders);
  const i = task.from;
  if (orders.kind[i] !== order.compare) return;
  const settle = task.compared === "equal" ? settleSame : settleChanged;
  settle(lane.diff, source, i, target, orders.target[i] as number, orders);
  countPlanned(lane, source, orders, i, i + 1);
}
