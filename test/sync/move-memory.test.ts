// Pins the limits of what waits for renames to be found: what is beyond does not, and one lane tells so, once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MoveMemory } from "../../src/sync/plan/move-memory.ts";

test("what waits is limited for all lanes together, and told once", () => {
  const buffer = MoveMemory.create(2 ** 40);
  const [one, other] = [new MoveMemory(buffer, 0), new MoveMemory(buffer, 1)];
  const half = 32 * 1024 * 1024;
  assert.ok(one.waits(half) && other.waits(half));
  assert.equal(other.waits(1), false);
  assert.deepEqual([other.tellsFull(), one.tellsFull(), other.tellsFull()], [true, false, false]);
});
