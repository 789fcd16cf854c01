// What of a tree waits while a stage is brought: whatever one of the later stages holds back.

import type { ByteString } from "../../base/index.ts";
import type { StageRules } from "../../options/index.ts";
import { FilterLevel, parseFilterRules, verdictHide } from "../../tree/index.ts";

/** Says of names whether they wait. */
export class WaitingRules {
  readonly #levels: readonly FilterLevel[];

  /** `later`: the stages behind the one that is brought. Throws a usage error for what is no rule. */
  constructor(later: readonly StageRules[]) {
    this.#levels = later.map(({ rules }) => {
      const sources = rules.map((value) => ({ kind: "filter", value }) as const);
      const set = parseFilterRules(sources, { readFile: () => undefined });
      return FilterLevel.begin(set, "source", { path: "/", readFile: () => undefined });
    });
  }

  /** Returns what says of names in a directory of the tree whether they wait; undefined = none does. */
  in(path: ByteString): ((name: ByteString, isDirectory: boolean) => boolean) | undefined {
    const levels = this.#levels
      .map((level) => level.enter(path, () => undefined))
      .filter(({ isEmpty }) => !isEmpty);
    if (levels.length === 0) return undefined;
    return (name, isDirectory) => {
      const bytes = Buffer.from(name, "latin1");
      return levels.some(
        (level) => (level.verdict(bytes, 0, bytes.length, isDirectory) & verdictHide) !== 0,
      );
    };
  }
}
