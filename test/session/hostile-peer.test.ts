// A scripted peer that sends what a good one never would: each time the session ends with a named error.

import assert from "node:assert/strict";
import test from "node:test";
import { crc32 } from "node:zlib";
import { ManifoldError, seededRandom } from "../../src/base/index.ts";
import { lane, openSession } from "../../src/session/index.ts";
import { memoryChannels } from "../../src/transport/index.ts";

const text = "side: acceptor\nprogram: test\n";
/** The hello of docs/design/session.md, by hand. */
const hello = Buffer.from(
  `\x93MFOLD\r\n\x01\x01${String.fromCharCode(text.length)}\0${text}`,
  "latin1",
);

/** A message on a lane in one frame, by hand: the running checksum of the lane is that of its number and all messages. */
function frame(number: number, message: string, before = ""): Buffer {
  const length = message.length + 4;
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(Buffer.from(`${String.fromCharCode(number)}${before}${message}`)));
  const header = [0x10 + number, length, 0, 0, length, 0, 0, 0];
  return Buffer.concat([Buffer.from(header), Buffer.from(message), sum]);
}

const goodbye = Buffer.from([0x41, 0, 0, 0]);
/** "abc" on the lane of news, an empty message on control, and goodbye. */
const frames = Buffer.concat([frame(1, "abc"), frame(0, ""), goodbye]);
const good = Buffer.concat([hello, frames]);

const codes = new Set(["not-manifold", "protocol-version", "protocol-data", "connection-lost"]);

/** Plays the bytes to a session; returns how it ended and what came over. */
async function play(
  bytes: Uint8Array,
): Promise<{ error: ManifoldError | undefined; got: string[] }> {
  const [ours, theirs] = memoryChannels("far");
  theirs.listen({ data: () => undefined, drained: () => undefined, closed: () => undefined });
  theirs.send(bytes);
  // A good peer closes when it has our goodbye, and not before.
  if (bytes !== good) theirs.end();
  const got: string[] = [];
  try {
    const peer = await openSession(ours, { side: "initiator", program: "test", capabilities: {} });
    const error = await new Promise<ManifoldError | undefined>((resolve) => {
      peer.listen({
        message: (number, message) => got.push(`${number}:${Buffer.from(message)}`),
        drained: () => undefined,
        closed: resolve,
      });
    });
    return { error, got };
  } catch (error) {
    assert.ok(error instanceof ManifoldError, String(error));
    return { error, got };
  }
}

test("a good conversation, byte by byte as the design writes it, ends well", async () => {
  const { error, got } = await play(good);
  assert.equal(error, undefined);
  assert.deepEqual(got, [`${lane.news}:abc`, `${lane.control}:`]);
});

test("a conversation that is cut off at any byte is never taken for a whole one", async () => {
  for (let length = 0; length < good.length; length++) {
    const { error } = await play(good.subarray(0, length));
    assert.ok(error !== undefined && codes.has(error.code), `cut at ${length}: ${error?.code}`);
    assert.match(error.message, /^far: /);
  }
});

const rounds = process.env.MANIFOLD_LONG ? 200 : 4;
const whole = [`${lane.news}:abc`, `${lane.control}:`];

test("garbage at any offset ends in one of the named errors, and never in another message", async () => {
  const random = seededRandom(7);
  for (let offset = 0; offset < good.length; offset++) {
    for (let round = 0; round < rounds; round++) {
      const bytes = Buffer.from(good);
      const length = 1 + (random.uint32() % 6);
      for (let i = offset; i < good.length && i < offset + length; i++) bytes[i] = random.uint32();
      const { error, got } = await play(bytes);
      assert.ok(error === undefined || codes.has(error.code), `at ${offset}: ${error}`);
      // Content has digests of its own, which are not the session's business.
      const told = got.filter((message) => !message.startsWith(`${lane.content}:`));
      assert.deepEqual(told, whole.slice(0, told.length), `at ${offset}`);
    }
  }
});

test("a message that is missing, comes twice or changes places is found", async () => {
  const [one, two] = [frame(1, "one"), frame(1, "two", "one")];
  assert.deepEqual((await play(Buffer.concat([hello, one, two]))).got, ["1:one", "1:two"]);
  for (const damaged of [[two], [one, one, two], [two, one]]) {
    const { error, got } = await play(Buffer.concat([hello, ...damaged, goodbye]));
    assert.equal(error?.code, "protocol-data");
    assert.match(error?.message ?? "", /lane 1 with a wrong checksum/);
    assert.ok(got.length < 2);
  }
});

for (const [name, bytes, code, says] of [
  ["a shell's greeting", Buffer.from("Last login: today\n"), "not-manifold", /"Last login: today"/],
  ["an rsync daemon", Buffer.from("@RSYNCD: 31.0\n"), "not-manifold", /rsync daemon/],
  [
    "a newer version",
    Buffer.concat([hello.subarray(0, 8), Buffer.from([2, 9]), hello.subarray(10)]),
    "protocol-version",
    /here is too old/,
  ],
  [
    "an absurd length",
    Buffer.concat([hello, Buffer.from([0x30, 1, 0, 0, 255, 255, 255, 255])]),
    "protocol-data",
    /4294967295 bytes on lane 0, the limit is/,
  ],
  [
    "an unknown lane",
    Buffer.concat([hello, Buffer.from([0x15, 0, 0, 0])]),
    "protocol-data",
    /unknown kind 21/,
  ],
] as const) {
  test(`${name} is told of`, async () => {
    const { error } = await play(bytes);
    assert.equal(error?.code, code);
    assert.match(error?.message ?? "", says);
  });
}
