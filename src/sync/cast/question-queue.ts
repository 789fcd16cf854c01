// Questions about servers that were never met, one at a time: of many targets several may be new.

import type { PeerKeys } from "../plan/surroundings.ts";

/** Such a queue. */
export class QuestionQueue {
  #open = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Somebody is asked, and nobody is to be hurried. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  /** Returns the same keys, whose questions wait for one another. */
  wrap(keys: PeerKeys): PeerKeys {
    const { firstContact } = keys;
    if (typeof firstContact === "string") return keys;
    return {
      get files() {
        return keys.files;
      },
      firstContact: (place, key) => {
        this.#open++;
        const answer = this.#last.then(() => firstContact(place, key));
        this.#last = answer.then(
          () => this.#open--,
          () => this.#open--,
        );
        return answer;
      },
    };
  }
}
