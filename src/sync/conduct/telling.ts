// Tells what directories have to tell, in listing order, as far as it is known. Names of hard-link
// groups that waited for their leader come after it.

import type { ProgressEvent } from "../../tree/index.ts";
import type { SurveyResult } from "../tasks/tasks.ts";
import type { LinkTurns } from "./link-turns.ts";
import type { TreeNode } from "./tree-node.ts";
import { untoldEvents } from "./untold-events.ts";

/** Whom to tell, and what else has its turn in listing order. */
export interface TellingSettings {
  readonly tell: (event: ProgressEvent) => void;
  readonly links: LinkTurns;
  readonly scanComplete: () => boolean;
}

/** Tells of one pass over the tree. */
export class Telling {
  readonly #settings: TellingSettings;
  readonly #root: TreeNode;
  /** From the root down to the directory whose turn it is; empty when all have had theirs. */
  readonly #stack: TreeNode[];
  /** Entries of the source that are known, and those of directories that were told. */
  #entriesKnown = 0;
  #entriesTold = 0;
  #untold = 0;

  constructor(root: TreeNode, settings: TellingSettings) {
    this.#root = root;
    this.#stack = [root];
    this.#settings = settings;
  }

  /** Directories that are surveyed and have told nothing. */
  get untold(): number {
    return this.#untold;
  }

  /** A directory is known: by its survey, or (undefined) without one. */
  surveyed(node: TreeNode, result: SurveyResult | undefined): void {
    this.#untold++;
    if (result === undefined) return;
    // The entry "." comes first of all.
    node.entriesBefore = result.self === undefined ? 0 : 1;
    node.entries = result.entries + node.entriesBefore;
    this.#entriesKnown += node.entries;
  }

  /** Tells what can be told by now. */
  goOn(): void {
    for (;;) {
      const node = this.#stack[this.#stack.length - 1];
      if (node === undefined) {
        this.#tellLater(this.#root);
        return;
      }
      if (!this.#step(node)) return;
    }
  }

  /** Tells what a stopped run has done, gaps or not. */
  tellRest(): void {
    for (const event of untoldEvents(this.#root)) this.#settings.tell(event);
    for (const { node, from } of this.#settings.links.untold()) this.#tellEvents(node, from);
  }

  /** Tells one step of a node; false when its next step is not known yet. */
  #step(node: TreeNode): boolean {
    if (!node.headTold) {
      if (!node.surveyed) return false;
      this.#tellHead(node);
      if (node.linkTasks.length > 0) this.#settings.links.settle(node);
    }
    if (!this.#tellLater(node)) return false;
    while (node.rangesTold < node.rangeStarts.length) {
      const from = node.rangeStarts[node.rangesTold] as number;
      if (!node.isDeferred(from) && !this.#tellRange(node, from)) return false;
      node.rangesTold++;
      if (!this.#tellLater(node)) return false;
    }
    if (node.children !== undefined && node.childrenTold < node.children.count) {
      const child = node.openChild(node.childrenTold);
      if (child === undefined) return false;
      this.#stack.push(child);
      return true;
    }
    this.#stack.pop();
    const { parent } = node.known;
    if (parent !== undefined) parent.dropOpenChild(parent.childrenTold++);
    return true;
  }

  #tellHead(node: TreeNode): void {
    const { tell } = this.#settings;
    this.#untold--;
    node.entriesBefore += this.#entriesTold;
    this.#entriesTold += node.entries;
    for (const event of node.early) tell(event);
    if (node.known.item !== undefined) tell(node.known.item);
    for (const event of node.events) tell(event);
    node.early = [];
    node.events = [];
    node.headTold = true;
  }

  #tellRange(node: TreeNode, from: number): boolean {
    if (!this.#tellEvents(node, from)) return false;
    const after = this.#settings.links.takeAfter(node, from);
    if (after.length > 0) node.later.unshift(...after);
    return true;
  }

  /** Tells names that waited for their leader; false when one is still under way. */
  #tellLater(node: TreeNode): boolean {
    for (let next = node.next; next !== undefined; next = node.next) {
      if (!this.#tellEvents(next.node, next.from)) return false;
      const more = this.#settings.links.takeAfter(next.node, next.from);
      node.later.splice(0, 1, ...more);
    }
    return true;
  }

  /** Tells what a range has done so far; false when it is not done. */
  #tellEvents(node: TreeNode, from: number): boolean {
    for (const event of node.takeRangeNews(from)) this.#settings.tell(this.#inPlace(node, event));
    const events = node.takeRangeEvents(from);
    if (events === undefined) return false;
    for (const event of events) this.#settings.tell(this.#inPlace(node, event));
    return true;
  }

  /** Progress of a file is told with the file's place among all entries. */
  #inPlace(node: TreeNode, event: ProgressEvent): ProgressEvent {
    if (event.type !== "file-progress" || !event.finished) return event;
    const total = this.#entriesKnown;
    const toCheck = total - node.entriesBefore - event.index - 1;
    return { ...event, toCheck, total, scanComplete: this.#settings.scanComplete() };
  }
}
