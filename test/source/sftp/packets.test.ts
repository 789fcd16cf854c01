// Packets of SFTP: where a stream is cut does not matter, and servers that break the form end the conversation.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromBytes } from "../../../src/base/index.ts";
import { encodePacket, PacketReader, packet } from "../../../src/source/sftp/packets.ts";
import { SftpSession } from "../../../src/source/sftp/session.ts";
import { type Channel, memoryChannels } from "../../../src/transport/index.ts";
import { isTrouble } from "../conformance/listings.ts";

const { signal } = new AbortController();

test("packets come out as they went in, however the stream is cut", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
    maxLength: 300,
  });
  fc.assert(
    fc.property(fc.array(text), fc.integer({ min: 1, max: 50 }), (texts, step) => {
      const stream = Buffer.concat(
        texts.map((bytes) => encodePacket(packet.data, [{ u32: 7 }, { bytes }])),
      );
      const found: string[] = [];
      const reader = new PacketReader((bytes) => void found.push(fromBytes(bytes, 9)));
      for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step));
      assert.deepEqual(found, texts);
    }),
  );
});

/** A server that answers each packet with what `answer` says. */
function pretend(answer: (type: number, number: number) => Uint8Array | undefined): Channel {
  const [ours, theirs] = memoryChannels("server");
  const reader = new PacketReader((bytes) => {
    const number = new DataView(bytes.buffer).getUint32(1);
    const reply = answer(bytes[0] as number, number);
    if (reply !== undefined) theirs.send(reply);
    else theirs.end();
  });
  theirs.listen({
    data: (bytes) => reader.push(bytes),
    drained: () => undefined,
    closed: () => undefined,
  });
  return ours;
}

const version = encodePacket(packet.version, [{ u32: 3 }]);

test("servers that break the form are told as such, and everything that waits ends", async () => {
  const broken: readonly [string, (number: number) => Uint8Array][] = [
    ["no SFTP", () => new Uint8Array([0xff, 0xff, 0xff, 0xff, 1])],
    ["no SFTP", () => encodePacket(packet.handle, [{ u32: 999 }])],
    ["type 101|refuses", (number) => encodePacket(packet.status, [{ u32: number }, { u32: 5 }])],
    ["type 105", (number) => encodePacket(packet.attrs, [{ u32: number }, { u32: 0 }])],
  ];
  for (const [, reply] of broken) {
    const channel = pretend((type, number) => (type === packet.init ? version : reply(number)));
    const session = await SftpSession.open(channel, signal);
    await assert.rejects(session.open("x"), isTrouble("protocol"));
    session.close();
  }
  await assert.rejects(
    SftpSession.open(
      pretend(() => encodePacket(packet.version, [{ u32: 2 }])),
      signal,
    ),
    isTrouble("protocol"),
  );
  await assert.rejects(
    SftpSession.open(
      pretend(() => undefined),
      signal,
    ),
    isTrouble("connection"),
  );
});

test("a server that sends less than was asked for is asked again", async () => {
  const channel = pretend((type, number) => {
    if (type === packet.init) return version;
    return encodePacket(packet.data, [{ u32: number }, { bytes: "ab" }]);
  });
  const session = await SftpSession.open(channel, signal);
  assert.equal(fromBytes(await session.read("h", 0, 6)), "ababab");
  await assert.rejects(session.read("h", 0, 1), isTrouble("protocol"));
  session.close();
});
