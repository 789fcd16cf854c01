// What the texts say about the program they are printed by, and cannot know themselves.

/** The abilities that --version lists, by their keys in the JSON form. */
export const abilityNames = [
  "socketpairs",
  "symlinks",
  "symtimes",
  "hardlinks",
  "hardlink_specials",
  "hardlink_symlinks",
  "IPv6",
  "atimes",
  "batchfiles",
  "inplace",
  "append",
  "ACLs",
  "ACL_at",
  "xattrs",
  "secluded_args",
  "iconv",
  "prealloc",
  "stop_at",
  "crtimes",
] as const;

/** A key of the abilities. */
export type Ability = (typeof abilityNames)[number];

/** Facts about this build on this machine. */
export interface BuildFacts {
  /** manifold's version. */
  readonly version: string;
  readonly abilities: Readonly<Record<Ability, boolean>>;
  /** Checksums that can be computed, best first. */
  readonly checksums: readonly string[];
  /** Compression that can be used on a connection, best first. */
  readonly compressions: readonly string[];
  /** How clients of a daemon can prove who they are. */
  readonly authentications: readonly string[];
}

/** What works without system calls of our own (only what Node's file functions can do). */
const everywhere: readonly Ability[] = [
  "symlinks",
  "symtimes",
  "hardlinks",
  "IPv6",
  "atimes",
  "batchfiles",
  "inplace",
  "append",
  // No argument ever goes through the far end's shell.
  "secluded_args",
  "stop_at",
];

/** What needs system calls of our own. */
const withSystemCalls: readonly Ability[] = [
  "hardlink_specials",
  "hardlink_symlinks",
  "ACLs",
  "ACL_at",
  "xattrs",
  "prealloc",
];

/**
 * Returns what is true of this version of the sources.
 *
 * `systemCalls` says whether the native door is there; without it ACLs, extended attributes and
 * devices are out of reach. `compressions`: those that are spoken with rsync.
 */
export function buildFacts(
  version: string,
  systemCalls: boolean,
  compressions: readonly string[],
): BuildFacts {
  const able = new Set([...everywhere, ...(systemCalls ? withSystemCalls : [])]);
  const abilities = Object.fromEntries(abilityNames.map((name) => [name, able.has(name)]));
  return {
    version,
    abilities: abilities as Record<Ability, boolean>,
    checksums: ["xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"],
    compressions,
    authentications: ["sha512", "sha256", "sha1", "md5"],
  };
}
