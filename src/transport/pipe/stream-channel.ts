// A channel over the two streams of a pipe: standard input and output of `manifold agent`.

import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Channel } from "../channel.ts";
import { StreamChannel } from "../stream-channel.ts";
import { descriptorInput } from "./descriptor-input.ts";

/** Makes a channel of a stream to read and a stream to write, which may be the same one. */
export function streamChannel(readable: Readable, writable: Writable, label: string): Channel {
  return new StreamChannel(readable, writable, label);
}

/** This process's standard input and output as a channel; as sockets, neither ever blocks. */
export function standardChannel(label: string): Channel {
  const input = descriptorInput(0);
  const output = new Socket({ fd: 1, readable: false, writable: true });
  return new StreamChannel(input.socket, output, label, { read: input.listen });
}
