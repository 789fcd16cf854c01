// What becomes of the targets of a cast (-v), and how fast it goes (-vv), as lines of the run.

import { fromText } from "../../base/index.ts";
import type { NoteEvent } from "../../tree/index.ts";
import { type CastLive, type CastLiveTarget, castLive } from "./cast-live.ts";

/** Between two lines on how fast it goes. */
const rateMs = 1000;
/** Nobody cuts them. */
const columns = 500;

const words: Readonly<Record<CastLiveTarget["phase"], string>> = {
  awaited: "awaited",
  receiving: "takes datagrams",
  pulling: "is served over its connection",
  staged: "has everything, and has verified it",
  done: "done",
  lost: "lost",
};

/** Such lines. */
export class CastNews {
  readonly #told = new Map<string, string>();
  #rateAt = 0;

  /** Returns what is new since the last look. */
  look(view: CastLive, bytesPerSecond: number): NoteEvent[] {
    const notes: NoteEvent[] = [];
    for (const { name, phase, reason } of view.targets) {
      const says = `${words[phase]}${reason === undefined ? "" : `: ${reason}`}`;
      if (says === (this.#told.get(name) ?? words.awaited)) continue;
      this.#told.set(name, says);
      notes.push(note(1, `${name}: ${says}`));
    }
    if (view.recorded > 0 && view.elapsedMs - this.#rateAt >= rateMs) {
      this.#rateAt = view.elapsedMs;
      notes.push(note(2, castLive(view, bytesPerSecond, columns)[0] ?? ""));
    }
    return notes;
  }
}

function note(level: number, text: string): NoteEvent {
  return { type: "note", topic: "misc", level, text: fromText(text) };
}
