// --checksum on one machine: both files are at hand, so their bytes are compared and nothing is
// hashed. The comparison stops at the first difference.

import { order } from "../changeset/index.ts";
import { type DirHandle, type FileHandle, FsError } from "../fs/index.ts";
import { type ContentSource, settleChanged, settleSame } from "../pipeline/index.ts";
import type { Directory } from "../tree/index.ts";
import type { LaneCore } from "./lane-core.ts";
import type { SurveyTask } from "./tasks.ts";

const pieceBytes = 256 * 1024;
const sourceBytes = Buffer.allocUnsafeSlow(pieceBytes);
const targetBytes = Buffer.allocUnsafeSlow(pieceBytes);

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
    for (let i = 0; i < source.count; i++) {
      if (orders.kind[i] !== order.compare) continue;
      lane.checkCancelled();
      const t = orders.target[i] as number;
      const same = compareOne(lane, i, dir, content);
      if (same) settleSame(lane.diff, source, i, target, t, orders);
      else settleChanged(lane.diff, source, i, target, t, orders);
    }
  } finally {
    content.close();
  }
}

/** Says whether a file in `dir` has the content of entry `i` of the lane's source, which it has in name and size. */
export function hasEqualContent(
  lane: LaneCore,
  i: number,
  dir: DirHandle,
  content: ContentSource,
): boolean {
  lane.checkCancelled();
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
    const wanted = Math.min(pieceBytes, size - position);
    const a = fs.read(from, sourceBytes, 0, wanted, position);
    const b = fs.read(to, targetBytes, 0, wanted, position);
    if (a !== b || a === 0) return false;
    if (sourceBytes.compare(targetBytes, 0, b, 0, a) !== 0) return false;
    position += a;
  }
  return true;
}
