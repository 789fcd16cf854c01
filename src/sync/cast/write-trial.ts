// How fast a target writes: as much as tells it is written where a stream would lie, flushed, and removed again.

import { type ByteString, type Clock, errno } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { WriteTrial } from "../../session/index.ts";
import { NamedCopy } from "./stream-copy.ts";

/** Bytes that are written: a slow card of 5 MB/s takes a second for them. */
const trialBytes = 4 * 1024 * 1024;
const pieceBytes = 256 * 1024;

/** Writes them; nothing, where there is no target yet. */
export function tryWriting(fs: FileSystem, path: ByteString, clock: Clock): WriteTrial {
  const began = clock.now();
  let copy: NamedCopy | undefined;
  try {
    copy = NamedCopy.make(fs, path);
    // No file system makes a hole of these, or less of them.
    const piece = new Uint8Array(pieceBytes).map((_, i) => (i * i) >>> 7);
    for (let at = 0; at < trialBytes; at += pieceBytes) copy.write(piece, at);
    copy.sync();
    const microseconds = Math.round((clock.now() - began) * 1000);
    return { bytes: trialBytes, microseconds, reason: undefined };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const isMissing = copy === undefined && error.errno === errno.ENOENT;
    return { bytes: 0, microseconds: 0, reason: isMissing ? undefined : error.reason };
  } finally {
    copy?.forget();
    copy?.close();
  }
}
