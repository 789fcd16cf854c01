// Which names of a confined door do not exist for whoever uses it.

import { type ByteString, baseName, parentPath, toBytes } from "../../base/index.ts";
import { FilterLevel, type FilterRuleSet, verdictHide } from "../../tree/index.ts";

/** Levels kept; directories come in depth-first order, so that few are asked for again. */
const levelsMax = 256;

/** Answers by path below the root. */
export class HiddenNames {
  readonly #top: FilterLevel;
  readonly #levels = new Map<ByteString, FilterLevel>();

  constructor(rules: FilterRuleSet) {
    const root = { path: "/", readFile: () => undefined };
    this.#top = FilterLevel.begin(rules, "source", root).enter("", () => undefined);
  }

  /** Says whether the name in the directory `path` is hidden. */
  has(path: ByteString, name: ByteString, isDirectory: boolean): boolean {
    const bytes = toBytes(name);
    const verdict = this.#level(path).verdict(bytes, 0, bytes.length, isDirectory);
    return (verdict & verdictHide) !== 0;
  }

  /** Says whether a directory is hidden, wherever it lies. */
  hasPath(path: ByteString): boolean {
    return path !== "" && this.has(parentPath(path), baseName(path), true);
  }

  /** Says whether a directory is hidden, or one that leads to it. */
  hasAbove(path: ByteString): boolean {
    for (let at = path; at !== ""; at = parentPath(at)) if (this.hasPath(at)) return true;
    return false;
  }

  #level(path: ByteString): FilterLevel {
    if (path === "") return this.#top;
    const known = this.#levels.get(path);
    if (known !== undefined) return known;
    // Rules come from the configuration only: no directory brings any.
    const level = this.#level(parentPath(path)).enter(path, () => undefined);
    if (this.#levels.size >= levelsMax) this.#levels.clear();
    this.#levels.set(path, level);
    return level;
  }
}
