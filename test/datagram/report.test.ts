// Pins that a report comes back as it was, that no bytes make the sender fail but with an error of the protocol, and
// that a receiver's report says exactly what it lacks.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError } from "../../src/base/index.ts";
import { BlockSet } from "../../src/datagram/block-set.ts";
import {
  BlockReceiver,
  BlockSender,
  decodeReport,
  encodeReport,
} from "../../src/datagram/index.ts";

const number = fc.integer({ min: 0, max: 2 ** 40 });

test("a report is read as it was written", () => {
  const runs = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 300 });
  fc.assert(
    fc.property(
      number,
      number,
      number,
      runs,
      fc.nat(1000),
      (sequence, counter, floor, told, rest) => {
        const upTo = floor / 2 + told.reduce((sum, run) => sum + run, 0) + rest;
        const at = { floor: Math.floor(floor / 2), upTo: Math.ceil(upTo) };
        const report = {
          sequence,
          counter: counter - 1,
          datagrams: 5,
          bytes: 9,
          clock: 7,
          held: 3,
        };
        const whole = { ...report, ...at, runs: told };
        assert.deepEqual(decodeReport(encodeReport(whole)), whole);
      },
    ),
  );
});

test("any bytes are a report or break the protocol, and a sender outlives them", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (reports) => {
      const sender = new BlockSender({ blockBytes: 1000 });
      sender.join(0, 0);
      sender.extend(100);
      for (let now = 1; now <= reports.length; now++) {
        sender.next(now);
        try {
          sender.take(0, reports[now - 1] as Uint8Array, now);
        } catch (error) {
          assert.ok(error instanceof ManifoldError && error.code === "protocol-data");
        }
        assert.ok(sender.rate > 0 && sender.frontier <= 100);
      }
    }),
  );
});

test("a receiver's report says what it lacks", () => {
  const blocks = fc.array(fc.nat(400), { maxLength: 300 });
  fc.assert(
    fc.property(blocks, fc.nat(300), fc.nat(300), (came, one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      const receiver = new BlockReceiver({ everyMs: 25, phaseMs: 0 }, 0);
      receiver.want(start, end);
      const here = new Set(came);
      for (const block of came) receiver.put(block);
      const { floor, upTo, runs } = decodeReport(receiver.report(1));
      const seen = Math.min(end, Math.max(0, ...came.map((block) => block + 1)));
      const lacks = new Set<number>();
      let at = floor;
      for (const [i, run] of runs.entries()) {
        for (let block = at; i % 2 === 0 && block < at + run; block++) lacks.add(block);
        at += run;
      }
      for (let block = start; block < seen; block++) {
        assert.equal(lacks.has(block), !here.has(block), `block ${block}`);
      }
      assert.ok(upTo >= seen);
      let first = start;
      while (first < end && here.has(first)) first++;
      assert.equal(receiver.isComplete, first >= end);
    }),
  );
});

test("a set of blocks is a set", () => {
  const step = fc.tuple(fc.boolean(), fc.nat(300));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(320), (steps, from) => {
      const [set, model] = [new BlockSet(), new Set<number>()];
      for (const [adds, block] of steps) {
        assert.equal(adds ? set.add(block) : set.remove(block), model.has(block) !== adds);
        if (adds) model.add(block);
        else model.delete(block);
      }
      assert.equal(set.count, model.size);
      for (const isIn of [true, false]) {
        let next = from;
        while (next < 5000 && model.has(next) !== isIn) next++;
        assert.equal(set.next(from, 5000, isIn), next);
      }
    }),
  );
});
