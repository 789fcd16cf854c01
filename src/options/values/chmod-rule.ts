// What one clause of --chmod says, as data. chmod.ts parses and applies these rules.

/** Which entries a clause touches: the D and F prefixes. */
export type ChmodScope = "all" | "directories" | "files";

/**
 * One comma-separated clause of --chmod, independent of the umask and of any entry.
 *
 * `who` has bit 0o100 for u, 0o010 for g, 0o001 for o and is 0 when the clause names nobody (then
 * the clause means everybody, less the umask). `bits` are the rwx bits of one class (0..7), or the
 * whole mode for operation "set". `special` are set-id and sticky bits asked for by s and t;
 * `specialOfWho` the set-id bits that the named classes own. `copyFrom` is a class bit as in `who`
 * for clauses like g=u, 0 otherwise. `keepX` marks X: no x bits for files that have none.
 */
export interface ChmodRule {
  readonly scope: ChmodScope;
  readonly operation: "add" | "remove" | "assign" | "set";
  readonly who: number;
  readonly bits: number;
  readonly special: number;
  readonly specialOfWho: number;
  readonly copyFrom: number;
  readonly keepX: boolean;
}
