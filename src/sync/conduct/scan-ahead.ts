// Where somebody watches how far a run is, its scan runs ahead of the applying, so that totals are
// known early (docs/decisions/0008-totals-first.md): how far ahead it may run.

import type { Options } from "../../options/index.ts";
import { isPaced } from "./pacing.ts";
import type { TreeNode } from "./tree-node.ts";

/** Surveys that are out at the same moment: enough to fill the bundles of many lanes. */
const surveysMax = 1024;
/** Entries, some 200 bytes each, that may wait to be applied. */
const entriesMax = 200_000;

/** Says whether the scan runs ahead from the beginning: progress was asked for, or work at a slow rate. */
export function scansAheadAtOnce(options: Options): boolean {
  const { progress, info } = options.output;
  return progress || info.progress > 0 || isPaced(options);
}

/** Entries of a source elsewhere that may wait to be applied: more than are under way on a slow, long line. Arbitrary. */
const farEntriesMax = 32_768;

/** Follows what surveys found and what is applied of it. */
export class ScanAhead {
  readonly #isWanted: () => boolean;
  /** Directories that were surveyed, the entries in them, and how many of those wait to be applied. */
  #directories = 0;
  #entries = 0;
  #waiting = 0;

  constructor(isWanted: () => boolean) {
    this.#isWanted = isWanted;
  }

  /** Surveys go before the applying of what they found. */
  get isWanted(): boolean {
    return this.#isWanted();
  }

  /** A directory was surveyed. */
  surveyed(entries: number): void {
    this.#directories++;
    this.#entries += entries;
  }

  /** Entries of a directory wait to be applied. */
  waits(node: TreeNode, entries: number): void {
    if (node.rangesOpen === 0) return;
    node.entriesOpen = entries;
    this.#waiting += entries;
  }

  /** Something of a directory was applied. */
  applied(node: TreeNode): void {
    if (node.rangesOpen === 0) this.#waiting -= node.entriesOpen;
  }

  /**
   * So many entries wait for content from another machine that surveys had better wait, too: lanes have nothing else to do
   * meanwhile, and what they find is held at both ends.
   */
  get isFarBehind(): boolean {
    return this.#waiting >= farEntriesMax;
  }

  /** How many surveys may be out; each will find as many entries as those before it did. */
  get surveysMax(): number {
    if (!this.isWanted) return 0;
    const found = Math.max(1, this.#entries / Math.max(1, this.#directories));
    return Math.min(surveysMax, (entriesMax - this.#waiting) / found);
  }
}
