// The names that a target directory has and the source has not, packed into shared memory: any
// number of lanes can remove parts of one directory, and a million names that wait for the end of
// the run are not a million strings (promise P3: about 24 bytes and the name each; nothing spills).

import { type ByteString, fromBytes } from "../../base/index.ts";
import type { Directory } from "../../tree/index.ts";

/** Marks an entry whose mode its owner has to widen before it can go. */
const lockedFlag = 0x80000000;

/** Extra entries of one directory, in listing order. Any thread can read them. */
export interface Extras {
  readonly count: number;
  /** Modes (Uint32 each, with the locked flag), ends of the names (Uint32 each), then the names. */
  readonly buffer: SharedArrayBuffer;
}

/** One extra entry. */
export interface ExtraEntry {
  readonly name: ByteString;
  readonly mode: number;
  readonly locked: boolean;
}

/** Packs entries of a target listing. `isLocked` says of an index whether its mode must be widened. */
export function packExtras(
  target: Directory,
  indices: Uint32Array,
  isLocked: (index: number) => boolean,
): Extras {
  const count = indices.length;
  let bytes = 0;
  for (const t of indices) bytes += target.nameLength[t] as number;
  const buffer = new SharedArrayBuffer(count * 8 + bytes);
  const modes = new Uint32Array(buffer, 0, count);
  const ends = new Uint32Array(buffer, count * 4, count);
  const names = new Uint8Array(buffer, count * 8, bytes);
  let used = 0;
  for (let i = 0; i < count; i++) {
    const t = indices[i] as number;
    const start = target.nameStart[t] as number;
    const length = target.nameLength[t] as number;
    names.set(target.names.subarray(start, start + length), used);
    used += length;
    ends[i] = used;
    modes[i] = (target.mode[t] as number) | (isLocked(t) ? lockedFlag : 0);
  }
  return { count, buffer };
}

/** Returns entry `index`. */
export function extraEntry(extras: Extras, index: number): ExtraEntry {
  const { count, buffer } = extras;
  const modes = new Uint32Array(buffer, 0, count);
  const ends = new Uint32Array(buffer, count * 4, count);
  const start = index === 0 ? 0 : (ends[index - 1] as number);
  const name = new Uint8Array(buffer, count * 8 + start, (ends[index] as number) - start);
  const mode = modes[index] as number;
  return {
    // A copy: text decoders refuse shared memory.
    name: fromBytes(name.slice()),
    mode: mode & ~lockedFlag,
    locked: mode >= lockedFlag,
  };
}
