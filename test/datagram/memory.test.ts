// What a very long stream takes of memory, at the sender and at receivers: a bit for each block, and what is under way. The
// source makes nothing and the target keeps nothing, so that what is measured is the engine. MANIFOLD_LONG=1: 140 GB.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { BlockReceiver, BlockSender, type Sending } from "../../src/datagram/index.ts";

const blockBytes = 1408;
const perDatagram = 46;
const isLong = process.env.MANIFOLD_LONG === "1";
const streamBytes = isLong ? 140e9 : 4e9;
const blocks = Math.ceil(streamBytes / blockBytes);
const receiversCount = 2;
/** Of a thousand datagrams. */
const lost = 3;
const delayMs = 2;

test(`${streamBytes / 1e9} GB to ${receiversCount} receivers take less than 200 MiB`, (context) => {
  const random = seededRandom(1);
  const sender = new BlockSender({
    blockBytes,
    blocksPerDatagram: perDatagram,
    rules: { max: 1e9, min: 1e9 },
  });
  const receivers = Array.from({ length: receiversCount }, (_, id) => {
    sender.join(id, 0);
    sender.endsAt(id, blocks);
    const receiver = new BlockReceiver({ everyMs: 25, phaseMs: id }, 0);
    receiver.want(0, blocks);
    return receiver;
  });
  sender.extend(blocks);
  global.gc?.();
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  let most = 0;
  const under: { readonly at: number; readonly what: Sending; readonly to: number }[] = [];
  let now = 0;
  for (; !receivers.every(({ isComplete }) => isComplete); now++) {
    for (let what = sender.next(now); what !== undefined; what = sender.next(now)) {
      for (let to = 0; to < receiversCount; to++) {
        if (random.uint32() % 1000 >= lost) under.push({ at: now + delayMs, what, to });
      }
    }
    const due = under.findIndex(({ at }) => at > now);
    for (const { what, to } of under.splice(0, due < 0 ? under.length : due)) {
      const receiver = receivers[to] as BlockReceiver;
      receiver.take({ ...what, epoch: 0, session: 0 }, 40 + what.count * blockBytes, now);
      for (let i = 0; i < what.count; i++) receiver.put(what.block + i);
    }
    for (const [id, receiver] of receivers.entries()) {
      if (receiver.reportAt <= now) sender.take(id, receiver.report(now), now);
    }
    if (now % 1000 === 0) most = Math.max(most, used() - before);
    assert.ok(sender.release(now).length === 0, "nobody is let go");
  }
  const mebi = most / 2 ** 20;
  context.diagnostic(`${mebi.toFixed(1)} MiB, ${(now / 1000).toFixed(0)} s of simulated time`);
  assert.ok(mebi < 200, `${mebi} MiB`);
});
