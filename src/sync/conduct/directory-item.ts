// The event that tells of a subdirectory: the conductor makes it, because the directory's line comes
// before its contents, whoever surveys these.

import type { ByteString } from "../../base/index.ts";
import type { ItemEvent } from "../../tree/index.ts";
import { itemEvent } from "../apply/item-event.ts";
import { sourceLabel } from "../lane/origin-content.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { ItemWishes } from "../tasks/item-wishes.ts";
import type { SubdirectoryList, TreeNode } from "./tree-node.ts";

/** A subdirectory: entry `index` of a list of `node`. */
export interface Subdirectory {
  readonly node: TreeNode;
  readonly list: SubdirectoryList;
  readonly index: number;
  readonly path: ByteString;
}

/** Returns the event of a subdirectory. */
export function directoryItem(
  { plan, wishes }: { readonly plan: TransferPlan; readonly wishes: ItemWishes },
  { node, list, index, path }: Subdirectory,
): ItemEvent {
  const { listing, orders } = list;
  const event = itemEvent(listing, index, orders.changes[index] as number, path);
  if (!wishes.sourcePath) return event;
  const { origins, named } = node.known;
  const origin = listing.origin[index] as number;
  const sourcePath = sourceLabel(plan, origins, named, origin, listing.name(index));
  return { ...event, sourcePath };
}
