// Which cases of a table are tried: with MANIFOLD_LONG=1 all, without it a part, where each starts
// programs of its own and what they have in common is what is tested.

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";

/**
 * Returns every second, third, ... case in their order, or all with MANIFOLD_LONG=1.
 * @param every 2 for every second one.
 * @param first The index of the first one, below `every`: two loops over a table can share it.
 */
export function sampled<T>(cases: readonly T[], every = 2, first = 0): readonly T[] {
  return isLong ? cases : cases.filter((_, index) => index % every === first);
}
