// The event that tells of one entry, from the columns of its listing.

import type { ByteString } from "../../base/index.ts";
import { change, type Directory, type ItemEvent, isSymlink } from "../../tree/index.ts";

/** Bytes of content that a transfer took from the source and from its basis. */
export interface Transferred {
  readonly literal: number;
  readonly matched: number;
}

/** Returns the event that tells of entry `i`; without `transferred` all its content counts as the source's. */
export function itemEvent(
  source: Directory,
  i: number,
  changes: number,
  path: ByteString,
  transferred?: Transferred,
): ItemEvent {
  const mode = source.mode[i] as number;
  const isTransfer = (changes & (change.transfer | change.found)) !== 0;
  const event = {
    type: "item",
    path,
    changes,
    mode,
    size: source.size[i] as number,
    mtime: source.mtime[i] as number,
    uid: source.uid[i] as number,
    gid: source.gid[i] as number,
    literal: isTransfer ? (transferred?.literal ?? (source.size[i] as number)) : 0,
    matched: isTransfer ? (transferred?.matched ?? 0) : 0,
  } as const;
  return isSymlink(mode) ? { ...event, linkTarget: source.linkTargets.get(i) ?? "" } : event;
}
