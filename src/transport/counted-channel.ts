// A channel that counts what goes through it, for whoever tells the user.

import type { Channel } from "./channel.ts";

/** Such a channel. */
export interface CountedChannel extends Channel {
  /** Bytes that were sent. */
  readonly bytesSent: number;
  /** Bytes that have come. */
  readonly bytesReceived: number;
}

/** Returns a channel over another one, whose listener it is from now on. */
export function countedChannel(inner: Channel): CountedChannel {
  let bytesSent = 0;
  let bytesReceived = 0;
  return {
    label: inner.label,
    listen: (listener) =>
      inner.listen({
        data: (bytes) => {
          bytesReceived += bytes.length;
          listener.data(bytes);
        },
        drained: () => listener.drained(),
        closed: (error) => listener.closed(error),
      }),
    send: (bytes, left) => {
      bytesSent += bytes.length;
      inner.send(bytes, left);
    },
    flush: () => inner.flush(),
    get backlog() {
      return inner.backlog;
    },
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    end: () => inner.end(),
    destroy: () => inner.destroy(),
    get bytesSent() {
      return bytesSent;
    },
    get bytesReceived() {
      return bytesReceived;
    },
  };
}
