// A good end whose messages, or bytes, are damaged on their way out: everything that it says before and
// after is what the other end expects, so that the damage is reached.

import type { Random } from "../../src/base/index.ts";
import { FrameReader } from "../../src/session/frame-reader.ts";
import { FrameWriter } from "../../src/session/frame-writer.ts";
import { HelloReader } from "../../src/session/hello.ts";
import { messageBytesMax } from "../../src/session/index.ts";
import type { LaneNumber } from "../../src/session/peer.ts";
import type { Channel } from "../../src/transport/index.ts";
import { byteString, collectItems, exchangeItem, type Pick } from "../changeset/mutation.ts";

/** A message on its lane. */
export interface Told {
  readonly lane: LaneNumber;
  readonly message: Uint8Array;
}

/** Makes of one message those that are sent in its place; `n` counts from 0. */
export type Damage = (told: Told, n: number) => readonly Told[];

/** Damages the messages of whoever sends over the channel; the frames around them are right. */
export function damageMessages(channel: Channel, damage: Damage): Channel {
  const send = channel.send.bind(channel);
  const hello = new HelloReader("damaged");
  const writer = new FrameWriter((bytes: Uint8Array) => send(bytes.slice()));
  let count = 0;
  const listener = {
    room: (_lane: LaneNumber, length: number) => new Uint8Array(new SharedArrayBuffer(length)),
    message: (lane: LaneNumber, message: Uint8Array) => {
      for (const told of damage({ lane, message: message.slice() }, count++)) {
        writer.add(told.lane, [told.message]);
      }
      while (writer.writeFrame());
      writer.flush();
    },
    goodbye: () => writer.writeGoodbye(),
  };
  const limits = messageBytesMax.map(() => 2 ** 30);
  const reader = new FrameReader("damaged", limits, listener);
  let isGreeted = false;
  channel.send = (bytes: Uint8Array, left?: () => void): void => {
    if (isGreeted) reader.push(bytes.slice());
    else {
      send(bytes);
      isGreeted = hello.push(bytes.slice()) !== undefined;
      if (isGreeted && hello.rest.length > 0) throw new Error("a hello with frames in one piece");
    }
    left?.();
  };
  return channel;
}

/** Damages the bytes themselves: `change` gets each piece and where it begins, and returns what goes on. */
export function damageBytes(
  channel: Channel,
  change: (bytes: Uint8Array, offset: number) => Uint8Array,
): Channel {
  const send = channel.send.bind(channel);
  let offset = 0;
  channel.send = (bytes: Uint8Array, left?: () => void): void => {
    send(change(bytes.slice(), offset));
    offset += bytes.length;
    left?.();
  };
  return channel;
}

/** Returns a message with an item exchanged, often one deep inside the byte strings that are CBOR themselves. */
function exchangeDeep(pick: Pick, message: Uint8Array): Uint8Array {
  const inner = innerBodies(message);
  const chosen = inner[pick(inner.length + 1)];
  if (chosen === undefined) return exchangeItem(pick, message);
  const [start, from, end] = chosen;
  const body = exchangeDeep(pick, message.subarray(from, end));
  return Buffer.concat([message.subarray(0, start), byteString(body), message.subarray(end)]);
}

/** Where byte strings lie that hold one item of CBOR and nothing else: [head, content, end]. */
function innerBodies(message: Uint8Array): [number, number, number][] {
  const ranges: [number, number][] = [];
  try {
    collectItems(message, 0, ranges);
  } catch {
    return [];
  }
  const found: [number, number, number][] = [];
  for (const [start, end] of ranges) {
    const first = message[start] as number;
    if (first >> 5 !== 2 || end - start < 8) continue;
    const info = first & 31;
    const from = start + 1 + (info < 24 ? 0 : 1 << (info - 24));
    try {
      if (collectItems(message.subarray(from, end), 0, []) === end - from)
        found.push([start, from, end]);
    } catch {
      // It is not CBOR.
    }
  }
  return found;
}

/** Returns a damage of some of the first messages; those that `spares` are left as they are. */
export function seededDamage(random: Random, spares: (told: Told) => boolean): Damage {
  const pick: Pick = (count) => random.uint32() % count;
  const at = new Set([pick(12), ...(pick(3) === 0 ? [pick(12)] : [])]);
  const seen: Told[] = [];
  return (told, n) => {
    seen.push(told);
    if (!at.has(n)) return [told];
    switch (pick(12)) {
      case 0:
        return [];
      case 1:
        return [told, told];
      case 2:
        return spares(told) ? [told] : [{ ...told, lane: pick(5) as LaneNumber }];
      case 3:
        return [told, seen[pick(seen.length)] as Told];
      case 4:
        return spares(told)
          ? [told]
          : [{ ...told, message: told.message.slice(0, pick(told.message.length + 1)) }];
      case 5: {
        if (spares(told) || told.message.length === 0) return [told];
        const message = told.message.slice();
        message[pick(message.length)] = pick(256);
        return [{ ...told, message }];
      }
      default:
        return spares(told) ? [told] : [{ ...told, message: exchangeDeep(pick, told.message) }];
    }
  };
}
