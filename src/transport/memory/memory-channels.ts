// Two ends of a connection in memory, for tests: delivery is asynchronous and in order, and a paused
// end holds the other one up.

import type { Channel, ChannelListener } from "../channel.ts";

/** One end; `other` is set before anybody sees it. */
class MemoryChannel implements Channel {
  readonly label: string;
  other: MemoryChannel = this;
  backlog = 0;
  private readonly waiting: {
    readonly bytes: Uint8Array;
    readonly left: (() => void) | undefined;
  }[] = [];
  private listener: ChannelListener | undefined;
  private isPaused = false;
  private isEnded = false;
  private isClosed = false;
  private isScheduled = false;

  constructor(label: string) {
    this.label = label;
  }

  listen(listener: ChannelListener): void {
    this.listener = listener;
    this.schedule();
  }

  send(bytes: Uint8Array, left?: () => void): void {
    if (this.isEnded || this.isClosed || bytes.length === 0) return;
    this.backlog += bytes.length;
    this.waiting.push({ bytes, left });
    this.other.schedule();
  }

  flush(): void {
    // Delivery is by turns of the event loop as it is.
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.schedule();
  }

  end(): void {
    this.isEnded = true;
    this.schedule();
    this.other.schedule();
  }

  destroy(): void {
    this.isEnded = true;
    this.waiting.length = 0;
    this.backlog = 0;
    this.schedule();
    this.other.isEnded = true;
    this.other.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.deliver();
    });
  }

  /** Hands over what the other end has sent, and the end when there is nothing more. */
  private deliver(): void {
    const { listener, other } = this;
    if (listener === undefined || this.isClosed) return;
    while (!this.isPaused) {
      const sent = other.waiting.shift();
      if (sent === undefined) break;
      other.backlog -= sent.bytes.length;
      // A copy, as the kernel makes one: the listener owns it, and what was sent may change.
      listener.data(sent.bytes.slice());
      sent.left?.();
      if (other.backlog === 0) other.tellDrained();
    }
    if (other.isEnded && other.waiting.length === 0) this.close();
    else if (this.isEnded && this.waiting.length === 0 && other.isClosed) this.close();
  }

  private tellDrained(): void {
    setImmediate(() => {
      if (!this.isClosed && !this.isEnded && this.backlog === 0) this.listener?.drained();
    });
  }

  private close(): void {
    this.isClosed = true;
    this.isEnded = true;
    this.listener?.closed(undefined);
    this.other.schedule();
  }
}

/** Returns the two ends of a connection in memory. Each names the other by the label. */
export function memoryChannels(label: string): [Channel, Channel] {
  const one = new MemoryChannel(label);
  const two = new MemoryChannel(label);
  one.other = two;
  two.other = one;
  return [one, two];
}
