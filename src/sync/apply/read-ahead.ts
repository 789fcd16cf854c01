// Reads the content of a directory's first files while the directory is scanned, for a target that has nothing
// yet: it comes with the listing, and nobody has to ask. What is not read here in one go is asked for as ever.

import { type DirHandle, pickMark } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import { encodeAhead, encodeContent } from "../../session/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import {
  type AheadTask,
  aheadBytesMax,
  aheadEntriesMax,
  type ReadBytes,
  streamBytesMin,
} from "../tasks/far-tasks.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import { ContentRoom } from "./content-room.ts";
import { sourceDirectory } from "./copied-files.ts";

/** Files between two looks at whether the run was cancelled. */
const filesPerStep = 64;
const nothing = new Uint8Array(0);
let marks = new Uint8Array(256);

/** Returns what goes with the surveyed directory; its body is empty if nothing does. */
export function readAhead(lane: LaneContext, task: SurveyTask, how: AheadTask): ReadBytes {
  const none: ReadBytes = { head: nothing, body: nothing, room: how.room };
  const room = new ContentRoom(how.room);
  const { source } = lane;
  const { last, bytes } = wantedRows(lane, source);
  if (bytes === 0 || !isReadPlain(lane, task)) return none;
  room.reserve(bytes);
  const content = lane.contentSource(task.origins, task.named);
  try {
    const dir = sourceDirectory(content);
    const to = dir === undefined ? 0 : readRows({ lane, content, dir, room }, last);
    return room.used === 0 ? none : answer(room, to, how);
  } finally {
    content.close();
  }
}

/** Says whether files are read as they stand in the one directory. */
export function isReadPlain(
  { follow, settings: { options, farSums } }: LaneContext,
  task: SurveyTask,
): boolean {
  const { origins, named } = task;
  const isWhole = origins.length === 1 && named.length === 0;
  const isRaw = !options.preserve.fakeSuper && !options.transfer.openNoatime;
  return isWhole && isRaw && follow === "none" && farSums === undefined;
}

/** Marks the files that are wanted and returns the row behind the last one, and how much they have. */
function wantedRows(
  { settings }: LaneContext,
  source: Directory,
): { readonly last: number; readonly bytes: number } {
  const { count, size, mode } = source;
  const { hardLinks } = settings.options.preserve;
  if (marks.length < count) marks = new Uint8Array(count * 2);
  marks.fill(pickMark.none, 0, count);
  const most = Math.min(count, aheadEntriesMax);
  let bytes = 0;
  for (let row = 0; row < most; row++) {
    // Names of one file have their turn, which is known to the target.
    if (source.isDirectory(row) || (hardLinks && isHardLinked(source, row)))
      return { last: row, bytes };
    if (!isRegular(mode[row] as number)) continue;
    const length = size[row] as number;
    // Large ones come in pieces.
    if (length >= streamBytesMin || bytes + length > aheadBytesMax) return { last: row, bytes };
    bytes += length;
    marks[row] = pickMark.wanted;
  }
  return { last: most, bytes };
}

interface Reading {
  readonly lane: LaneContext;
  readonly content: OriginContent;
  readonly dir: DirHandle;
  readonly room: ContentRoom;
}

/** Reads the files that are marked, up to the first that is not what was listed; returns before which row that was. */
function readRows({ lane, content, dir, room }: Reading, last: number): number {
  const { source } = lane;
  for (let first = 0; first < last; first += filesPerStep) {
    lane.checkCancelled();
    const end = Math.min(first + filesPerStep, last);
    const used = content.fs.readFiles?.(dir, source, first, end, marks, room.bytes, room.used);
    let before = room.used;
    for (let row = first; row < end; row++) {
      if (marks[row] === pickMark.none) continue;
      if (marks[row] === pickMark.wanted) {
        room.used = before;
        return row;
      }
      before += source.size[row] as number;
    }
    room.used = used ?? before;
  }
  return last;
}

function answer(room: ContentRoom, to: number, how: AheadTask): ReadBytes {
  const records = encodeAhead(to);
  const bytes = room.filled;
  const digest = createDigest("blake3");
  digest.update(records);
  digest.update(bytes);
  const [head, body] = encodeContent({ digest: digest.digest(), records, bytes }, how.isCompressed);
  const spare = room.bytes.buffer === how.room.buffer ? undefined : how.room;
  return { head: head.slice(), body, room: room.bytes, spare };
}
