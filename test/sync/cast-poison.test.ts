// Members of a cast that forge datagrams, or lie: what they send is found out and comes again over the connection, and
// those who are left get new keys.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../src/base/index.ts";
import {
  blockBytesUsual,
  encodeReport,
  headBytes,
  newSecret,
  overheadBytes,
  Sealer,
} from "../../src/datagram/index.ts";
import {
  type CastAnswer,
  type CastOrder,
  decodeCastAnswer,
  decodeCastOrder,
  encodeCastBlocks,
  encodeCastOrder,
} from "../../src/session/index.ts";
import { Broadcast } from "../../src/sync/cast/broadcast.ts";
import { CatchStream } from "../../src/sync/cast/catch-stream.ts";
import type { StreamCopy } from "../../src/sync/cast/stream-copy.ts";
import { StreamSums, stretchBlocks } from "../../src/sync/cast/stream-sums.ts";
import { type LinkListener, TargetLink } from "../../src/sync/cast/target-link.ts";
import { changesetDigest } from "../../src/sync/verbs/stage-output.ts";
import { openDatagramSocket } from "../../src/transport/index.ts";
import { Choice, ManualClock } from "../support/index.ts";

const session = 99;
const streamBytes = 3 * stretchBlocks * blockBytesUsual + 5000;
const blocks = Math.ceil(streamBytes / blockBytesUsual);
const stream = new Uint8Array(blocks * blockBytesUsual);
stream.set(new Choice(1).bytes(streamBytes));
const sums = new StreamSums();
sums.update(stream.subarray(0, streamBytes));
sums.finish();

/** A target whose network and master are this test. */
class Target {
  readonly clock = new ManualClock();
  readonly copied = new Uint8Array(stream.length);
  readonly answers: CastAnswer[] = [];
  readonly secret = newSecret();
  readonly stream: CatchStream;
  /** How often the whole stream was there, and with what it failed. */
  whole = 0;
  failure: unknown;
  isListening = false;
  #listener: (datagram: Uint8Array) => void = () => undefined;
  #counter = 0;

  constructor() {
    const { copied } = this;
    const copy: StreamCopy = {
      descriptor: -1,
      write: (bytes, at) => copied.set(bytes, at),
      read: (into, at) => into.set(copied.subarray(at, at + into.length)),
      truncate: () => undefined,
      forget: () => undefined,
      close: () => undefined,
    };
    const order = {
      ...({ kind: "stream", session, secret: this.secret, epoch: 0 } as const),
      ...{ address: "239.1.2.3", port: 1, source: undefined },
      ...{ blockBytes: blockBytesUsual, everyMs: 25, phaseMs: 0 },
    };
    const send = (_: number, bytes: Uint8Array): void =>
      void this.answers.push(decodeCastAnswer(bytes));
    this.stream = new CatchStream(order, {
      ...{ board: { peer: { send } } as never, clock: this.clock, place: { copy }, room: () => 0 },
      whole: () => void this.whole++,
      failed: (error) => {
        this.failure = error;
      },
      interfaceName: undefined,
      openSocket: () => {
        this.isListening = true;
        return Promise.resolve({
          listen: (listener: (datagram: Uint8Array) => void) => {
            this.#listener = listener;
          },
          close: () => {
            this.isListening = false;
          },
          receiveBytes: 1,
        } as never);
      },
    });
  }

  async begin(): Promise<void> {
    await this.stream.begin();
    const digest = changesetDigest();
    this.stream.sums({ kind: "sums", sums: sums.from(0), digest });
    this.stream.length(streamBytes);
  }

  /** Sends blocks under a key; each that is named is forged. */
  send(sealer: Sealer, from: number, to: number, forged: readonly number[] = []): void {
    const buffer = new Uint8Array(overheadBytes + blockBytesUsual);
    for (let block = from; block < to; block++) {
      const right = stream.slice(block * blockBytesUsual, (block + 1) * blockBytesUsual);
      if (forged.includes(block)) right[7] = (right[7] as number) ^ 1;
      const head = { kind: 1, flags: 0, counter: this.#counter++, block, count: 1 } as const;
      const length = sealer.seal(buffer, head, right);
      if (this.isListening) this.#listener(buffer.subarray(0, length));
    }
  }

  /** Answers what it asks for, until it asks for nothing more. */
  async answer(change: (bytes: Uint8Array) => void = () => undefined): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      for (const answer of this.answers.splice(0)) {
        if (answer.kind !== "pull") continue;
        idle = 0;
        const { block, count } = answer;
        const bytes = stream.slice(block * blockBytesUsual, (block + count) * blockBytesUsual);
        change(bytes);
        this.stream.pulled(encodeCastBlocks({ block, bytes }));
      }
      await this.clock.advance(1);
    }
  }

  says(kind: CastAnswer["kind"]): boolean {
    return this.answers.some((answer) => answer.kind === kind);
  }
}

describe("forged datagrams of somebody who has the key", () => {
  it("are found while they come, and whoever got them leaves the group and pulls what is wrong", async () => {
    const target = new Target();
    await target.begin();
    const sealer = new Sealer(target.secret, session, 0);
    target.send(sealer, 0, stretchBlocks - 1, [5]);
    assert.ok(!target.says("poisoned"));
    target.send(sealer, stretchBlocks - 1, stretchBlocks + 3, [stretchBlocks + 1]);
    assert.ok(target.says("poisoned") && !target.isListening);
    await target.answer();
    assert.equal(target.failure, undefined);
    assert.equal(target.whole, 1);
    assert.equal(
      Buffer.compare(target.copied.subarray(0, streamBytes), stream.subarray(0, streamBytes)),
      0,
    );
    const { pulled } = target.stream.arrival;
    assert.ok(pulled < blocks + stretchBlocks, `${pulled} blocks pulled`);
  });

  it("are found when the whole does not verify, and then it comes right", async () => {
    const target = new Target();
    await target.begin();
    target.send(new Sealer(target.secret, session, 0), 0, blocks, [stretchBlocks + 9, blocks - 1]);
    assert.equal(target.whole, 1);
    assert.ok(!target.says("poisoned"));
    assert.ok(target.stream.recheck());
    await target.answer();
    assert.equal(target.whole, 2);
    assert.equal(
      Buffer.compare(target.copied.subarray(0, streamBytes), stream.subarray(0, streamBytes)),
      0,
    );
    assert.ok(target.stream.arrival.pulled <= 2 * stretchBlocks);
    assert.ok(
      !target.stream.recheck(),
      "what is right and does not verify is so from the beginning",
    );
  });

  it("do not go round in circles where the master itself sends other bytes than it tells of", async () => {
    const target = new Target();
    await target.begin();
    target.send(new Sealer(target.secret, session, 0), 0, blocks, [2]);
    assert.ok(target.says("poisoned"));
    const noise = (bytes: Uint8Array): void => void bytes.fill(0);
    await assert.rejects(target.answer(noise), /not what it told of/);
    assert.equal(target.whole, 0);
  });

  it("are not taken any more once there is a new key, and those on their way until then are", async () => {
    const target = new Target();
    await target.begin();
    const secret = newSecret();
    const [old, young] = [new Sealer(target.secret, session, 0), new Sealer(secret, session, 1)];
    target.stream.rekey({ kind: "rekey", secret, epoch: 1 });
    target.send(old, 0, 10);
    target.send(young, 10, 11);
    target.send(old, 11, 20, [11, 12]);
    target.send(young, 11, blocks);
    assert.equal(target.whole, 1);
    assert.equal(
      Buffer.compare(target.copied.subarray(0, streamBytes), stream.subarray(0, streamBytes)),
      0,
    );
  });
});

describe("orders of a master", () => {
  it("are read as they were written, and refused with a field too few or too many", () => {
    const secret = newSecret();
    const way = { address: "ff15::1", port: 7, source: undefined, blockBytes: 9 };
    const orders: CastOrder[] = [
      { kind: "stream", session, secret, epoch: 3, ...way, everyMs: 25, phaseMs: 4 },
      { kind: "rekey", secret, epoch: 65_535 },
      { kind: "sums", sums: Uint8Array.from(sums.from(1)), digest: "sha256" },
      { kind: "sign", path: "deep/image", digest: "blake3" },
      { kind: "unicast" },
    ];
    for (const order of orders) {
      const bytes = encodeCastOrder(order);
      assert.deepEqual(decodeCastOrder(bytes), order);
      const fields = bytes[0] as number;
      for (const head of [fields - 1, fields + 1]) {
        const changed = Uint8Array.of(head, ...bytes.subarray(1), 0);
        assert.throws(() => decodeCastOrder(changed), { code: "protocol-data" });
      }
    }
  });
});

describe("a master that asks for sums", () => {
  it("is told of no file outside the tree", () => {
    for (const path of ["", "../x", "/etc/passwd", "a/../../x", "a//b", ".manifold/x", "a\0b"]) {
      const bytes = encodeCastOrder({ kind: "sign", path, digest: "sha256" });
      assert.throws(() => decodeCastOrder(bytes), { code: "protocol-data" }, path);
    }
  });
});

/** A target as the master knows it, that notes what it is told. */
class Heard extends TargetLink {
  readonly orders: CastOrder[] = [];

  constructor(id: number) {
    super(id, { name: `t${id}` } as never, {} as LinkListener, systemClock);
    this.isMember = true;
  }

  override order(order: CastOrder): void {
    this.orders.push(order);
  }

  keys(): Uint8Array[] {
    return this.orders.flatMap((order) => (order.kind === "rekey" ? [order.secret] : []));
  }
}

describe("a member that is not to be trusted", () => {
  it("is let go, and datagrams go on under a key that it does not get", async () => {
    const socket = await openDatagramSocket({ port: 0, address: "127.0.0.1" });
    const cast = new Broadcast({
      clock: systemClock,
      rules: {},
      slow: undefined,
      record: () => [0][Symbol.iterator]() as never,
    });
    try {
      const epochs = new Set<number>();
      const seen = new Map<number, () => void>();
      socket.listen((datagram) => {
        assert.ok(datagram.length >= headBytes);
        const epoch = Buffer.from(datagram).readUInt16BE(2);
        epochs.add(epoch);
        seen.get(epoch)?.();
      });
      const comes = (epoch: number): Promise<void> =>
        new Promise((resolve) => (epochs.has(epoch) ? resolve() : seen.set(epoch, resolve)));
      const links = [0, 1, 2].map((id) => new Heard(id));
      const [good, liar, poisoned] = links as [Heard, Heard, Heard];
      await cast.begin(links, {
        ...{ address: "127.0.0.1", port: socket.port, ipVersion: 4, interfaceAddress: undefined },
        ...{ hops: 1, loopback: true, sourceSpecific: false },
      });
      await Promise.all(links.map(({ prepared }) => prepared));
      for (const link of links) cast.joined(link);
      await comes(0);
      const report = { sequence: 0, counter: 2 ** 40, datagrams: 1, bytes: 1, clock: 1, held: 0 };
      cast.report(liar, encodeReport({ ...report, floor: 0, upTo: 0, runs: [] }));
      await comes(1);
      assert.match(liar.reason ?? "", /never sent/);
      assert.deepEqual([good.keys().length, poisoned.keys().length, liar.keys().length], [1, 1, 0]);
      cast.poisoned(poisoned);
      cast.poisoned(poisoned);
      await comes(2);
      assert.deepEqual([good.keys().length, poisoned.keys().length, liar.keys().length], [2, 1, 0]);
      assert.equal(good.reason, undefined);
    } finally {
      cast.close();
      socket.close();
    }
  });
});
