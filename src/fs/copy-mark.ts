// How a directory's files are picked for copyNewFiles, and what it says of them.

/** Values of the marks that copyNewFiles takes, one for each entry of a listing. */
export const copyMark = {
  /** Not for copyNewFiles. */
  none: 0,
  /** A regular file that the other directory lacks. */
  wanted: 1,
  /** It has it now. */
  copied: 2,
} as const;
