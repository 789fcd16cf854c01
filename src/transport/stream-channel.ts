// A channel over two streams of Node: standard input and output, the pipes of a child process, a socket
// (which is both). Whatever ends a stream ends the channel, once, with an error a user understands.

import type { Readable, Writable } from "node:stream";
import { errnoText, ManifoldError } from "../base/index.ts";
import type { Channel, ChannelListener } from "./channel.ts";

/** What a stream says when the peer has gone away, in our words. */
const goneWords: Readonly<Record<string, string>> = {
  EPIPE: "the other end closed the connection",
  ECONNRESET: "the other end reset the connection",
  ERR_STREAM_DESTROYED: "the connection is closed",
  ERR_STREAM_PREMATURE_CLOSE: "the connection broke off",
};

/** The part of a stream that holds the process open, where it has one (sockets and pipes do). */
interface Holding {
  unref?(): void;
}

/** What a channel may be told about its streams. */
export interface StreamEnding {
  /** Begins to read a stream that emits no data; absent where the stream does. */
  read?(take: (bytes: Uint8Array) => void): void;
  /**
   * Asked when both streams are through or one has failed: what else is known of the end (how a program ended). It
   * gets what the streams said, and its answer is what the listener is told.
   */
  explain?(error: ManifoldError | undefined): Promise<ManifoldError | undefined>;
  /** Called when this end closes at once. */
  onDestroy?(): void;
  /** Called when nothing of this channel is to keep the process alive any more. */
  onRelease?(): void;
}

/** A channel over a stream that is read and a stream that is written, which may be the same. */
export class StreamChannel implements Channel {
  readonly label: string;
  private readonly readable: Readable & Holding;
  private readonly writable: Writable & Holding;
  private readonly ending: StreamEnding;
  private listener: ChannelListener | undefined;
  private error: ManifoldError | undefined;
  private isCorked = false;
  private isDrainDue = false;
  /** One function for every write. The stream's own "drain" comes only after it has called itself full. */
  private readonly written = (): void => {
    if (!this.isDrainDue || this.backlog > 0) return;
    this.isDrainDue = false;
    if (!this.isOver && !this.isLeaving) this.listener?.drained();
  };
  private isPaused = false;
  /** This end has closed: what goes wrong from here on is nobody's business. */
  private isLeaving = false;
  private isOver = false;
  private isClosed = false;

  constructor(readable: Readable, writable: Writable, label: string, ending: StreamEnding = {}) {
    this.readable = readable;
    this.writable = writable;
    this.label = label;
    this.ending = ending;
    // From the first moment on: an error that nobody listens to would end the process.
    readable.on("error", (error) => this.fail(error));
    readable.on("end", () => this.finish());
    readable.on("close", () => this.finish());
    if ((writable as unknown) !== readable) writable.on("error", (error) => this.fail(error));
  }

  get backlog(): number {
    return this.writable.writableLength;
  }

  listen(listener: ChannelListener): void {
    this.listener = listener;
    if (this.isClosed) {
      setImmediate(() => listener.closed(this.error));
      return;
    }
    const take = (bytes: Uint8Array): void => {
      if (!this.isClosed) listener.data(bytes);
    };
    if (this.ending.read === undefined) this.readable.on("data", take);
    else this.ending.read(take);
    if (this.isPaused) this.readable.pause();
  }

  send(bytes: Uint8Array, left?: () => void): void {
    if (this.isLeaving || this.isOver || this.writable.destroyed || bytes.length === 0) return;
    if (!this.isCorked) {
      this.isCorked = true;
      this.writable.cork();
      queueMicrotask(() => this.flush());
    }
    this.isDrainDue = true;
    this.writable.write(
      bytes,
      left === undefined
        ? this.written
        : (error) => {
            if (!error) left();
            this.written();
          },
    );
  }

  flush(): void {
    if (!this.isCorked) return;
    this.isCorked = false;
    this.writable.uncork();
  }

  pause(): void {
    this.isPaused = true;
    if (this.listener !== undefined) this.readable.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (this.listener !== undefined && !this.isClosed) this.readable.resume();
  }

  end(): void {
    if (this.isLeaving) return;
    this.flush();
    this.isLeaving = true;
    this.writable.end(() => this.release());
    // What still comes is read and dropped by the listener; a paused stream would never come to its end.
    this.readable.resume();
  }

  destroy(): void {
    this.isLeaving = true;
    this.ending.onDestroy?.();
    this.readable.destroy();
    this.writable.destroy();
    this.release();
    this.finish();
  }

  /** From here on nothing of this channel keeps the process alive. */
  private release(): void {
    this.readable.unref?.();
    this.writable.unref?.();
    this.ending.onRelease?.();
  }

  private fail(error: Error): void {
    if (!this.isLeaving && this.error === undefined) this.error = streamError(this.label, error);
    this.readable.destroy();
    this.writable.destroy();
    this.finish();
  }

  /** Nothing more comes: lets go of the streams, asks how it came to that and tells the listener. */
  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.isLeaving) this.writable.end();
    const explained = this.ending.explain?.(this.error) ?? Promise.resolve(this.error);
    void explained.then((error) => {
      this.error = this.isLeaving ? undefined : error;
      this.isClosed = true;
      this.release();
      const { listener } = this;
      // A turn later: a promise may be kept inside a call of the channel.
      if (listener !== undefined) setImmediate(() => listener.closed(this.error));
    });
  }
}

function streamError(label: string, error: NodeJS.ErrnoException): ManifoldError {
  const { code, errno } = error;
  const words =
    goneWords[code ?? ""] ?? (errno === undefined ? error.message : errnoText(Math.abs(errno)));
  return new ManifoldError("connection-lost", `${label}: ${words}`, { cause: error });
}
