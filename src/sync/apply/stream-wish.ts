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
  if (file === undefined || wanted.length > 1 || size < streamBytesMin) return undefined;
  const { row, digest, known, inPlace, held, piece } = file;
  // It is only asked whether it is one of those.
  if (piece?.length === 0) return undefined;
  return {
    row,
    size,
    start: piece?.position ?? 0,
    digest,
    known,
    inPlace,
    changes,
    held,
    signature: file.signature && encodeSignature(file.signature),
  };
}
