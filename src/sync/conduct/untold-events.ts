// What a stopped run has done and not told yet: the order of telling has gaps that nobody will fill.

import type { ProgressEvent } from "../../tree/index.ts";
import type { TreeNode } from "./tree-node.ts";

/** Yields what is known of the directory and below, in listing order. */
export function* untoldEvents(node: TreeNode): Generator<ProgressEvent> {
  if (!node.headTold) {
    node.headTold = true;
    yield* node.early;
    if (node.known.item !== undefined) yield node.known.item;
    yield* node.events;
  }
  for (let range = node.rangesTold; range < node.rangeStarts.length; range++) {
    const from = node.rangeStarts[range] as number;
    if (node.isDeferred(from)) continue;
    yield* node.takeRangeNews(from);
    yield* node.takeRangeEvents(from) ?? [];
  }
  for (const child of node.openChildren()) yield* untoldEvents(child);
}
