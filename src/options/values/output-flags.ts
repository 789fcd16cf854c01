// The words of --info and --debug. output-levels.ts knows what -v implies and parses their lists.

/** Every word of --info, in rsync's order. */
export const infoFlags = [
  "backup",
  "copy",
  "del",
  "flist",
  "misc",
  "mount",
  "name",
  "nonreg",
  "progress",
  "remove",
  "skip",
  "stats",
  "symsafe",
] as const;

/** A word of --info. */
export type InfoFlag = (typeof infoFlags)[number];

/** Every word of --debug, in rsync's order. */
export const debugFlags = [
  "acl",
  "backup",
  "bind",
  "chdir",
  "connect",
  "cmd",
  "del",
  "deltasum",
  "dup",
  "exit",
  "filter",
  "flist",
  "fuzzy",
  "genr",
  "hash",
  "hlink",
  "iconv",
  "io",
  "nstr",
  "own",
  "proto",
  "recv",
  "send",
  "time",
] as const;

/** A word of --debug. */
export type DebugFlag = (typeof debugFlags)[number];
