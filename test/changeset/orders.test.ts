// Pins that orders survive freezing, whole or from an entry on, and that reset() makes room.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Orders, order } from "../../src/changeset/index.ts";

const rows = fc.array(
  fc.record({
    kind: fc.constantFrom(...Object.values(order)),
    changes: fc.nat(),
    target: fc.integer({ min: -1, max: 1000 }),
  }),
);

test("thaw() of freezeFrom() holds the orders from the given one on", () => {
  fc.assert(
    fc.property(rows, fc.nat(), (given, n) => {
      const orders = new Orders();
      orders.reset(given.length);
      given.forEach(({ kind, changes, target }, i) => {
        orders.kind[i] = kind;
        orders.changes[i] = changes;
        orders.target[i] = target;
      });
      const first = n % (given.length + 1);
      const copy = Orders.thaw(orders.freezeFrom(first));
      assert.equal(copy.count, given.length - first);
      for (let i = 0; i < copy.count; i++) {
        const { kind, changes, target } = given[first + i] as (typeof given)[number];
        assert.deepEqual([copy.kind[i], copy.changes[i], copy.target[i]], [kind, changes, target]);
      }
    }),
  );
});
