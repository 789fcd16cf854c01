// A basis that nobody can change while a file is built from it: a nameless copy that shares its blocks,
// where the file system can do that. Elsewhere the basis itself serves, for comparisons only.

import type { ByteString } from "../../base/index.ts";
import { closeRead, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import type { ReceiveContext } from "./context.ts";
import type { Basis } from "./delta-content.ts";
import { createStaged, discardStaged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Whether sharing blocks is worth a call: no longer once it has failed. */
const sharing = { works: true };
const stat = new Stat();

/** Returns an own copy in place of the open basis, which it then closes, or the basis itself. */
export function ownBasis(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  basis: Basis,
): Basis {
  const { fs, staging } = context;
  if (!sharing.works || !fs.abilities.kernelCopy || basis.size === 0) return basis;
  let file: FileHandle | undefined;
  let own: Basis | undefined;
  try {
    const made = createStaged(fs, staging, place, name, 0o600);
    file = made.file;
    discardStaged(fs, made.staged);
    sharing.works = fs.clone(basis.file, file);
    if (!sharing.works) return basis;
    fs.statFile(file, stat);
    own = { file, size: stat.size, isOwn: true };
  } catch (error) {
    // The room or the right to make a file is missing: whoever makes the target will say so.
    if (!(error instanceof FsError)) throw error;
  } finally {
    if (file !== undefined) closeRead(fs, own === undefined ? file : basis.file);
  }
  return own ?? basis;
}
