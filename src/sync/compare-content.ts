// --checksum on one machine: both files are at hand, so their bytes are compared and nothing is
// hashed. The comparison stops at the first difference.

import { order } from "../changeset/index.ts";
import { type DirHandle, type FileHandle, FsError, pickMark } from "../fs/index.ts";
import { type ContentSource, settleChanged, settleSame } from "../pipeline/index.ts";
import type { Directory } from "../tree/index.ts";
import { sourceDirectory } from "./copied-files.ts";
import type { LaneCore } from "./lane-core.ts";
import type { OriginContent } from "./origin-content.ts";
import type { SurveyTask } from "./tasks.ts";

const pieceBytes = 256 * 1024;
const sourceBytes = Buffer.allocUnsafeSlow(pieceBytes);
const targetBytes = Buffer.allocUnsafeSlow(pieceBytes);

/** Larger files are compared one by one, with looks at whether the run was cancelled. */
const manyBytesMax = 16 * 1024 * 1024;
/** Files between two such looks. */
const filesPerStep = 64;
let marks = new Uint8Array(256);

/** Turns every order of kind compare into what the comparison of the contents says. */
export function settleComparisons(
  lane: LaneCore,
  task: SurveyTask,
  dir: DirHandle | undefined,
  target: Directory,
): void {
  if (!lane.diff.checksum || dir === undefined) return;
  const { source, orders } = lane;
  const content = lane.contentSource(task.origins, task.named);
  try {
    const compared = compareMany(lane, task, dir, content);
    for (let i = 0; i < source.count; i++) {
      if (orders.kind[i] !== order.compare) continue;
      const t = orders.target[i] as number;
      const mark = compared ? marks[i] : pickMark.none;
      const same =
        mark === pickMark.none ? compareOne(lane, i, dir, content) : mark === pickMark.done;
      if (same) settleSame(lane.diff, source, i, target, t, orders);
      else settleChanged(lane.diff, source, i, target, t, orders);
    }
  } finally {
    content.close();
  }
}

/**
 * Has the door compare what it can in one go; false = it cannot. Marks then tell by entry: done = equal, none = it was
 * not looked at, else it is not equal, or it cannot be read.
 */
function compareMany(
  lane: LaneCore,
  { origins, named }: SurveyTask,
  dir: DirHandle,
  content: OriginContent,
): boolean {
  const { source, orders, fs } = lane;
  const isSimple = origins.length === 1 && named.length === 0 && lane.follow === "none";
  if (!isSimple || content.fs !== fs || lane.settings.options.transfer.openNoatime) return false;
  if (fs.compareFiles === undefined) return false;
  const from = sourceDirectory(content);
  if (from === undefined) return false;
  const { count } = source;
  if (marks.length < count) marks = new Uint8Array(count * 2);
  for (let i = 0; i < count; i++) {
    const isMany = orders.kind[i] === order.compare && (source.size[i] as number) <= manyBytesMax;
    marks[i] = isMany ? pickMark.wantedBytes : pickMark.none;
  }
  for (let first = 0; first < count; first += filesPerStep) {
    lane.checkCancelled();
    fs.compareFiles(from, dir, source, first, Math.min(first + filesPerStep, count), marks);
  }
  return true;
}

/** Says whether a file in `dir` has the content of entry `i` of the lane's source, which it has in name and size. */
export function hasEqualContent(
  lane: LaneCore,
  i: number,
  dir: DirHandle,
  content: ContentSource,
): boolean {
  return compareOne(lane, i, dir, content);
}

/** A file that cannot be read counts as different: whoever transfers it will report why. */
function compareOne(lane: LaneCore, i: number, dir: DirHandle, content: ContentSource): boolean {
  const { source, fs } = lane;
  const name = source.name(i);
  let from: FileHandle | undefined;
  let to: FileHandle | undefined;
  try {
    from = content.open({ listing: source, index: i, name });
    to = fs.openRead(dir, name);
    return equalContents(lane, from, to, source.size[i] as number);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  } finally {
    if (from !== undefined) fs.closeFile(from);
    if (to !== undefined) fs.closeFile(to);
  }
}

function equalContents(lane: LaneCore, from: FileHandle, to: FileHandle, size: number): boolean {
  const { fs } = lane;
  let position = 0;
  while (position < size) {
    lane.checkCancelled();
    const wanted = Math.min(pieceBytes, size - position);
    const a = fs.read(from, sourceBytes, 0, wanted, position);
    const b = fs.read(to, targetBytes, 0, wanted, position);
    if (a !== b || a === 0) return false;
    if (sourceBytes.compare(targetBytes, 0, b, 0, a) !== 0) return false;
    position += a;
  }
  return true;
}
