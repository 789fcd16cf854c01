// Pins how wishes are dealt to several connections, with scripted peers: to whichever owes least; what one owes
// that breaks off, or answers what nobody asked it, is asked of another; no answer counts twice.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifoldError } from "../../../src/base/index.ts";
import {
  type ControlMessage,
  decodeControl,
  decodeRequest,
  encodeContentHead,
  encodeControl,
  lane,
  type Peer,
  type PeerListener,
  type RequestMessage,
  Slabs,
} from "../../../src/session/index.ts";
import { Carriers, type Wish } from "../../../src/sync/far/carriers.ts";
import { Switchboard } from "../../../src/sync/far/switchboard.ts";
import { contentBytesMax } from "../../../src/sync/far/windows.ts";

/** The other end by hand. */
class ScriptedPeer implements Peer {
  readonly label: string;
  readonly slabs = new Slabs();
  readonly asked: RequestMessage[] = [];
  readonly told: ControlMessage[] = [];
  readonly backlog = 0;
  readonly isFull = false;
  readonly bytesSent = 0;
  readonly bytesReceived = 0;
  #listener: PeerListener | undefined;

  constructor(label: string) {
    this.label = label;
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  send(number: number, ...parts: readonly Uint8Array[]): void {
    const message = Buffer.concat(parts);
    if (number === lane.control) this.told.push(decodeControl(message));
    else this.asked.push(decodeRequest(message));
  }

  sendThen(number: number, parts: readonly Uint8Array[], left: () => void): void {
    this.send(number, ...parts);
    left();
  }

  /** Numbers of the wishes that have come, in order. */
  get ids(): number[] {
    return this.asked.flatMap((request) => (request.kind === "fetch" ? [request.id] : []));
  }

  answer(id: number, text = "content"): void {
    const body = Buffer.from(text);
    const message = Buffer.concat([encodeContentHead(id, body.length), body]);
    this.#listener?.message(lane.content, message);
  }

  say(message: ControlMessage): void {
    this.#listener?.message(lane.control, encodeControl(message));
  }

  cut(): void {
    this.#listener?.closed(new ManifoldError("connection-lost", `${this.label}: cut`));
  }

  end(): void {
    return;
  }

  destroy(): void {
    return;
  }
}

function scene(expected: number) {
  const first = new ScriptedPeer("first");
  const lost: string[] = [];
  const carriers = new Carriers(first, expected, ({ label }, { code }) =>
    lost.push(`${label}: ${code}`),
  );
  first.listen({
    message: (_, message) => carriers.takeContent(message),
    drained: () => undefined,
    closed: () => undefined,
  });
  const more = Array.from({ length: expected - 1 }, (_, i) => new ScriptedPeer(`more ${i}`));
  for (const peer of more) carriers.join(new Switchboard(peer));
  const answers: string[] = [];
  const applied: (() => void)[] = [];
  let directory = 0;
  const ask = (bytes: number, otherwise: Partial<Wish> = {}): void => {
    const number = directory++;
    const body = new Uint8Array(0);
    const signature = otherwise.signature;
    carriers.ask({
      request: (id) => ({ kind: "fetch", id, directory: number, bytes, body, signature }),
      bytes,
      isHeldBack: true,
      isOnce: false,
      signature: undefined,
      answered: (content, done) => {
        answers.push(`${number} ${Buffer.from(content).toString()}`);
        applied.push(done);
      },
      ...otherwise,
    });
  };
  return { first, more, carriers, lost, answers, applied, ask };
}

describe("wishes over several connections", () => {
  it("go to whichever owes least", () => {
    const { first, more, ask } = scene(3);
    ask(1000);
    ask(10);
    ask(10);
    ask(10);
    assert.deepEqual(
      [first, ...more].map(({ ids }) => ids.length),
      [1, 2, 1],
    );
    more[1]?.answer(more[1].ids[0] as number);
    ask(10);
    assert.equal(more[1]?.ids.length, 2);
  });

  it("wait while each owes its share, and go on when one has answered", () => {
    const { first, more, ask } = scene(2);
    const half = contentBytesMax / 2;
    for (let n = 0; n < 4; n++) ask(half);
    assert.deepEqual([first.ids.length, more[0]?.ids.length], [1, 1]);
    first.answer(first.ids[0] as number);
    // It is not written yet, and counts in the window.
    assert.equal(first.ids.length, 1);
  });

  it("of a connection that breaks off are asked of the others, and it is told once", () => {
    const { first, more, ask, answers, lost } = scene(2);
    const [second] = more as [ScriptedPeer];
    ask(10);
    ask(10);
    ask(10);
    const owed = second.ids;
    assert.equal(owed.length, 1);
    second.cut();
    assert.deepEqual(lost, ["more 0: connection-lost"]);
    assert.equal(first.ids.length, 3);
    for (const id of first.ids) first.answer(id);
    assert.deepEqual(answers, ["0 content", "2 content", "1 content"]);
    // What it still says is for nobody.
    second.answer(owed[0] as number);
    second.cut();
    assert.equal(answers.length, 3);
    assert.equal(lost.length, 1);
  });

  for (const [what, harm] of [
    [
      "answers twice",
      (peer: ScriptedPeer) => [peer.ids[0], peer.ids[0]].map((id) => peer.answer(id as number)),
    ],
    [
      "answers what was asked of another",
      (peer: ScriptedPeer, other: ScriptedPeer) => peer.answer(other.ids[0] as number),
    ],
    ["answers what nobody asked", (peer: ScriptedPeer) => peer.answer(12345)],
    ["says more than content", (peer: ScriptedPeer) => peer.say({ kind: "ended", exit: 0 })],
  ] as const) {
    it(`one that ${what} is given up with a named error, and costs nothing else`, () => {
      const { first, more, ask, lost, answers } = scene(2);
      const [second] = more as [ScriptedPeer];
      ask(20);
      ask(10);
      ask(5);
      harm(second, first);
      assert.deepEqual(lost, ["more 0: protocol-data"]);
      assert.equal(second.told[0]?.kind, "failed");
      for (const id of first.ids) first.answer(id);
      assert.deepEqual(new Set(answers), new Set(["0 content", "1 content", "2 content"]));
      assert.equal(answers.length, 3, "each once");
    });
  }

  it("an answer that nobody asked for on the first ends the run", () => {
    const { carriers } = scene(2);
    const message = Buffer.concat([encodeContentHead(7, 1), Buffer.from("x")]);
    assert.throws(() => carriers.takeContent(message), { code: "protocol-data" });
  });

  it("that must not be done twice go over the first", () => {
    const { first, more, ask } = scene(3);
    ask(1000);
    ask(10, { isOnce: true });
    assert.equal(first.ids.length, 2);
    assert.ok(more.every(({ ids }) => ids.length === 0));
  });

  it("with a signature bring it along once for each connection, and it is dropped on each", () => {
    const { first, more, carriers, ask } = scene(2);
    const [second] = more as [ScriptedPeer];
    const record = Buffer.from("what the target has");
    carriers.keepSignature(3, record);
    for (let n = 0; n < 4; n++) ask(10, { signature: 3, isHeldBack: false });
    const kinds = (peer: ScriptedPeer): string[] => peer.asked.map(({ kind }) => kind);
    assert.deepEqual(kinds(first), ["signature", "fetch", "fetch"]);
    assert.deepEqual(kinds(second), ["signature", "fetch", "fetch"]);
    second.cut();
    assert.deepEqual(kinds(first), ["signature", "fetch", "fetch", "fetch", "fetch"]);
    carriers.dropSignature(3);
    assert.equal(kinds(first).at(-1), "drop");
    assert.equal(kinds(second).at(-1), "fetch", "it has gone");
  });
});
