// Whether content is compressed on its way. Where nobody said, it is when the line is so slow that the
// processor would only wait for it, and for updates, which send little, until they have sent much.

import type { CompressOptions } from "../../options/index.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";
import type { LineWatch } from "./line-watch.ts";

/** Bytes of content up to which updates are compressed. Arbitrary: less than a second of work. */
const updateBytesMax = 32 * 1024 * 1024;
/** Slower than one processor compresses, with what else it has to do, in bytes per millisecond. */
const slowRate = 40_000;

/** Decides for one run. */
export class Compression {
  readonly #options: CompressOptions;
  readonly #line: LineWatch;
  #sent = 0;

  constructor(options: CompressOptions, line: LineWatch) {
    this.#options = options;
    this.#line = line;
  }

  /** What shall be done with what is read next. */
  get wanted(): ReadTask["compresses"] {
    const { on, ifItPays } = this.#options;
    if (!ifItPays) return on ? "all" : "nothing";
    this.#line.look();
    if ((this.#line.rate ?? slowRate) < slowRate) return "all";
    return this.#sent < updateBytesMax ? "updates" : "nothing";
  }

  /** So many bytes of content were sent. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }
}
