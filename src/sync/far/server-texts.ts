// What a server that sends has to tell its client in words.

import { type ByteString, toBytes } from "../../base/index.ts";
import { type FrameSender, tag } from "../../rsync/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { exitStatus } from "../plan/exit-status.ts";

/** Longer texts are refused by rsync. */
const textBytesMax = 5000;

/** Makes lines of events, without their ends. */
export interface EventLines {
  lines(event: ProgressEvent): readonly ByteString[];
}

/** Tells, and remembers what it means for how the run ends. */
export class ServerTexts {
  readonly #voice: EventLines;
  readonly #exits = new Set<number>();
  #frames: FrameSender | undefined;
  readonly #early: ProgressEvent[] = [];

  constructor(voice: EventLines) {
    this.#voice = voice;
  }

  /** The exit status that was deserved. */
  get exit(): number {
    return exitStatus(this.#exits);
  }

  /** From here on it can be told. */
  connect(frames: FrameSender): void {
    this.#frames = frames;
    for (const event of this.#early.splice(0)) this.tell(event);
  }

  /** Tells of problems and notes; the client knows of items itself. */
  tell(event: ProgressEvent): void {
    if (event.type === "item" || event.type === "delete") return;
    if (this.#frames === undefined) {
      this.#early.push(event);
      return;
    }
    if (event.type === "problem" && event.exit !== 0) this.#exits.add(event.exit);
    const isVanished = event.type === "problem" && (event.exit === 24 || event.exit === 0);
    const problem = isVanished ? tag.warning : tag.errorTransfer;
    const kind = event.type === "problem" ? problem : tag.info;
    for (const line of this.#voice.lines(event)) {
      this.#frames.message(kind, toBytes(`${line.slice(0, textBytesMax)}\n`));
    }
  }
}
