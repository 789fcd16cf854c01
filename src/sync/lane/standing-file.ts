// The file that stands under the name of a large file that arrives, as far as that has been found to be the same. What is read of it
// was proven when it was read before: should it have changed since, it is proof of nothing.

import { closeRead, FsError, Stat } from "../../fs/index.ts";
import { streamPieceBytes } from "../tasks/far-tasks.ts";
import { type OwnBasis, openOwn } from "./basis-blocks.ts";

/** EBADMSG. */
const damaged = 74;

/** Such a file, open. */
export interface StandingFile {
  /** Gives a view of what there is from `position` on, of what lies before `end`. Throws FsError. */
  at(position: number, end: number): Uint8Array;
  close(): void;
}

/** Opens what stands under the name; undefined = it is not of that size, or not what pieces are made of. Throws FsError. */
export function openStanding(basis: OwnBasis, size: number): StandingFile | undefined {
  const { fs, name } = basis;
  const file = basis.openStanding();
  if (file === undefined) return undefined;
  const first = new Stat();
  const now = new Stat();
  fs.statFile(file, first);
  if (first.size !== size) {
    closeRead(fs, file);
    return undefined;
  }
  const own = openOwn({ ...basis, open: () => file });
  let room: Uint8Array | undefined;
  let bytes: Uint8Array = new Uint8Array(0);
  let start = 0;
  const fill = (position: number, length: number): void => {
    room ??= new Uint8Array(streamPieceBytes);
    bytes = room.subarray(0, length);
    start = position;
    own.read(bytes, position);
    fs.statFile(file, now);
    const { mtime, mtimeNanos, ctime, ctimeNanos } = first;
    const isAsBefore =
      now.size === size &&
      now.mtime === mtime &&
      now.mtimeNanos === mtimeNanos &&
      now.ctime === ctime &&
      now.ctimeNanos === ctimeNanos;
    if (!isAsBefore) throw new FsError(damaged, "receive", name);
  };
  return {
    at: (position, end) => {
      if (position < start || position >= start + bytes.length) {
        fill(position, Math.min(streamPieceBytes, end - position));
      }
      return bytes.subarray(position - start);
    },
    close: () => closeRead(fs, file),
  };
}
