// What a range of entries needs of a source that is elsewhere: which files, and what of them the
// target has already, by digest or by block.

import type { ByteString } from "../../base/index.ts";
import { movesContent, Orders, order } from "../../changeset/index.ts";
import { FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import {
  askedTwiceBytesMin,
  encodeWanted,
  hasRow,
  type RowBits,
  type RowDigests,
  type WantedFile,
} from "../../session/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import { heldParts } from "../lane/found-parts.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { EntryParts } from "../tasks/content-index-tasks.ts";
import {
  farRangeBytesMax,
  type RangeWish,
  streamBytesMin,
  type WishResult,
  type WishTask,
} from "../tasks/far-tasks.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { MoveBases, MoveBasis } from "../tasks/move-tasks.ts";
import { rangeEntriesMax } from "../tasks/range.ts";
import { askSame, asksTwice } from "./ask-same.ts";
import { formerVersion, sumsOfLikeliest, usesBasis } from "./likely-sums.ts";
import { lookAtBasis } from "./look-at-basis.ts";
import { streamOf } from "./stream-wish.ts";

const nothingFound: readonly MoveBasis[] = [];

/** Says whether an entry wants content from the source. */
export function wantsContent(
  lane: Pick<LaneContext, "settings">,
  source: Directory,
  orders: Orders,
  i: number,
): boolean {
  const kind = orders.kind[i] as number;
  // What a basis directory has comes from there.
  return (
    movesContent(kind) &&
    kind !== order.copyBasis &&
    isRegular(source.mode[i] as number) &&
    !lane.settings.options.transfer.dryRun
  );
}

/** A range of entries of one directory. */
interface WishedRange {
  readonly path: ByteString;
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
  readonly rows?: Uint32Array | undefined;
  readonly bases?: MoveBases | undefined;
  readonly parts?: EntryParts | undefined;
  /** The directory, where it is open; it may have no name yet. */
  readonly place?: TargetPlace;
  /** Entries that are wished for once more; undefined = all are, for the first time. */
  readonly lacks?: readonly number[] | undefined;
  /** Entries of which it is known that they are not what stands under their names. */
  readonly others?: RowBits | undefined;
  /** It is one large file, whose content will come in pieces. */
  readonly streams?: boolean;
}

/** Runs a wish task. */
export function wishContent(lane: LaneContext, task: WishTask): WishResult {
  const { node, path, from, to, streams, rows, bases, parts, lacks, told: known } = task;
  const source = Directory.thaw(task.source);
  const target = Directory.thaw(task.target);
  const orders = Orders.thaw(task.orders);
  const range = {
    path,
    source,
    target,
    orders,
    from,
    to,
    rows,
    bases,
    parts,
    lacks,
    others: known?.others,
    // Where the source's end digests the file for what else it may be, it can say that, too.
    streams: streams && bases === undefined && isLargeAlone(source, from, to),
  };
  const { wanted, question, bytes, told, changes } = filesWanted(lane, range);
  const about = { kind: "wish", node, from, bases: told } as const;
  const stream = streams
    ? streamOf(source.size[from] as number, wanted, orders.changes[from] as number)
    : undefined;
  if (stream !== undefined) return { ...about, body: undefined, bytes, stream };
  return { ...about, ...encoded({ wanted, question, bytes, changes }), stream };
}

function isLargeAlone({ size }: Directory, from: number, to: number): boolean {
  return to - from === 1 && (size[from] as number) >= streamBytesMin;
}

/** Returns what a range wants that is so small that its content comes as one message; undefined = it is not. */
export function smallWish(lane: LaneContext, range: WishedRange): RangeWish | undefined {
  const { source, orders, from, to } = range;
  // What else a file is built from has to be told to whoever applies the range.
  if (to - from > rangeEntriesMax || lane.fuzzy !== undefined) return undefined;
  const { hardLinks } = lane.settings.options.preserve;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    if (wantsContent(lane, source, orders, i)) bytes += source.size[i] as number;
    if (hardLinks && isHardLinked(source, i)) return undefined;
  }
  if (bytes >= farRangeBytesMax) return undefined;
  return encoded(filesWanted(lane, range));
}

function encoded({ wanted, question, bytes, changes }: Omit<FilesWanted, "told">): RangeWish {
  const isNothing = wanted.length === 0 && question === undefined;
  return { body: isNothing ? undefined : encodeWanted(wanted, question), bytes, changes };
}

interface FilesWanted {
  readonly wanted: readonly WantedFile[];
  /** About files that are not among them, and of which no content is wanted yet. */
  readonly question: RowDigests | undefined;
  /** Of the content that is wanted, or may come with the answer. */
  readonly bytes: number;
  /** What of the files that entries may be made of was told, by entry. */
  readonly told: MoveBases | undefined;
  /** What changes about each file, where the other end speaks rsync's protocol. */
  readonly changes: readonly number[] | undefined;
}

function filesWanted(lane: LaneContext, range: WishedRange): FilesWanted {
  const { source, from, to, bases } = range;
  const changes: number[] = [];
  const wanted: WantedFile[] = [];
  const told: (readonly MoveBasis[])[] = [];
  const { dryRun } = lane.settings.options.transfer;
  let bytes = 0;
  let question: RowDigests | undefined;
  let dir: number | undefined;
  const open = (): TargetPlace => {
    if (range.place !== undefined) return range.place;
    dir ??= lane.openTargetDirectory(range.path);
    return { dir, path: range.path };
  };
  try {
    question = isPlain(range) ? askSame(lane, range, open) : undefined;
    bytes = bytesAtOnce(range, question);
    for (let i = from; i < to; i++) {
      const found = bases?.[i - from] ?? nothingFound;
      const isAsked = hasRow(question, i);
      const isSettled = isAsked || range.lacks?.includes(i - from) === false;
      told.push(isSettled ? found : nothingFound);
      if (isSettled) continue;
      // A dry run asks as which file it is, and for nothing of it.
      const asksOnly = dryRun && found.length > 0;
      if (!asksOnly && !wantsContent(lane, source, range.orders, i)) continue;
      lane.checkCancelled();
      if (!asksOnly) bytes += source.size[i] as number;
      const file = fileWanted(lane, range, i, found, asksOnly ? undefined : open);
      told[i - from] = file.told;
      wanted.push(file.wanted);
      changes.push(range.orders.changes[i] as number);
    }
  } catch (error) {
    // Whoever applies the range will meet the same and tell.
    if (!(error instanceof FsError)) throw error;
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
  const isAnyTold = bases !== undefined || told.some(({ length }) => length > 0);
  const tells = lane.settings.farSums !== undefined;
  return {
    wanted,
    question,
    bytes,
    told: isAnyTold ? told : undefined,
    changes: tells ? changes : undefined,
  };
}

/** `open` opens the directory, where content is wanted. Throws FsError. */
function fileWanted(
  lane: LaneContext,
  {
    source,
    target,
    orders,
    rows,
    from,
    parts,
    lacks,
    others: different,
    streams = false,
  }: WishedRange,
  i: number,
  found: readonly MoveBasis[],
  open: (() => TargetPlace) | undefined,
): { readonly wanted: WantedFile; readonly told: readonly MoveBasis[] } {
  const { inPlace, partials } = lane.receive.options.content;
  const size = source.size[i] as number;
  const { known: bases, others } = lane.knownDigests.of(lane, found, size);
  const known = bases.map(({ digest }) => digest as Uint8Array);
  const row = rows?.[i] ?? i;
  const nothing = { row, digest: undefined, known, signature: undefined, inPlace };
  if (open === undefined) {
    return { wanted: { ...nothing, piece: { position: 0, length: 0 } }, told: bases };
  }
  const t = orders.target[i] as number;
  const hasOwn = t >= 0 && isRegular(target.mode[t] as number);
  const end = hasOwn && lacks === undefined ? (target.size[t] as number) : 0;
  if (end > 0 && end < size && appends(lane)) {
    return { wanted: { ...nothing, piece: { position: end, length: size - end } }, told: bases };
  }
  // Where size and time are as wanted, sums would cost more than they are likely to save: only if it is not that file
  // it is wished for again, with them.
  const isSure = bases.some(({ same }) => same === "time");
  // What stands under the name may be the very content: then it stays, whatever else has it.
  const mayBeOwn = hasOwn && size === target.size[t];
  const isAgain = lacks !== undefined || hasRow(different, i);
  const asks = !isAgain && size >= askedTwiceBytesMin && asksTwice(lane);
  const question = { ...nothing, piece: { position: 0, length: 0 } };
  if (asks && isSure && !mayBeOwn) return { wanted: question, told: bases };
  const looksAtOwn = (hasOwn || partials !== undefined) && usesBasis(lane);
  const about = { source, row: i, own: hasOwn ? t : -1, signs: !isSure, isAgain, streams };
  const own = looksAtOwn ? lookAtBasis(lane, open(), about) : undefined;
  if (asks && own?.digest !== undefined && own.signature === undefined) {
    return { wanted: { ...question, digest: own.digest }, told: bases };
  }
  const isKnown = own?.digest !== undefined || own?.signature !== undefined || bases.length > 0;
  const likely =
    isKnown || hasOwn ? others : [...others, ...formerVersion(lane, open(), { source, orders }, i)];
  const sums = isKnown ? undefined : sumsOfLikeliest(lane, likely);
  const signature = sums && { signature: sums.signature };
  const partsOfIt = parts?.[i - from];
  const held = partsOfIt && { held: heldParts(partsOfIt) };
  return {
    wanted: { ...nothing, ...own, ...signature, piece: undefined, ...held },
    told: sums === undefined ? bases : [...bases, sums.basis],
  };
}

/** Returns how many bytes may come with the answer to a question about entries `from` up to `to`. */
function bytesAtOnce({ source, from, to }: WishedRange, question: RowDigests | undefined): number {
  let bytes = 0;
  for (let i = from; question !== undefined && i < to; i++) {
    const size = source.size[i] as number;
    if (size < askedTwiceBytesMin && hasRow(question, i)) bytes += size;
  }
  return bytes;
}

/** Says whether entries stand as in the listing, and are made of nothing but what stands under their names. */
function isPlain({ rows, bases, parts, lacks }: WishedRange): boolean {
  return rows === undefined && bases === undefined && parts === undefined && lacks === undefined;
}

/** Says whether what the target has of a file is believed, and only what is behind it wanted. */
function appends({ settings: { options, farMatches, farSums } }: LaneContext): boolean {
  return options.transfer.append === "append" && (farMatches === true || farSums !== undefined);
}
