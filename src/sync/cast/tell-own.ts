// What targets that share a stream are told before it begins: each its own orders.

import type { Clock } from "../../base/index.ts";
import type { CastGroup } from "./cast-groups.ts";
import type { TargetLink } from "./target-link.ts";

/** So long the others wait for one that is slow to take its own; it comes late, then. */
const patienceMs = 5000;

/** Begins to tell a target its own orders, if the group's have any. */
export function tellOwn({ owns }: CastGroup, link: TargetLink): void {
  const own = owns?.get(link.standing ?? "");
  if (own !== undefined) link.tellOwn(own);
}

/** Tells all of them, and resolves when they have been told, or others are not to wait for them any longer. */
export async function tellOwns(group: CastGroup, clock: Clock): Promise<void> {
  for (const link of group.links) tellOwn(group, link);
  const told = Promise.all(group.links.map(({ prepared }) => prepared));
  let disarm = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    disarm = clock.after(patienceMs, resolve);
  });
  await Promise.race([told, late]);
  disarm();
}
