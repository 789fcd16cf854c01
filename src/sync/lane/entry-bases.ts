// What the target has of entries whose content comes from elsewhere: what stands under their names, and what was found of them under
// others.

import type { ByteString } from "../../base/index.ts";
import { closeRead, type FileHandle, type FileSystem } from "../../fs/index.ts";
import type { FarBasis } from "./far-basis.ts";
import type { HeldBytes } from "./held-bytes.ts";

/** What the target has of entries. */
export interface EntryBases {
  /** Opens what it has of an entry, which has that name and place in its listing. Throws FsError. */
  readonly open: (name: ByteString, index: number) => FileHandle;
  /** The same, if that is what stands under the name, as a whole; else undefined. Throws FsError. */
  readonly openStanding: (name: ByteString, index: number) => FileHandle | undefined;
  /** Parts of an entry that other files have; undefined = none are known. */
  readonly parts: (index: number) => HeldBytes | undefined;
}

/** What other files of the target an entry is built from, by its place in the listing. */
export interface FoundBases extends Pick<EntryBases, "parts"> {
  /** Opens the file that the other end knows the blocks of, where that is not the entry's own. Throws FsError. */
  readonly open: (index: number) => FileHandle | undefined;
}

/** There are none. */
export const noneFound: FoundBases = { open: () => undefined, parts: () => undefined };

/** Returns what was found, with what stands under an entry's own name where nothing was; `openOwn` opens that. */
export function basesOver(
  fs: FileSystem,
  found: FoundBases,
  openOwn: (name: ByteString) => FarBasis,
): EntryBases {
  return {
    parts: found.parts,
    open: (name, index) => found.open(index) ?? openOwn(name).file,
    openStanding: (name, index) => {
      const other = found.open(index);
      const { file, isUnfinished } =
        other === undefined ? openOwn(name) : { file: other, isUnfinished: true };
      if (!isUnfinished) return file;
      closeRead(fs, file);
      return undefined;
    },
  };
}
