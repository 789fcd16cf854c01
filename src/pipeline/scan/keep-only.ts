// Takes entries out of a listing.

import type { Directory } from "../../tree/index.ts";

/** Removes the entries from `first` on that `keep` refuses; with `namesOnly` before attributes are read. */
export function keepOnly(
  listing: Directory,
  first: number,
  namesOnly: boolean,
  keep: (index: number) => boolean,
): void {
  const kept = new Uint32Array(listing.count);
  let count = 0;
  for (let i = 0; i < listing.count; i++) if (i < first || keep(i)) kept[count++] = i;
  if (count < listing.count) listing.select(kept.subarray(0, count), namesOnly);
}
