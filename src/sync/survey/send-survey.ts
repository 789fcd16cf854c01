// The survey of one directory whose target is on another machine: scanned, and made a record that the
// other end diffs. The listing is kept, too: wishes for content are about its rows.

import type { ByteString } from "../../base/index.ts";
import type { RootDigests } from "../../cache/index.ts";
import { ListedDirectory, Orders, order } from "../../changeset/index.ts";
import { closeRead, type FileHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { type DigestName, digestLengths } from "../../hash/index.ts";
import { phantom } from "../../pipeline/index.ts";
import {
  type DirectoryRecord,
  encodeDirectory,
  encodeDirectorySum,
  sumOfListing,
} from "../../session/index.ts";
import { type Directory, isRegular } from "../../tree/index.ts";
import { readAhead } from "../apply/read-ahead.ts";
import { digestOfFile } from "../lane/equal-digests.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import { keepsImplied } from "../lane/target-follow.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { emptySurvey } from "./empty-survey.ts";
import { nameIds } from "./name-ids.ts";
import { scanSelf, scanSource } from "./source-side.ts";
import { tellDigests } from "./tell-digests.ts";

/** Orders of subdirectories, which are the target's matter. */
const noOrders = new Orders();

/** Runs a survey task of the source's end. */
export function sendSurvey(lane: LaneContext, task: SurveyTask): SurveyResult {
  const { source } = lane;
  const { options } = lane.settings;
  const { self, absent } = scanOrTell(lane, task);
  const { count } = source;
  let first = count;
  while (first > 0 && source.isDirectory(first - 1)) first--;
  const listing = source.freeze();
  const subdirs = first === count ? undefined : subdirectories(source, first);
  const ahead = task.sendsAhead && readAhead(lane, task, task.sendsAhead);
  const listed = new ListedDirectory(source);
  listed.path = task.path;
  if (options.select.checksum) addDigests(lane, task, listed);
  const hasInodes = options.preserve.hardLinks;
  leaveOut(lane, source);
  nameIds(lane.settings.options, lane.idNames, listed);
  const directory = {
    path: task.path,
    top: task.top,
    isWhole: task.origins.length > 0,
    listing: listed,
    self: self && listedSelf(lane, self),
    hasInodes,
    absent,
    digests: task.tellsDigests ? tellDigests(lane, task) : undefined,
    events: task.deletionsOnly ? [] : lane.events,
  };
  const sum = ahead === undefined ? sumInstead(task, directory) : undefined;
  const record = sum ?? encodeDirectory(directory);
  lane.events = [];
  return {
    ...emptySurvey(task.node),
    subdirs,
    entries: count,
    sending: { directory: lane.nextDirectory(), record, isSum: sum !== undefined, listing, ahead },
  };
}

/**
 * Returns what may go in the place of a directory's record, for a target that has the same; undefined = the record does, which tells
 * more than what is in it. Whatever is missing here relistedRecord() has to add.
 */
function sumInstead(
  { tellsSums = 0, top }: SurveyTask,
  { listing, isWhole, self, hasInodes, absent, digests, events }: DirectoryRecord,
): Uint8Array | undefined {
  const { columns, states, users, groups } = listing;
  if (tellsSums === 0 || !isWhole || columns.count === 0) return undefined;
  if (self !== undefined || digests !== undefined || hasInodes) return undefined;
  if (absent.length + events.length + states.digests.size > 0) return undefined;
  for (let i = 0; i < columns.count; i++) if (columns.verdict[i] !== 0) return undefined;
  const sum = sumOfListing(columns, tellsSums, { users, groups });
  return sum && encodeDirectorySum({ topBytes: top.length, sum });
}

/**
 * Scans; of a directory that cannot be read the other end hears all the same, as of an incomplete one: it waits for
 * it, and deletes nothing then (promise P6).
 */
function scanOrTell(
  lane: LaneContext,
  task: SurveyTask,
): { readonly self: Directory | undefined; readonly absent: readonly ByteString[] } {
  try {
    const self = task.self && scanSelf(lane, task.self);
    const absent = scanSource(lane, task);
    markBareParents(lane, task);
    return { self, absent };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const { operation, errno } = error;
    lane.problem("source", (lane.roots[0]?.label ?? "") + task.path, operation, errno);
    lane.source.clear();
    lane.source.complete = false;
    return { self: undefined, absent: [] };
  }
}

/** Implied parents that are taken as the target has them. */
function markBareParents(lane: LaneContext, { origins, named }: SurveyTask): void {
  if (!named.some((group) => group.implied) || !keepsImplied(lane.settings.options)) return;
  const { source } = lane;
  for (let i = 0; i < source.count; i++) {
    if (named[(source.origin[i] as number) - origins.length]?.implied !== true) continue;
    source.verdict[i] = (source.verdict[i] as number) | phantom;
  }
}

function subdirectories(source: Directory, first: number): SurveyResult["subdirs"] {
  const count = source.count - first;
  const orders = noOrders;
  orders.reset(count);
  orders.kind.fill(order.none, 0, count);
  return {
    listing: source.freezeFrom(first),
    orders: orders.freeze(),
    made: new Uint8Array(count).fill(1),
    apart: undefined,
  };
}

/** Columns that the other end does not ask for are not sent. */
function leaveOut(lane: LaneContext, columns: Directory): void {
  const { preserve } = lane.settings.options;
  const { count } = columns;
  if (!preserve.atimes) {
    columns.atime.fill(0, 0, count);
    columns.atimeNanos.fill(0, 0, count);
  }
  if (!preserve.crtimes) {
    columns.crtime.fill(0, 0, count);
    columns.crtimeNanos.fill(0, 0, count);
  }
}

function listedSelf(lane: LaneContext, self: Directory): ListedDirectory {
  // Whatever its name on the source is, on the target it is the top.
  const columns = self;
  columns.names = Uint8Array.of(0x2e, 0);
  columns.namesUsed = 2;
  columns.nameStart[0] = 0;
  columns.nameLength[0] = 1;
  const listed = new ListedDirectory(columns);
  leaveOut(lane, columns);
  nameIds(lane.settings.options, lane.idNames, listed);
  return listed;
}

/** --checksum: as in rsync, the source's end digests every file. */
function addDigests(
  lane: LaneContext,
  task: SurveyTask,
  { columns, states }: ListedDirectory,
): void {
  const content = lane.contentSource(task.origins, task.named);
  try {
    for (let i = 0; i < columns.count; i++) {
      if (!isRegular(columns.mode[i] as number)) continue;
      lane.checkCancelled();
      const place = columns.origin[i] as number;
      const kept = lane.digests.sourceAt(task.origins, task.named, place);
      const digest = digestEntry(lane, content, kept, columns, i);
      if (digest !== undefined) states.digests.set(i, digest);
    }
  } finally {
    content.close();
  }
}

/** Of a file that cannot be read there is no digest: whoever sends it will say why. */
function digestEntry(
  lane: LaneContext,
  content: OriginContent,
  digests: RootDigests | undefined,
  listing: Directory,
  index: number,
): Uint8Array | undefined {
  const open = (): FileHandle => content.open({ listing, index, name: listing.name(index) });
  try {
    const { farSums } = lane.settings;
    if (farSums !== undefined) return digestByName(content.fs, open(), farSums.listName);
    const side = { fs: content.fs, listing, i: index, digests, open };
    return digestOfFile(side, () => lane.checkCancelled());
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Digests of listings have more room than rsync's. */
function digestByName(fs: FileSystem, file: FileHandle, name: DigestName): Uint8Array {
  try {
    const digest = new Uint8Array(digestLengths.blake3);
    digest.set(digestOpenFile(fs, file, name));
    return digest;
  } finally {
    closeRead(fs, file);
  }
}
