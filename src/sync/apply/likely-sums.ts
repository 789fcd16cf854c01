// Sums of the blocks of files that wanted content is likely to be similar to: of what was found elsewhere on the
// target, or, with --fuzzy, of a former version in the same directory.

import type { Orders } from "../../changeset/index.ts";
import { computeSignature, type Signature } from "../../delta/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { blockChecksum } from "../../rsync/index.ts";
import type { Directory } from "../../tree/index.ts";
import { closeFound, openFound } from "../lane/found-file.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";

/** Smaller files, of less than two blocks, are sent whole. */
export const signedBytesMin = 1400;

/** -W: whole files are wanted; --append, which looks at nothing that is there, needs only what is behind the end. */
export function usesBasis({ settings }: Pick<LaneContext, "settings">): boolean {
  const { wholeFile, append } = settings.options.transfer;
  return wholeFile !== true && append !== "append";
}

/** --fuzzy: the file of the directory that is most likely a former version of new file `i`, if there is one. */
export function formerVersion(
  lane: LaneContext,
  place: TargetPlace,
  { source, orders }: { readonly source: Directory; readonly orders: Orders },
  i: number,
): readonly MoveBasis[] {
  if (lane.fuzzy === undefined || !usesBasis(lane) || lane.settings.farSums !== undefined)
    return [];
  const found = lane.fuzzy.findStanding({ place, source, orders }, i);
  return found === undefined ? [] : [found];
}

/** Sums of the blocks of the first file that is worth it, for an entry that is missing. */
export function sumsOfLikeliest(
  lane: LaneContext,
  bases: readonly MoveBasis[],
): { readonly basis: MoveBasis; readonly signature: Signature } | undefined {
  if (!usesBasis(lane) || lane.settings.options.own.renames.detect === "names") return undefined;
  for (const basis of bases) {
    const found = openFound(lane, basis);
    if (found === undefined) continue;
    try {
      const { looks, file } = found;
      if (looks.size < signedBytesMin) continue;
      const signature = signatureOf(lane, file, looks.size);
      return { basis: { ...basis, isSigned: true }, signature };
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    } finally {
      closeFound(lane, found);
    }
  }
  return undefined;
}

/** Returns the sums of an open file's blocks. Throws FsError. */
export function signatureOf(lane: LaneContext, file: FileHandle, fileLength: number): Signature {
  const { blockLength } = lane.receive.options.content;
  const { farSums } = lane.settings;
  return computeSignature({
    read: (into, offset, length, position) => lane.fs.read(file, into, offset, length, position),
    fileLength,
    ...(blockLength !== undefined && { blockLength }),
    ...(farSums !== undefined && { hash: blockChecksum(farSums) }),
    // rsync has shorter ones, and sends a file again when they were too short.
    strongLength: 8,
  });
}
