// What others may send: headers of every form from somebody who has the key, reports that are noise, and ten thousand
// receivers that come and go. Nothing of it takes much memory or time, throws what is no ManifoldError, or changes content.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { headBytes } from "../../src/datagram/head.ts";
import {
  BlockReceiver,
  BlockSender,
  encodeReport,
  newSecret,
  Opener,
  Sealer,
} from "../../src/datagram/index.ts";

const blockBytes = 1408;
const session = 77;

describe("datagrams of somebody who has the key", () => {
  const seeds = process.env.MANIFOLD_LONG === "1" ? 400 : 40;
  test(`headers of every form change no more than they say, ${seeds} seeds`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      const random = seededRandom(seed);
      const secret = newSecret();
      const [sealer, opener] = [new Sealer(secret, session, 0), new Opener(secret, session, 0)];
      const receiver = new BlockReceiver({ everyMs: 25, phaseMs: 0 }, 0);
      const end = 1 + (random.uint32() % 1000);
      receiver.want(0, end);
      const buffer = new Uint8Array(3000);
      const blocks = [0, 1, end - 1, end, 2 ** 20, 2 ** 30, 2 ** 40, 2 ** 48 - 1];
      const taken = new Set<number>();
      for (let counter = 0; counter < 200; counter++) {
        const block = blocks[random.uint32() % blocks.length] as number;
        const count = [0, 1, 2, 65_535][random.uint32() % 4] as number;
        const kind = 1 + (random.uint32() % 4);
        const head = { kind: kind as 1, flags: random.uint32() % 256, counter, block, count };
        const payload = new Uint8Array(random.uint32() % 2000);
        const datagram = buffer.subarray(0, sealer.seal(buffer, head, payload));
        assert.ok(opener.open(datagram) !== undefined);
        receiver.take(opener.head, datagram.length, counter);
        for (let i = 0; i < Math.min(opener.head.count, 4); i++) {
          if (receiver.put(opener.head.block + i)) taken.add(opener.head.block + i);
        }
        const report = receiver.report(counter);
        assert.ok(report.length <= 8192, `a report of ${report.length} bytes`);
      }
      for (const block of taken) assert.ok(block < end, `seed ${seed}: block ${block} of ${end}`);
      assert.equal(receiver.isComplete, taken.size === end);
    }
  });

  test("a block that is too far ahead takes no memory", () => {
    const receiver = new BlockReceiver({ everyMs: 25, phaseMs: 0 }, 0);
    receiver.want(0);
    const before = process.memoryUsage().arrayBuffers;
    for (const block of [2 ** 31, 2 ** 40, 2 ** 48 - 1]) assert.equal(receiver.put(block), false);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e6);
    assert.equal(receiver.put(0), true);
  });

  test("every bit of a header counts", () => {
    const secret = newSecret();
    const sealer = new Sealer(secret, session, 0);
    const buffer = new Uint8Array(2000);
    const head = { kind: 1, flags: 0, counter: 9, block: 3, count: 1 } as const;
    const datagram = buffer.slice(0, sealer.seal(buffer, head, new Uint8Array(blockBytes)));
    const opener = new Opener(secret, session, 0);
    for (let bit = 0; bit < 8 * headBytes; bit++) {
      const changed = datagram.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.equal(opener.open(changed), undefined, `bit ${bit}`);
    }
    assert.equal(opener.foreign + opener.forged + opener.replayed, 8 * headBytes);
    assert.ok(opener.open(datagram));
  });
});

/** A sender that has sent some blocks to a receiver. */
function sending(blocks: number): BlockSender {
  const sender = new BlockSender({ blockBytes });
  sender.join(0, 0);
  sender.extend(blocks);
  for (let now = 0; sender.frontier < blocks; now++) while (sender.next(now) !== undefined);
  return sender;
}

test("reports that are noise, or lies in every field, are refused or ignored", () => {
  const random = seededRandom(4);
  const numbers = [0, 1, 2, 100, 101, 2 ** 20, 2 ** 40, 2 ** 47, Number.MAX_SAFE_INTEGER];
  const pick = (): number => numbers[random.uint32() % numbers.length] as number;
  for (let round = 0; round < 300; round++) {
    const sender = sending(100);
    for (let i = 0; i < 10; i++) {
      const noise = Uint8Array.from({ length: random.uint32() % 60 }, () => random.uint32());
      const [floor, upTo] = [pick(), pick()];
      const lie = encodeReport({
        ...{ sequence: pick(), counter: pick() - 1, datagrams: pick(), bytes: pick() },
        ...{ clock: pick(), held: pick(), floor, upTo: Math.max(floor, upTo) },
        runs: [1 + (pick() % 1000), 1 + (pick() % 1000)],
      });
      for (const report of [noise, lie]) {
        try {
          sender.take(0, report, 200 + i);
        } catch (error) {
          assert.ok(error instanceof ManifoldError && error.code === "protocol-data");
        }
      }
    }
    // It sends no block that there is not, and not much more than there is.
    let sent = 0;
    for (let now = 300; now < 400; now++) {
      for (let what = sender.next(now); what !== undefined; what = sender.next(now)) {
        assert.ok(what.kind !== 1 || what.block + what.count <= 100);
        sent += what.count;
      }
    }
    assert.ok(sent <= 2000, `${sent} blocks again`);
    assert.ok(sender.rate > 0 && Number.isFinite(sender.rate));
  }
});

test("ten thousand receivers that come, report and go hold nobody up", (context) => {
  const count = 10_000;
  const sender = new BlockSender({ blockBytes });
  sender.extend(200);
  const began = process.cpuUsage();
  for (let id = 0; id < count; id++) sender.join(id, 0);
  let now = 0;
  for (; sender.frontier < 200; now++) while (sender.next(now) !== undefined);
  const report = { sequence: 0, counter: 150, datagrams: 151, bytes: 151 * 1400, held: 0 };
  for (let id = 0; id < count; id++) {
    // A tenth of a millisecond each: all have been heard after a second.
    const at = now + id / 10;
    const bytes = encodeReport({ ...report, clock: at * 1000, floor: 140, upTo: 150, runs: [1] });
    sender.take(id, bytes, at);
  }
  assert.deepEqual(sender.release(now + 1000), []);
  assert.equal(sender.receivers, count);
  for (let id = 0; id < count; id++) sender.leave(id);
  assert.equal(sender.receivers, 0);
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  context.diagnostic(`${ms.toFixed(0)} ms of processor time`);
  assert.ok(ms < 20_000, `${ms} ms`);
});
