// Signs of life, silence and parting, on a clock that the test moves: who is silent is noticed when it is time
// and not before, whoever lives is left alone, and nobody waits for ever.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ManifoldError } from "../../src/base/index.ts";
import { lane, type OpenPeer, openSession, type SessionOptions } from "../../src/session/index.ts";
import { type Channel, memoryChannels } from "../../src/transport/index.ts";
import { ManualClock, settle } from "../support/index.ts";

const second = 1000;

interface Heard {
  readonly messages: string[];
  /** How it ended: "open", "in order", or a code. */
  end: string;
}

function hear(peer: OpenPeer): Heard {
  const heard: Heard = { messages: [], end: "open" };
  peer.listen({
    message: (number, message) => heard.messages.push(`${number}:${Buffer.from(message)}`),
    drained: () => undefined,
    closed: (error) => {
      assert.equal(heard.end, "open", "closed twice");
      heard.end = error?.code ?? "in order";
    },
  });
  return heard;
}

type Side = "initiator" | "acceptor";

function open(
  channel: Channel,
  clock: ManualClock,
  side: Side,
  more: Partial<SessionOptions> = {},
): Promise<OpenPeer> {
  return openSession(channel, { side, program: "test", capabilities: {}, clock, ...more });
}

/** A session, and the other end of its channel in the test's own hands, which has said its hello. */
async function withRaw(
  clock: ManualClock,
  timeoutMs: number,
): Promise<{ peer: OpenPeer; heard: Heard; raw: Channel; got: () => Buffer }> {
  const [ours, raw] = memoryChannels("far");
  const pieces: Uint8Array[] = [];
  raw.listen({
    data: (bytes) => pieces.push(bytes.slice()),
    drained: () => undefined,
    closed: () => undefined,
  });
  const opening = open(ours, clock, "initiator", { timeoutMs });
  const text = "side: acceptor\n";
  raw.send(
    Buffer.from(`\x93MFOLD\r\n\x01\x01${String.fromCharCode(text.length)}\0${text}`, "latin1"),
  );
  const peer = await opening;
  return { peer, heard: hear(peer), raw, got: () => Buffer.concat(pieces) };
}

async function codeOf(opening: Promise<OpenPeer>): Promise<string> {
  return opening.then(
    () => "opened",
    (error: ManifoldError) => error.code,
  );
}

describe("silence", () => {
  it("ends a session when its timeout is over, and not before", async () => {
    const clock = new ManualClock();
    const { heard } = await withRaw(clock, 30 * second);
    await clock.advance(29 * second);
    assert.equal(heard.end, "open");
    await clock.advance(2 * second);
    assert.equal(heard.end, "timeout");
    assert.equal(clock.waiting, 0, "timers are left");
  });

  it("is no reason to end where nobody set a timeout", async () => {
    const clock = new ManualClock();
    const { heard } = await withRaw(clock, 0);
    await clock.advance(24 * 3600 * second);
    assert.equal(heard.end, "open");
  });

  it("does not come about between two ends that live", async () => {
    const clock = new ManualClock();
    const [one, two] = memoryChannels("far");
    const peers = await Promise.all([
      open(one, clock, "initiator", { timeoutMs: 30 * second }),
      open(two, clock, "acceptor", { timeoutMs: 90 * second }),
    ]);
    const heard = peers.map(hear);
    const before = peers.map(({ bytesSent }) => bytesSent);
    await clock.advance(3600 * second);
    assert.deepEqual(
      heard.map(({ end }) => end),
      ["open", "open"],
    );
    for (const [i, { bytesSent }] of peers.entries()) {
      const beats = (bytesSent - (before[i] as number)) / 4;
      assert.ok(
        beats >= 300 && beats <= 480,
        `${beats} keep-alives in an hour, with 30 seconds' timeout`,
      );
    }
  });

  it("is what one byte a second is taken for", async () => {
    const clock = new ManualClock();
    const { heard, raw } = await withRaw(clock, 30 * second);
    raw.send(Uint8Array.of(0x34, 0, 0, 1, 0, 0, 2, 0));
    let seconds = 0;
    while (heard.end === "open" && seconds < 100) {
      raw.send(Uint8Array.of(0));
      await clock.advance(second);
      seconds++;
    }
    assert.equal(heard.end, "timeout");
    assert.ok(seconds >= 29 && seconds <= 61, `${seconds} seconds`);
  });

  it("of the other end is no fault of its while this end does not listen", async () => {
    const clock = new ManualClock();
    const { heard, peer, raw } = await withRaw(clock, 30 * second);
    peer.pause();
    await clock.advance(300 * second);
    assert.equal(heard.end, "open");
    peer.resume();
    raw.send(Uint8Array.of(0x40, 0, 0, 0));
    await clock.advance(29 * second);
    assert.equal(heard.end, "open");
    await clock.advance(10 * second);
    assert.equal(heard.end, "timeout");
  });
});

describe("a handshake", () => {
  for (const [what, perSecond, least, most] of [
    ["that does not begin", "", 59, 61],
    ["of one byte a second", "\x93MFOLD\r\n\x01\x01\xff\x3f".padEnd(200, "a"), 59, 125],
    ["of a shell that prints a letter a second", "Welcome to this machine. ".repeat(8), 59, 125],
  ] as const) {
    it(`${what} ends by itself`, async () => {
      const clock = new ManualClock();
      const [ours, raw] = memoryChannels("far");
      raw.listen({ data: () => undefined, drained: () => undefined, closed: () => undefined });
      let code = "";
      void codeOf(open(ours, clock, "initiator")).then((ended) => (code = ended));
      let seconds = 0;
      for (; code === "" && seconds < 200; seconds++) {
        const byte = perSecond[seconds];
        if (byte !== undefined) raw.send(Buffer.from(byte, "latin1"));
        await clock.advance(second);
      }
      assert.match(code, /^(timeout|not-manifold)$/);
      assert.ok(seconds >= least && seconds <= most, `${seconds} seconds`);
    });
  }
});

describe("a goodbye", () => {
  it("at both ends at once loses nothing", async () => {
    const clock = new ManualClock();
    const [one, two] = memoryChannels("far");
    const peers = await Promise.all([open(one, clock, "initiator"), open(two, clock, "acceptor")]);
    const heard = peers.map(hear);
    for (const peer of peers) {
      for (const text of ["a", "b"]) peer.send(lane.content, Buffer.from(text));
      peer.end();
      peer.send(lane.content, Buffer.from("too late"));
    }
    await settle(40);
    for (const { messages, end } of heard) {
      assert.deepEqual(messages, ["4:a", "4:b"]);
      assert.equal(end, "in order");
    }
  });

  it("is answered with what was queued, and then with one", async () => {
    const clock = new ManualClock();
    const [one, two] = memoryChannels("far");
    const [first, second_] = await Promise.all([
      open(one, clock, "initiator"),
      open(two, clock, "acceptor"),
    ]);
    const [heard, other] = [hear(first), hear(second_)];
    second_.send(lane.content, Buffer.alloc(3_000_000));
    first.end();
    await settle(400);
    assert.deepEqual(
      heard.messages.map(({ length }) => length),
      [3_000_002],
    );
    assert.deepEqual([heard.end, other.end], ["in order", "in order"]);
  });

  it("that is not answered ends in a timeout", async () => {
    const clock = new ManualClock();
    const { heard, peer, got } = await withRaw(clock, 0);
    peer.end();
    await clock.advance(19 * second);
    assert.deepEqual([...got().subarray(-4)], [0x41, 0, 0, 0]);
    assert.equal(heard.end, "open");
    await clock.advance(2 * second);
    assert.equal(heard.end, "timeout");
  });

  it("that cannot leave is waited for: whoever reads slowly loses nothing", async () => {
    const clock = new ManualClock();
    const { heard, peer, raw, got } = await withRaw(clock, 0);
    raw.pause();
    peer.send(lane.news, Buffer.from("the end"));
    peer.end();
    await clock.advance(3600 * second);
    assert.equal(heard.end, "open");
    raw.resume();
    await settle();
    assert.ok(got().includes("the end"));
    raw.send(Uint8Array.of(0x41, 0, 0, 0));
    await settle();
    assert.equal(heard.end, "in order");
  });

  it("that never comes, because the channel ends, is a lost connection", async () => {
    const clock = new ManualClock();
    const { heard, raw } = await withRaw(clock, 0);
    raw.end();
    await settle();
    assert.equal(heard.end, "connection-lost");
  });
});
