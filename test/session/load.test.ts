// Sessions under load: what is urgent overtakes what is long, and what waits at either end is bounded.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lane, type OpenPeer, openSession } from "../../src/session/index.ts";
import { type Channel, memoryChannels } from "../../src/transport/index.ts";
import { settle } from "../support/index.ts";

const mebi = 1024 * 1024;
const common = { program: "test", capabilities: {} };

async function pair(): Promise<{ peers: [OpenPeer, OpenPeer]; channels: [Channel, Channel] }> {
  const channels = memoryChannels("far");
  const peers = await Promise.all([
    openSession(channels[0], { side: "initiator", ...common }),
    openSession(channels[1], { side: "acceptor", ...common }),
  ]);
  return { peers, channels };
}

describe("under load", () => {
  it("an urgent message waits for what the carrier holds, and no more", async () => {
    const { peers, channels } = await pair();
    const [sender, receiver] = peers;
    let received = 0;
    let atControl = -1;
    let most = 0;
    const listener = { drained: () => undefined, closed: () => undefined };
    receiver.listen({
      ...listener,
      message: (number) => {
        if (number === lane.control) atControl = receiver.bytesReceived;
        else received++;
      },
    });
    sender.listen({ ...listener, message: () => undefined });
    for (let n = 0; n < 32; n++) sender.send(lane.content, Buffer.alloc(mebi));
    // In the middle of it all: some has come, most has not.
    while (received < 3) {
      most = Math.max(most, channels[0].backlog);
      await settle(1);
    }
    const before = receiver.bytesReceived;
    sender.send(lane.control, Buffer.from("urgent"));
    while (received < 32 || atControl < 0) {
      most = Math.max(most, channels[0].backlog);
      await settle(1);
    }
    const ahead = atControl - before;
    assert.ok(ahead <= 4 * 65_536 + 100, `${ahead} bytes were ahead of it`);
    assert.ok(most <= 3 * 65_536 + 100, `the carrier was given ${most} bytes ahead`);
  });

  it("lanes are served in their order, whatever the order of sending", async () => {
    const { peers } = await pair();
    const [sender, receiver] = peers;
    const order: number[] = [];
    receiver.listen({
      message: (number) => order.push(number),
      drained: () => undefined,
      closed: () => undefined,
    });
    for (const number of [4, 3, 2, 1, 0] as const) {
      for (let n = 0; n < 3; n++) sender.send(number, Buffer.alloc(100_000));
    }
    await settle(100);
    assert.deepEqual(order, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  });

  it("a sender is told when it is full, and once when there is room again", async () => {
    const { peers } = await pair();
    const [sender, receiver] = peers;
    let drained = 0;
    sender.listen({ message: () => undefined, drained: () => drained++, closed: () => undefined });
    receiver.pause();
    let sent = 0;
    while (!sender.isFull) {
      sender.send(lane.content, Buffer.alloc(65_536));
      sent++;
    }
    assert.ok(sent * 65_536 <= 2 * mebi + 2 * 65_536, `${sent} messages until it was full`);
    await settle();
    assert.equal(drained, 0);
    receiver.listen({
      message: () => undefined,
      drained: () => undefined,
      closed: () => undefined,
    });
    receiver.resume();
    await settle(100);
    assert.equal(drained, 1);
    assert.equal(sender.backlog, 0);
  });

  for (const [what, message] of [
    ["large", Buffer.alloc(65_536)],
    ["empty", Buffer.alloc(0)],
  ] as const) {
    it(`what nobody listens to waits at the sender (${what} messages)`, async () => {
      const { peers } = await pair();
      const [sender, receiver] = peers;
      const count = message.length === 0 ? 100_000 : 200;
      for (let n = 0; n < count; n++) sender.send(lane.content, message);
      await settle(200);
      // 1 MiB of messages, each with 256 bytes more, and what one piece of the carrier brings.
      const taken = receiver.bytesReceived;
      const limit = message.length === 0 ? (mebi / 256) * 8 + 65_536 + 20_000 : 2 * mebi;
      assert.ok(taken < limit, `${taken} bytes were taken, ${limit} is the limit`);
      let got = 0;
      receiver.listen({ message: () => got++, drained: () => undefined, closed: () => undefined });
      await settle(2000);
      assert.equal(got, count);
    });
  }
});
