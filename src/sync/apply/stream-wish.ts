// The wish for a large file whose content comes in pieces while it is written.

import { encodeSignature, type WantedFile } from "../../session/index.ts";
import { type StreamWish, streamBytesMin } from "../tasks/far-tasks.ts";

/** One large file alone comes in pieces. */
export function streamOf(
  size: number,
  wanted: readonly WantedFile[],
  changes: number,
): StreamWish | undefined {
  const [file] = wanted;
  if (file === undefined || wanted.length > 1 || file.piece !== undefined) return undefined;
  if (size < streamBytesMin) return undefined;
  const { row, digest, known, inPlace, held } = file;
  return {
    row,
    size,
    digest,
    known,
    inPlace,
    changes,
    held,
    signature: file.signature && encodeSignature(file.signature),
  };
}
