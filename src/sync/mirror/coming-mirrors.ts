// Mirrors that have been asked what they can do: whoever answers soon is there from the beginning, others when they answer, and those
// that never do keep nobody waiting.

import type { Clock } from "../../base/index.ts";
import type { PullSource, SourceError } from "../../source/index.ts";
import type { ProblemEvent } from "../../tree/index.ts";
import { mirrorWarning } from "./mirror-warning.ts";

/** A source that answers, or why it does not. */
export type Opened = PullSource | { readonly url: string; readonly error: SourceError };

/** A mirror that has not answered yet. */
export interface LateMirror {
  readonly url: string;
  /** What has come of it; undefined = nothing that anybody has to know. Never rejects. */
  readonly opened: Promise<PullSource | ProblemEvent | undefined>;
}

/** Mirrors that have not answered so long after the reference has come later. Arbitrary: hardly anybody notices. */
const graceMs = 3000;

/** Such mirrors. */
export class ComingMirrors {
  readonly #all: Coming[] = [];

  /** Adds one. `isMissed`: if it does not answer, somebody wants to know. */
  add(url: string, isMissed: boolean, opening: Promise<Opened>): void {
    const one: Coming = { url, isMissed, opening, answer: undefined };
    this.#all.push(one);
    opening.then(
      (answer) => {
        one.answer = answer;
      },
      // Whoever waits for it hears of it.
      () => undefined,
    );
  }

  /** Waits for all, or (unless `isPatient`) until the others have kept everybody waiting for long enough. Rejects as openings do. */
  async wait(clock: Clock, isPatient: boolean): Promise<void> {
    const all = Promise.all(this.#all.map(({ opening }) => opening));
    let stop = (): void => undefined;
    const enough = new Promise<void>((resolve) => {
      if (!isPatient) stop = clock.after(graceMs, resolve);
    });
    try {
      await Promise.race([all, enough]);
    } finally {
      stop();
      all.catch(() => undefined);
    }
  }

  /** Those that answer, why others do not, and those of which nobody knows yet. */
  sorted(): {
    readonly sources: PullSource[];
    readonly events: ProblemEvent[];
    readonly late: LateMirror[];
  } {
    const [sources, events, late]: [PullSource[], ProblemEvent[], LateMirror[]] = [[], [], []];
    for (const one of this.#all) {
      const { url, answer } = one;
      const told = answer && toldOf(answer, one);
      if (answer === undefined) {
        late.push({ url, opened: lateOf(one) });
        if (one.isMissed) events.push(mirrorWarning(url, "no answer yet; it begins without it"));
      } else if (told === undefined) continue;
      else if ("type" in told) events.push(told);
      else sources.push(told);
    }
    return { sources, events, late };
  }

  /** Closes all that answer, or will. */
  close(): void {
    for (const { opening } of this.#all) {
      opening.then(
        (one) => ("error" in one ? undefined : one.source.close()),
        () => undefined,
      );
    }
  }
}

interface Coming {
  readonly url: string;
  readonly isMissed: boolean;
  readonly opening: Promise<Opened>;
  answer: Opened | undefined;
}

function toldOf(answer: Opened, { isMissed }: Coming): PullSource | ProblemEvent | undefined {
  if (!("error" in answer)) return answer;
  return isMissed ? mirrorWarning(answer.url, answer.error.message) : undefined;
}

async function lateOf(one: Coming): LateMirror["opened"] {
  try {
    return toldOf(await one.opening, one);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return one.isMissed ? mirrorWarning(one.url, message) : undefined;
  }
}
