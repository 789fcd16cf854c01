// The time stamps of the memory door.

import type { Clock } from "../../base/index.ts";
import type { Inode } from "./inode.ts";

const nanosecondsPerSecond = 1_000_000_000;
const dayInSeconds = 86_400;

/** Stamps files with the time of an injected clock, or of its own that ticks at every change. */
export class MemoryClock {
  readonly #clock: Pick<Clock, "wallTime"> | undefined;
  #seconds = 1_577_836_800;
  #nanos = 0;

  constructor(clock: Pick<Clock, "wallTime"> | undefined) {
    this.#clock = clock;
  }

  /** Returns a clock that goes on from here by itself, or shares the injected one. */
  copy(): MemoryClock {
    const copy = new MemoryClock(this.#clock);
    copy.#seconds = this.#seconds;
    copy.#nanos = this.#nanos;
    return copy;
  }

  #tick(): void {
    if (this.#clock !== undefined) {
      const milliseconds = this.#clock.wallTime();
      this.#seconds = Math.floor(milliseconds / 1000);
      this.#nanos = Math.floor((milliseconds - this.#seconds * 1000) * 1e6);
    } else {
      this.#nanos += 1000;
      if (this.#nanos >= nanosecondsPerSecond) {
        this.#nanos -= nanosecondsPerSecond;
        this.#seconds++;
      }
    }
  }

  /** Sets all four times of a new file. */
  stampNew(inode: Inode): void {
    this.stampChange(inode);
    setModified(inode, this.#seconds, this.#nanos);
    setAccessed(inode, this.#seconds, this.#nanos);
    inode.crtime = inode.ctime;
    inode.crtimeNanos = inode.ctimeNanos;
  }

  /** Content changed: modification and change time. */
  stampContent(inode: Inode): void {
    this.stampChange(inode);
    setModified(inode, this.#seconds, this.#nanos);
  }

  /** Attributes changed: change time. */
  stampChange(inode: Inode): void {
    this.#tick();
    inode.ctime = this.#seconds;
    inode.ctimeNanos = this.#nanos;
    round(inode, "ctime", "ctimeNanos");
  }

  /** Content read: access time, unless it is newer than the last change and of today (mount(8), relatime). */
  stampAccess(inode: Inode): void {
    const fresh =
      (inode.atime > inode.mtime ||
        (inode.atime === inode.mtime && inode.atimeNanos > inode.mtimeNanos)) &&
      (inode.atime > inode.ctime ||
        (inode.atime === inode.ctime && inode.atimeNanos > inode.ctimeNanos));
    if (fresh && this.#seconds - inode.atime < dayInSeconds) return;
    this.#tick();
    setAccessed(inode, this.#seconds, this.#nanos);
  }
}

/** Sets the modification time as the volume can keep it. */
export function setModified(inode: Inode, seconds: number, nanos: number): void {
  inode.mtime = seconds;
  inode.mtimeNanos = nanos;
  round(inode, "mtime", "mtimeNanos");
}

/** Sets the access time as the volume can keep it. */
export function setAccessed(inode: Inode, seconds: number, nanos: number): void {
  inode.atime = seconds;
  inode.atimeNanos = nanos;
  round(inode, "atime", "atimeNanos");
}

function round(
  inode: Inode,
  seconds: "atime" | "mtime" | "ctime",
  nanos: "atimeNanos" | "mtimeNanos" | "ctimeNanos",
): void {
  const granularity = inode.volume.timeGranularity;
  if (granularity === 1) return;
  if (granularity < nanosecondsPerSecond) inode[nanos] -= inode[nanos] % granularity;
  else {
    const step = granularity / nanosecondsPerSecond;
    inode[seconds] = Math.floor(inode[seconds] / step) * step;
    inode[nanos] = 0;
  }
}
