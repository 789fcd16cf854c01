// What a stopped run has done and not told yet: the order of telling has gaps that nobody will fill.

import type { ProgressEvent } from "../../tree/index.ts";
import { toldBy } from "../tasks/told-by.ts";
import type { TreeNode } from "./tree-node.ts";

/** Yields what is known of the directory and below, in listing order. */
export function* untoldEvents(node: TreeNode): Generator<ProgressEvent> {
  if (!node.headTold) {
    node.headTold = true;
    yield* node.early;
    if (node.known.item !== undefined) yield node.known.item;
    yield* known(node, node.events);
  }
  for (let range = node.rangesTold; range < node.rangeStarts.length; range++) {
    const from = node.rangeStarts[range] as number;
    if (node.isDeferred(from)) continue;
    yield* known(node, node.takeRangeNews(from));
    yield* known(node, node.takeRangeEvents(from) ?? []);
  }
  yield* node.late?.takeAll() ?? [];
  for (const child of node.openChildren()) yield* untoldEvents(child);
  for (const [index, result] of node.children?.brought ?? []) {
    if (index >= node.issued) yield* toldBy(result);
  }
}

/** Puts what entries that are dealt with late have told so far in their places. */
function* known(node: TreeNode, events: readonly ProgressEvent[]): Generator<ProgressEvent> {
  for (const event of events) {
    if (event.type !== "row") yield event;
    else yield* node.late?.take(event.row).events ?? [];
  }
}
