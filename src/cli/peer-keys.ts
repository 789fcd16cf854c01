// Our key and those of servers, as a run needs them: asked about on a terminal, pinned without one.

import { fromText, toBytes } from "../base/index.ts";
import { type KeyFiles, userKeyFiles } from "../daemon/index.ts";
import { type Surroundings, writeDescriptor } from "../sync/index.ts";
import { askLine, canAsk } from "./ask.ts";
import { environment } from "./environment.ts";

/** What a run meets servers with. The files are looked for when they are needed: without a home there are none. */
export const peerKeys: NonNullable<Surroundings["keys"]> = {
  get files(): KeyFiles {
    return userKeyFiles(environment());
  },
  firstContact: async (place, key) => {
    if (!canAsk()) {
      say(`manifold: ${place} is new; from now on its key is ${key}\n`);
      return true;
    }
    say(`${place} was never met before. Its key is ${key}.\n`);
    return /^y(es)?$/i.test(await askLine("Is that the right one (yes/no)? "));
  },
};

function say(text: string): void {
  writeDescriptor(2, toBytes(fromText(text)));
}
