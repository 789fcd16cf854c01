// Sessions over memory: what one end sends is what the other gets.

import assert from "node:assert/strict";
import test from "node:test";
import { type LaneNumber, lane, type OpenPeer, openSession } from "../../src/session/index.ts";
import { memoryChannels } from "../../src/transport/index.ts";

async function pair(): Promise<[OpenPeer, OpenPeer]> {
  const [one, two] = memoryChannels("peer");
  const common = { program: "manifold/test", capabilities: { digest: ["blake3", "sha256"] } };
  return Promise.all([
    openSession(one, { side: "initiator", ...common }),
    openSession(two, { side: "acceptor", ...common }),
  ]);
}

function collect(peer: OpenPeer): Promise<[LaneNumber, Uint8Array][]> {
  const got: [LaneNumber, Uint8Array][] = [];
  return new Promise((resolve, reject) => {
    peer.listen({
      message: (number, bytes) => got.push([number, bytes]),
      drained: () => undefined,
      closed: (error) => (error === undefined ? resolve(got) : reject(error)),
    });
  });
}

test("messages arrive whole, in order on a lane, and both ends part in order", async () => {
  const [one, two] = await pair();
  assert.deepEqual(one.negotiated.capabilities.digest, ["blake3", "sha256"]);
  const atOne = collect(one);
  const atTwo = collect(two);
  const large = new Uint8Array(200_000).map((_, i) => i * 7);
  one.send(lane.content, large.subarray(0, 10), large.subarray(10));
  one.send(lane.control, new Uint8Array([1]));
  one.send(lane.content);
  one.end();
  const got = await atTwo;
  assert.deepEqual(
    got.map(([number, bytes]) => [number, bytes.length]),
    [
      [lane.control, 1],
      [lane.content, 200_000],
      [lane.content, 0],
    ],
  );
  assert.ok(got.every(([, bytes]) => bytes.buffer instanceof SharedArrayBuffer));
  assert.deepEqual(Buffer.from(got[1]?.[1] ?? []), Buffer.from(large));
  assert.deepEqual(await atOne, []);
});
