// Small files that are wanted at about the same time travel together.

import type { Clock } from "../../base/index.ts";
import type { PulledFile, Span } from "../../source/index.ts";

const bundleBytesMax = 4 * 1024 * 1024;
const bundleFilesMax = 512;
/** Files that are wanted within so many milliseconds travel together. */
const bundleMs = 5;

/** Collects them. */
export class Bundler {
  readonly #clock: Clock;
  readonly #send: (files: readonly PulledFile[]) => void;
  #files: PulledFile[] = [];
  #bytes = 0;

  /** `send` gets one bundle after the other. */
  constructor(clock: Clock, send: (files: readonly PulledFile[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Adds a file. */
  add(file: PulledFile): void {
    if (this.#files.length === 0) this.#clock.after(bundleMs, () => this.#flush());
    this.#files.push(file);
    this.#bytes += file.order.size;
    if (this.#bytes >= bundleBytesMax || this.#files.length >= bundleFilesMax) this.#flush();
  }

  #flush(): void {
    const files = this.#files.splice(0);
    this.#bytes = 0;
    if (files.length > 0) this.#send(files);
  }
}

/** Cuts a part of an order where files end. */
export function byFiles(
  { from, to }: Span,
  starts: readonly number[],
): (Span & { file: number })[] {
  const parts: (Span & { file: number })[] = [];
  for (let file = 0; file + 1 < starts.length; file++) {
    const [first, last] = [
      Math.max(from, starts[file] as number),
      Math.min(to, starts[file + 1] as number),
    ];
    if (first < last) parts.push({ from: first, to: last, file });
  }
  return parts;
}
