// A channel over the two streams of a pipe: standard input and output of `manifold agent`.

import type { Readable, Writable } from "node:stream";
import type { Channel } from "../channel.ts";
import { StreamChannel } from "../stream-channel.ts";

/** Makes a channel of a stream to read and a stream to write, which may be the same one. */
export function streamChannel(readable: Readable, writable: Writable, label: string): Channel {
  return new StreamChannel(readable, writable, label);
}
