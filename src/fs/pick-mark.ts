// How entries of a listing are picked for what a door does with many in one go (copyNewFiles,
// compareFiles), and what it says of them.

/** Values of the marks that such calls take, one for each entry of a listing. */
export const pickMark = {
  /** Not picked. */
  none: 0,
  /** A regular file that it shall be done with. */
  wanted: 1,
  /** It was: the file was copied, or is equal. */
  done: 2,
  /** As wanted, for compareFiles: and if it is equal, it gets the listed modification time. */
  wantedWithTime: 3,
  /** It is equal and has that time. */
  doneWithTime: 4,
  /** As wanted, for compareFiles: the bytes alone count, whatever the source's times are by then. */
  wantedBytes: 5,
} as const;
