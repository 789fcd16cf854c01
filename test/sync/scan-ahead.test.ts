// Pins how far surveys may be ahead of what is applied.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanAhead } from "../../src/sync/conduct/scan-ahead.ts";
import type { TreeNode } from "../../src/sync/conduct/tree-node.ts";

test("with a source elsewhere surveys wait while many entries wait for content, and go on when they have it", () => {
  const ahead = new ScanAhead(() => false);
  const nodes = Array.from({ length: 40 }, () => ({ rangesOpen: 1, entriesOpen: 0 }) as TreeNode);
  for (const [i, node] of nodes.entries()) {
    assert.equal(ahead.isFarBehind, i * 1000 >= 32_768);
    ahead.waits(node, 1000);
  }
  for (const node of nodes) {
    node.rangesOpen = 0;
    ahead.applied(node);
  }
  assert.equal(ahead.isFarBehind, false);
});
