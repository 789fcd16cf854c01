// What the target has of a file whose content comes from another machine: what an interrupted run left of it, or
// what stands under its name. Whoever wishes for content tells its sums, and whoever puts the content together reads it.

import { assert, type ByteString } from "../../base/index.ts";
import type { FileHandle } from "../../fs/index.ts";
import { openPartial, type ReceiveContext, type TargetPlace } from "../../pipeline/index.ts";

/** Such a file, open. */
export interface FarBasis {
  readonly file: FileHandle;
  /** It is continued where it lies: what stands before the place that is written is the old content no more. */
  readonly isUnfinished: boolean;
}

/**
 * Opens it; the caller closes it. `hasOwn`: a file stands under the name. Undefined = there is nothing. Throws
 * FsError.
 */
export function openFarBasis(
  receive: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  hasOwn: boolean,
): FarBasis | undefined {
  const { fs, options } = receive;
  const unfinished = options.content.inPlace ? undefined : openPartial(receive, place, name);
  if (unfinished !== undefined) return { file: unfinished, isUnfinished: true };
  return hasOwn ? { file: fs.openRead(place.dir, name), isUnfinished: false } : undefined;
}

/** Returns what opens that of a file which stands under its name or is unfinished: blocks of it were promised. */
export function basisOpener(
  receive: ReceiveContext,
  place: TargetPlace,
): (name: ByteString) => FarBasis {
  return (name) => {
    const basis = openFarBasis(receive, place, name, true);
    assert(basis !== undefined, "A file stands under the name, or opening it throws.");
    return basis;
  };
}
