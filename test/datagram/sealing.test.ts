// Pins that a datagram opens once, under its own session's key, and only as it was sealed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds, newSecret, Opener, overheadBytes, Sealer } from "../../src/datagram/index.ts";
import { Choice } from "../support/index.ts";

const choice = new Choice(6);
const session = 0xfeedbeef;

function datagramOf(sealer: Sealer, counter: number, payload: Uint8Array, block = 7): Uint8Array {
  const buffer = new Uint8Array(2000);
  const head = { kind: kinds.data, flags: 0, counter, block, count: 1 };
  return buffer.slice(0, sealer.seal(buffer, head, payload));
}

test("what is sealed opens, with its header", () => {
  const secret = newSecret();
  const [sealer, opener] = [new Sealer(secret, session, 3), new Opener(secret, session, 3)];
  const payload = choice.bytes(1408);
  const block = 2 ** 40 - 2;
  const datagram = datagramOf(sealer, 2 ** 40, payload, block);
  assert.equal(datagram.length, 1408 + overheadBytes);
  assert.deepEqual(new Uint8Array(opener.open(datagram) ?? []), payload);
  const { head } = opener;
  assert.deepEqual([head.block, head.count, head.counter, head.epoch], [block, 1, 2 ** 40, 3]);
});

test("a datagram opens once, and not after the replay window has passed", () => {
  const secret = newSecret();
  const [sealer, opener] = [new Sealer(secret, session, 0), new Opener(secret, session, 0)];
  const [old, early, late, far] = [0, 1, 2, 20_000].map((counter) =>
    datagramOf(sealer, counter, Uint8Array.of(counter)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  assert.ok(opener.open(late));
  assert.ok(opener.open(early), "one that was overtaken is taken");
  assert.equal(opener.open(late), undefined);
  assert.equal(opener.open(early), undefined);
  assert.ok(opener.open(far));
  assert.equal(opener.open(old), undefined, "too old to know");
  assert.deepEqual([opener.replayed, opener.forged, opener.foreign], [3, 0, 0]);
});

test("a datagram that is damaged anywhere, cut off, or of another session, epoch or key is ignored", () => {
  const secret = newSecret();
  const datagram = datagramOf(new Sealer(secret, session, 0), 5, choice.bytes(40));
  const opener = new Opener(secret, session, 0);
  for (let at = 0; at < datagram.length; at++) {
    const damaged = datagram.slice();
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    assert.equal(opener.open(damaged), undefined, `byte ${at}`);
    assert.equal(opener.open(datagram.subarray(0, at)), undefined, `length ${at}`);
  }
  for (const other of [
    new Opener(secret, session + 1, 0),
    new Opener(secret, session, 1),
    new Opener(newSecret(), session, 0),
  ]) {
    assert.equal(other.open(datagram), undefined);
  }
  assert.ok(opener.open(datagram), "the right one opens still");
});

test("a counter is never used twice", () => {
  const sealer = new Sealer(newSecret(), session, 0);
  datagramOf(sealer, 4, new Uint8Array(1));
  assert.throws(() => datagramOf(sealer, 4, new Uint8Array(1)), /A counter is used once/);
  assert.throws(() => datagramOf(sealer, 3, new Uint8Array(1)), /A counter is used once/);
});
