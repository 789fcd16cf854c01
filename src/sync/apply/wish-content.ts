// What a range of entries needs of a source that is elsewhere: which files, and what of them the
// target has already, by digest or by block.

import type { ByteString } from "../../base/index.ts";
import { movesContent, Orders } from "../../changeset/index.ts";
import { computeSignature, type Signature } from "../../delta/index.ts";
import { closeRead, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { encodeSignature, encodeWanted, type WantedFile } from "../../session/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import { type FarBasis, openFarBasis } from "../lane/far-basis.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import {
  farRangeBytesMax,
  type RangeWish,
  type StreamWish,
  streamBytesMin,
  type WishResult,
  type WishTask,
} from "../tasks/far-tasks.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import { rangeEntriesMax } from "../tasks/range.ts";

/** Of a digest that says what the target has: enough that nothing else has it by chance. */
const knownDigestBytes = 16;
/** Smaller files are sent whole: their sums would be no shorter than they are. */
const signedBytesMin = 4096;
/** A file of the same size is likely to be the same; only of a large one blocks are worth a second way. */
const sameSizeSignedMin = 256 * 1024;

const stat = new Stat();

/** Says whether an entry wants content from the source. */
export function wantsContent(
  lane: Pick<LaneContext, "settings">,
  source: Directory,
  orders: Orders,
  i: number,
): boolean {
  return (
    movesContent(orders.kind[i] as number) &&
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
}

/** Runs a wish task. */
export function wishContent(lane: LaneContext, task: WishTask): WishResult {
  const { node, path, from, to, streams } = task;
  const source = Directory.thaw(task.source);
  const target = Directory.thaw(task.target);
  const orders = Orders.thaw(task.orders);
  const { wanted, bytes } = filesWanted(lane, { path, source, target, orders, from, to });
  const stream = streams ? streamOf(source, wanted) : undefined;
  if (stream !== undefined) return { kind: "wish", node, from, body: undefined, bytes, stream };
  return { kind: "wish", node, from, ...encoded(wanted, bytes), stream };
}

/** Returns what a range wants that is so small that its content comes as one message; undefined = it is not. */
export function smallWish(lane: LaneContext, range: WishedRange): RangeWish | undefined {
  const { source, orders, from, to } = range;
  if (to - from > rangeEntriesMax) return undefined;
  const { hardLinks } = lane.settings.options.preserve;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    if (wantsContent(lane, source, orders, i)) bytes += source.size[i] as number;
    if (hardLinks && isHardLinked(source, i)) return undefined;
  }
  if (bytes >= farRangeBytesMax) return undefined;
  return encoded(filesWanted(lane, range).wanted, bytes);
}

function encoded(wanted: readonly WantedFile[], bytes: number): RangeWish {
  return { body: wanted.length === 0 ? undefined : encodeWanted(wanted), bytes };
}

function filesWanted(
  lane: LaneContext,
  { path, source, target, orders, from, to }: WishedRange,
): { readonly wanted: readonly WantedFile[]; readonly bytes: number } {
  const wanted: WantedFile[] = [];
  const { inPlace, partials } = lane.receive.options.content;
  let bytes = 0;
  let dir: number | undefined;
  try {
    for (let i = from; i < to; i++) {
      if (!wantsContent(lane, source, orders, i)) continue;
      lane.checkCancelled();
      bytes += source.size[i] as number;
      const t = orders.target[i] as number;
      const hasOwn = t >= 0 && isRegular(target.mode[t] as number);
      let known: Known = { digest: undefined, signature: undefined, inPlace };
      if ((hasOwn || partials !== undefined) && usesBasis(lane)) {
        dir ??= lane.openTargetDirectory(path);
        known = lookAtBasis(lane, { dir, path }, { source, row: i, hasOwn });
      }
      wanted.push({ row: i, ...known, piece: undefined });
    }
  } catch (error) {
    // Whoever applies the range will meet the same and tell.
    if (!(error instanceof FsError)) throw error;
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
  return { wanted, bytes };
}

/** One large file alone comes in pieces. */
function streamOf(source: Directory, wanted: readonly WantedFile[]): StreamWish | undefined {
  const [file] = wanted;
  if (file === undefined || wanted.length > 1) return undefined;
  const size = source.size[file.row] as number;
  if (size < streamBytesMin) return undefined;
  const { row, digest, inPlace } = file;
  return {
    row,
    size,
    digest,
    inPlace,
    signature: file.signature && encodeSignature(file.signature),
  };
}

type Known = Pick<WantedFile, "digest" | "signature" | "inPlace">;

/** -W: whole files are wanted; --append needs only what is behind the end. */
function usesBasis({ settings }: LaneContext): boolean {
  const { wholeFile, append } = settings.options.transfer;
  return wholeFile !== true && append === "no";
}

function lookAtBasis(
  lane: LaneContext,
  place: TargetPlace,
  { source, row, hasOwn }: { readonly source: Directory; row: number; hasOwn: boolean },
): Known {
  const { fs, receive } = lane;
  const { inPlace } = receive.options.content;
  const nothing: Known = { digest: undefined, signature: undefined, inPlace };
  const size = source.size[row] as number;
  let basis: FarBasis | undefined;
  try {
    basis = openFarBasis(receive, place, source.name(row), hasOwn);
    if (basis === undefined) return nothing;
    const { file, isUnfinished } = basis;
    fs.statFile(file, stat);
    // What is unfinished is not what is wanted, however long it is.
    const isSameSize = size === stat.size && !isUnfinished;
    const isSigned = stat.size >= (isSameSize ? sameSizeSignedMin : signedBytesMin) && size > 0;
    return {
      digest: isSameSize
        ? digestOpenFile(fs, file, "blake3").subarray(0, knownDigestBytes)
        : undefined,
      signature: isSigned ? signatureOf(lane, file, stat.size) : undefined,
      inPlace: inPlace || isUnfinished,
    };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return nothing;
  } finally {
    if (basis !== undefined) closeRead(fs, basis.file);
  }
}

function signatureOf(lane: LaneContext, file: FileHandle, fileLength: number): Signature {
  const { blockLength } = lane.receive.options.content;
  return computeSignature({
    read: (into, offset, length, position) => lane.fs.read(file, into, offset, length, position),
    fileLength,
    ...(blockLength !== undefined && { blockLength }),
    strongLength: 8,
  });
}
