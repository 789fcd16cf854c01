// Seeds of comparisons with rsync whose difference is known: each is skipped with its reason, unless it is asked for.

/** Returns why a seed is skipped; false = it is not. With MANIFOLD_SEED set nothing is. */
export function knownDifference(
  known: Readonly<Record<number, string>>,
  seed: number,
): string | false {
  const reason = process.env.MANIFOLD_SEED === undefined ? known[seed] : undefined;
  return reason === undefined ? false : `known difference to rsync 3.5.0: ${reason}`;
}
