// One exit status for a run that went to its end with problems.

/** Statuses from the one that says most to the one that says least. */
const severity = [11, 14, 12, 30, 20, 23, 25, 24];

/** Returns the status that tells the worst of what happened, 0 when nothing did. */
export function exitStatus(exits: ReadonlySet<number>): number {
  for (const exit of severity) if (exits.has(exit)) return exit;
  for (const exit of exits) return exit;
  return 0;
}
