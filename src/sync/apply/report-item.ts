// Puts entries that a lane dealt with on the progress stream, with what formats ask for, and (under
// --progress) how far their content is.

import { type ByteString, joinPath } from "../../base/index.ts";
import { closeRead, FsError } from "../../fs/index.ts";
import { createDigest, digestDigits } from "../../hash/index.ts";
import type { ContentSource } from "../../pipeline/index.ts";
import {
  change,
  type ItemEvent,
  significantChanges,
  typeMask,
  typeRegular,
} from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import { sourceLabel, sourceRoot } from "../lane/origin-content.ts";
import { type Range, rowOf } from "../tasks/range.ts";
import { itemEvent } from "./item-event.ts";

const chunkBytes = 256 * 1024;

/** Puts the line of entry `i` on the progress stream; `leader` is what it was hard-linked to. */
export function report(
  lane: LaneCore,
  range: Range,
  i: number,
  changes = range.orders.changes[i] as number,
  leader?: ByteString,
): void {
  const { dryRun } = lane.settings.options.transfer;
  const path = shownPath(range, i);
  const event = itemEvent(range.source, i, changes, path, dryRun ? undefined : lane.transferred);
  const { madeOf } = range;
  const told =
    leader === undefined
      ? madeOf === undefined
        ? event
        : { ...event, madeOf }
      : { ...event, linkTarget: leader };
  const { sourcePath, source, checksum } = lane.wishes;
  const plain = !sourcePath && !source && checksum === undefined;
  lane.events.push(plain ? told : { ...told, ...details(lane, range, i, changes) });
}

/** The order of entry `i` begins; under --progress its item is told now, if it can be, and then its content. */
export function beginEntry(lane: LaneCore, range: Range, i: number): void {
  const { wishes, news, settings } = lane;
  const isTransfer = ((range.orders.changes[i] as number) & change.transfer) !== 0;
  if (!wishes.progress || !isTransfer || settings.options.transfer.dryRun) return;
  // Of a large file it was told when it was opened.
  if (wishes.early && range.pieces === undefined) report(lane, range, i);
  news.begin(shownPath(range, i), range.source.size[i] as number, rowOf(range, i));
}

/** The order of entry `i` was carried out: its item is told, unless it has been, and that its content is there. */
export function endEntry(lane: LaneCore, range: Range, i: number): void {
  const { wishes, news } = lane;
  const finished = news.end(true);
  if (finished === undefined || !wishes.early) reportWanted(lane, range, i);
  if (finished !== undefined) lane.events.push(finished);
  news.sendNow();
}

function reportWanted(lane: LaneCore, range: Range, i: number): void {
  const { items } = lane.settings;
  const isSignificant = ((range.orders.changes[i] as number) & significantChanges) !== 0;
  if (items === "all" || (items === "changed" && isSignificant)) report(lane, range, i);
}

/** The path that lines show for entry `i`. */
export function shownPath(
  {
    task,
    place,
    source,
  }: Pick<Range, "task" | "source"> & { place: { readonly path: ByteString } },
  i: number,
): ByteString {
  const named = task.named[(source.origin[i] as number) - task.origins.length];
  return joinPath(place.path, named?.shown ?? source.name(i));
}

function details(lane: LaneCore, range: Range, i: number, changes: number): Partial<ItemEvent> {
  const { task, source } = range;
  const { sourcePath, source: wantsSource, checksum } = lane.wishes;
  const origin = source.origin[i] as number;
  const isDigested =
    checksum !== undefined &&
    ((source.mode[i] as number) & typeMask) === typeRegular &&
    (lane.settings.options.select.checksum || (changes & change.transfer) !== 0);
  const digest = isDigested ? contentDigest(lane, range, i, checksum) : undefined;
  return {
    ...(sourcePath && {
      sourcePath: sourceLabel(lane, task.origins, task.named, origin, source.name(i)),
    }),
    ...(wantsSource && { source: sourceRoot(task.origins, task.named, origin) }),
    ...(digest !== undefined && { checksum: digest }),
  };
}

/** Digests a source file; undefined when it cannot be read, which whoever copies it tells. */
function contentDigest(
  lane: LaneCore,
  { task, source, place }: Range,
  i: number,
  name: Parameters<typeof createDigest>[0],
): string | undefined {
  const content = lane.entryContent(task, place);
  try {
    const file = content.open({ listing: source, index: i, name: source.name(i) });
    try {
      return digestFile(content, file, name);
    } finally {
      closeRead(content.fs, file);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  } finally {
    content.close();
  }
}

function digestFile(
  { fs }: ContentSource,
  file: number,
  name: Parameters<typeof createDigest>[0],
): string {
  const digest = createDigest(name);
  const chunk = new Uint8Array(chunkBytes);
  for (let position = 0; ; ) {
    const read = fs.read(file, chunk, 0, chunkBytes, position);
    if (read === 0) break;
    digest.update(chunk, 0, read);
    position += read;
  }
  return digestDigits(name, digest.digest());
}
