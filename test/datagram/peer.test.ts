// Two ends that say messages to one another in datagrams, in simulated time: every message comes once and is right, requests
// in their order, content as soon as it is whole; the end of a network is noticed; forgeries change nothing.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Clock, type ManifoldError, seededRandom } from "../../src/base/index.ts";
import { DatagramPeer, pairSecretLength, type RateRules } from "../../src/datagram/index.ts";
import { type LaneNumber, lane } from "../../src/session/index.ts";
import { EventQueue } from "./event-queue.ts";
import { Line, type LineTraits } from "./simulated-network.ts";

const usual: LineTraits = {
  rate: 12_500_000,
  queue: 250_000,
  delayMs: 25,
  jitterMs: 0,
  lost: 0,
  repeated: 0,
};
const secret = Uint8Array.from({ length: pairSecretLength }, (_, i) => i);
const limitMs = 300_000;

class Pair {
  readonly events = new EventQueue();
  readonly lines: readonly [Line, Line];
  readonly ends: readonly [DatagramPeer, DatagramPeer];
  readonly got: { lane: LaneNumber; message: Uint8Array; at: number }[][] = [[], []];
  readonly passed: boolean[] = [false, false];
  readonly closed: (ManifoldError | undefined)[] = [];
  /** What strangers do to each datagram on its way. */
  attack: (datagram: Uint8Array, to: DatagramPeer) => void = () => undefined;

  readonly rules: RateRules;

  constructor(traits: Partial<LineTraits> = {}, seed = 1, rules: RateRules = {}) {
    this.rules = rules;
    const line = { ...usual, ...traits };
    this.lines = [new Line(line, this.events, seed), new Line(line, this.events, seed + 1)];
    this.ends = [this.#end(0), this.#end(1)];
    this.ends[0].begin();
  }

  get clock(): Clock {
    const { events } = this;
    return {
      now: () => events.now,
      wallTime: () => events.now,
      after: (delayMs, callback) => {
        let isCancelled = false;
        // Timers are late by what an event loop is late.
        events.at(events.now + Math.max(delayMs, 0.01), () => isCancelled || callback());
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  #end(which: 0 | 1): DatagramPeer {
    const peer = new DatagramPeer({
      label: `end ${which}`,
      isInitiator: which === 0,
      ...{ session: 0xffff_fffe, secret, rules: this.rules, clock: this.clock },
      transmit: (bytes, each) => {
        let sent = 0;
        for (let at = 0; at < bytes.length; at += each, sent++) {
          const datagram = bytes.slice(at, Math.min(bytes.length, at + each));
          this.lines[which].carry(datagram.length + 28, () => this.#arrive(1 - which, datagram));
        }
        return sent;
      },
      passed: () => {
        this.passed[which] = true;
      },
      ended: (error) => {
        this.closed[which] = error;
      },
    });
    peer.listen({
      message: (number, message) =>
        this.got[which]?.push({ lane: number, message: message.slice(), at: this.events.now }),
      drained: () => undefined,
      closed: () => undefined,
    });
    return peer;
  }

  #arrive(which: number, datagram: Uint8Array): void {
    const end = this.ends[which] as DatagramPeer;
    this.attack(datagram, end);
    if (end.arrived(datagram)) end.begin();
  }

  run(until: () => boolean): void {
    while (!until() && this.events.now < limitMs && this.events.step());
  }
}

/** Returns messages by chance: their first four bytes are their number, the rest is made of it. */
function messages(seed: number, count: number, longest: number): Uint8Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const bytes = new Uint8Array(4 + (random.uint32() % longest)).fill(number * 7);
    new DataView(bytes.buffer).setUint32(0, number);
    return bytes;
  });
}

function numberOf(message: Uint8Array): number {
  return new DataView(message.buffer, message.byteOffset).getUint32(0);
}

test("the rate is what it is told to be", () => {
  const bytes = new Uint8Array(250_000).fill(1);
  for (const [rules, least, most] of [
    [{ max: 500_000 }, 3800, 4600],
    [{ share: 0.5 }, 0, 3000],
    [{ max: 500_000, min: 500_000 }, 3800, 4600],
  ] as const) {
    const pair = new Pair({ lost: rules.min === undefined ? 0 : 5000 }, 1, rules);
    for (let i = 0; i < 8; i++) pair.ends[0].send(lane.content, bytes);
    pair.run(() => pair.got[1]?.length === 8);
    const ms = pair.got[1]?.at(-1)?.at ?? 0;
    assert.ok(ms > least && ms < most, `${JSON.stringify(rules)}: ${ms} ms`);
  }
});

describe("messages in datagrams", () => {
  const count = process.env.MANIFOLD_LONG === "1" ? 400 : 24;
  test(`come whole and once, ${count} seeds`, () => {
    for (let seed = 0; seed < count; seed++) {
      const random = seededRandom(seed);
      const pair = new Pair(
        {
          delayMs: [0.05, 5, 60][random.uint32() % 3] as number,
          jitterMs: [0, 0, 3][random.uint32() % 3] as number,
          lost: [0, 100, 1000, 5000, 20_000][random.uint32() % 5] as number,
          repeated: [0, 2000][random.uint32() % 2] as number,
        },
        seed,
      );
      const content = messages(seed, 30, 60_000);
      const requests = messages(seed + 1, 60, 3000);
      for (const each of content)
        pair.ends[0].send(lane.content, each.subarray(0, 3), each.subarray(3));
      for (const each of requests) pair.ends[1].send(lane.request, each);
      pair.run(() => pair.got[1]?.length === 30 && pair.got[0]?.length === 60);
      assert.deepEqual(
        pair.got[0]?.map(({ message }) => message),
        requests,
        `seed ${seed}: requests in their order`,
      );
      const came = [...(pair.got[1] ?? [])].sort(
        (a, b) => numberOf(a.message) - numberOf(b.message),
      );
      assert.deepEqual(
        came.map(({ message }) => message),
        content,
        `seed ${seed}: all of the content`,
      );
      assert.deepEqual(pair.passed, [true, true]);
    }
  });

  test("a lost datagram delays only its own message", () => {
    const pair = new Pair();
    const content = messages(3, 200, 2000);
    pair.run(() => pair.passed.every(Boolean));
    // The line is cut for the first of them.
    pair.lines[0].isCut = true;
    pair.ends[0].send(lane.content, content[0] as Uint8Array);
    pair.run(() => pair.lines[0].dropped > 0);
    pair.lines[0].isCut = false;
    for (const each of content.slice(1)) pair.ends[0].send(lane.content, each);
    pair.run(() => pair.got[1]?.length === content.length);
    const order = (pair.got[1] ?? []).map(({ message }) => numberOf(message));
    assert.ok(order.indexOf(0) > 20, `the first came as number ${order.indexOf(0)}`);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...content.keys()],
    );
  });

  test("what was sent has left when it has arrived, and not before", () => {
    const pair = new Pair({ lost: 3000 });
    let left = 0;
    for (const each of messages(9, 50, 20_000)) {
      pair.ends[0].sendThen(lane.content, [each], () => {
        left++;
        assert.ok(left <= (pair.got[1]?.length ?? 0) + 50);
      });
    }
    assert.equal(left, 0);
    pair.run(() => left === 50);
    assert.equal(left, 50);
    assert.equal(pair.got[1]?.length, 50);
  });

  test("where nothing passes, or passes no longer, both ends say so within seconds", () => {
    const never = new Pair();
    never.lines[0].isCut = true;
    never.run(() => 0 in never.closed);
    assert.match(never.closed[0]?.message ?? "", /do not pass/);
    assert.ok(never.events.now < 2000, `${never.events.now} ms`);
    const oneWay = new Pair();
    oneWay.lines[1].isCut = true;
    oneWay.run(() => 0 in oneWay.closed && 1 in oneWay.closed);
    assert.match(oneWay.closed[0]?.message ?? "", /do not pass/);
    assert.ok(oneWay.events.now < 6000, `${oneWay.events.now} ms`);
    const broken = new Pair();
    broken.run(() => broken.passed.every(Boolean));
    for (const line of broken.lines) line.isCut = true;
    const at = broken.events.now;
    broken.run(() => 0 in broken.closed && 1 in broken.closed);
    assert.match(broken.closed[0]?.message ?? "", /no longer/);
    assert.ok(broken.events.now - at < 16_000, `${broken.events.now - at} ms`);
  });

  test("what was changed, cut off, repeated or sealed for the other direction is ignored", () => {
    const pair = new Pair({ delayMs: 1 });
    const random = seededRandom(5);
    let accepted = 0;
    const earlier: Uint8Array[] = [];
    pair.attack = (datagram, to) => {
      const damaged = datagram.slice();
      const at = random.uint32() % damaged.length;
      damaged[at] = (damaged[at] as number) ^ (1 + (random.uint32() % 255));
      const cut = datagram.subarray(0, random.uint32() % datagram.length);
      const [old] = earlier.splice(0, earlier.length > 20 ? 1 : 0);
      const from = pair.ends.find((end) => end !== to) as DatagramPeer;
      for (const forged of [damaged, cut, ...(old === undefined ? [] : [old])]) {
        if (to.arrived(forged) && forged !== old) accepted++;
      }
      if (from.arrived(datagram)) accepted++;
      earlier.push(datagram);
    };
    const content = messages(11, 100, 30_000);
    for (const each of content) pair.ends[0].send(lane.content, each);
    pair.run(() => pair.got[1]?.length === content.length);
    assert.equal(accepted, 0);
    assert.deepEqual(
      (pair.got[1] ?? []).map(({ message }) => numberOf(message)).sort((a, b) => a - b),
      [...content.keys()],
    );
  });
});

describe("a line of 100 Mbit/s and a round trip of 50 ms", () => {
  const cases = [
    // lost of 100, seconds for 30 MB at the most
    [0, 3.0],
    [0.1, 3.0],
    [1, 3.2],
    [3, 3.9],
  ] as const;
  for (const [percent, seconds] of cases) {
    test(`30 MB come in ${seconds} s, ${percent} % lost both ways`, (context) => {
      const pair = new Pair({ lost: percent * 1000 }, 7);
      for (let i = 0; i < 30; i++) pair.ends[0].send(lane.content, new Uint8Array(1_000_000));
      pair.run(() => pair.got[1]?.length === 30);
      const took = pair.events.now / 1000;
      context.diagnostic(`${took.toFixed(2)} s, ${pair.ends[0].bytesSent} bytes`);
      assert.ok(took <= seconds, `${took} s`);
    });
  }
});
