// What the target has of an entry, as the source's end is told: a digest where it may be the very content, sums of blocks where it
// may be similar.

import { closeRead, FsError, Stat } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import type { WantedFile } from "../../session/index.ts";
import type { Directory } from "../../tree/index.ts";
import { type FarBasis, openFarBasis } from "../lane/far-basis.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import { knownDigestBytes } from "../lane/known-bases.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { streamBytesMin } from "../tasks/far-tasks.ts";
import { signatureOf, signedBytesMin } from "./likely-sums.ts";

/** A file of the same size is likely to be the same; only of one that comes in pieces sums are told together with its digest. */
const sameSizeSignedMin = streamBytesMin;
const stat = new Stat();

type Known = Pick<WantedFile, "digest" | "signature" | "inPlace">;

/** What stands under the name of an entry, or an earlier run has left of it. */
interface OwnFile {
  readonly source: Directory;
  readonly row: number;
  /** What stands under the name, by its place in the target's listing; -1 = nothing that counts. */
  readonly own: number;
  /** Sums of its blocks are of use. */
  readonly signs: boolean;
  /** It is known not to be what is wanted. */
  readonly isAgain: boolean;
  /** Its content will come in pieces, which tell whether it is the same. */
  readonly streams: boolean;
}

/** Reads what the target has of an entry; nothing is known of what cannot be read. */
export function lookAtBasis(
  lane: LaneContext,
  place: TargetPlace,
  { source, row, own, signs, isAgain, streams }: OwnFile,
): Known {
  const { fs, receive } = lane;
  const { inPlace } = receive.options.content;
  const nothing: Known = { digest: undefined, signature: undefined, inPlace };
  const size = source.size[row] as number;
  let basis: FarBasis | undefined;
  try {
    basis = openFarBasis(receive, place, source.name(row), own >= 0);
    if (basis === undefined) return nothing;
    const { file, isUnfinished } = basis;
    fs.statFile(file, stat);
    // What is unfinished is not what is wanted, however long it is.
    const isSameSize = size === stat.size && !isUnfinished && !isAgain;
    // rsync compares no digests of what it sends: there blocks are all that can be known.
    const mayBeSame = isSameSize && lane.settings.farSums === undefined;
    const isSigned =
      signs && stat.size >= (mayBeSame ? sameSizeSignedMin : signedBytesMin) && size > 0;
    const isDigested = mayBeSame && !(isSigned && streams);
    return {
      digest: isDigested
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
