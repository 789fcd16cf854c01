// Reads a descriptor (a pipe, a socket) into one buffer that is used again and again: streams of Node take
// fresh memory for each read, which costs more in garbage than the reading.

import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";

/** Bytes read at once: what the kernel keeps of a pipe that was made larger, and more than a socket has. */
const bufferBytes = 256 * 1024;

/** A socket to read, and the way to its bytes. */
export interface DescriptorInput {
  /** Emits no data. */
  readonly socket: Socket;
  /** Begins to read. `take` gets bytes that are good until it returns. Called once. */
  listen(take: (bytes: Uint8Array) => void): void;
}

/** Takes the descriptor over. */
export function descriptorInput(fd: number): DescriptorInput {
  let taker: ((bytes: Uint8Array) => void) | undefined;
  let early: Uint8Array | undefined;
  const options: SocketConstructorOpts & Pick<ConnectOpts, "onread"> = {
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: new Uint8Array(bufferBytes),
      callback: (length, buffer) => {
        const bytes = buffer.subarray(0, length);
        if (taker !== undefined) {
          taker(bytes);
          return true;
        }
        // Node reads once before anybody has asked.
        early = bytes.slice();
        return false;
      },
    },
  };
  const socket = new Socket(options);
  return {
    socket,
    listen: (take) => {
      taker = take;
      const first = early;
      early = undefined;
      if (first !== undefined) queueMicrotask(() => take(first));
      socket.resume();
    },
  };
}
