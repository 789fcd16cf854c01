// How far the content of a lane's present file is, and the lane's news ahead of its results. Only
// asked for under --progress and where lines must not wait for the end of a task.

import { type ByteString, systemClock } from "../../base/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";

/** News are sent ahead at most this often. */
const newsMs = 100;

/** Sends what a task has to tell ahead of its result. */
export type SendAhead = (events: readonly ProgressEvent[]) => void;

/** The file whose content a lane moves. */
interface PresentFile {
  readonly path: ByteString;
  readonly size: number;
  readonly index: number;
  done: number;
}

/** A lane's news. */
export class LaneNews {
  /** Set while a task runs whose news may go ahead. */
  send: SendAhead | undefined;
  readonly #take: () => ProgressEvent[];
  #file: PresentFile | undefined;
  #sentAt = 0;

  /** `take` hands over what the lane has to tell, and empties it. */
  constructor(take: () => ProgressEvent[]) {
    this.#take = take;
  }

  /** Sends what there is to tell, when the last time is long enough ago. */
  sendNow(): void {
    if (this.send === undefined) return;
    const now = systemClock.now();
    if (now - this.#sentAt < newsMs) return;
    this.#sentAt = now;
    const events = this.#take();
    if (this.#file !== undefined) events.push(progressOf(this.#file, false));
    if (events.length > 0) this.send(events);
  }

  /** The content of a file, entry `index` of its directory, begins to move. */
  begin(path: ByteString, size: number, index: number): void {
    this.#file = { path, size, index, done: 0 };
  }

  /** So many bytes more were moved. */
  moved(bytes: number): void {
    if (this.#file === undefined) return;
    this.#file.done += bytes;
    this.sendNow();
  }

  /** The file is finished, or (false) was not; returns what there is to tell of that. */
  end(finished: boolean): ProgressEvent | undefined {
    const file = this.#file;
    this.#file = undefined;
    return file && finished ? progressOf(file, true) : undefined;
  }
}

function progressOf({ path, size, index, done }: PresentFile, finished: boolean): ProgressEvent {
  return {
    type: "file-progress",
    path,
    done: finished ? size : Math.min(done, size),
    size,
    finished,
    index,
  };
}
