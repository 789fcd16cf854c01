// Tells what directories have to tell, in listing order, as far as it is known. Names of hard-link
// groups that waited for their leader come after it; entries that wait until all of the target has been seen have
// their places kept, until too many others wait for them to be told: then they are told last.

import { baseName, joinPath } from "../../base/index.ts";
import { change, type ItemEvent, type ProgressEvent } from "../../tree/index.ts";
import type { SurveyResult } from "../tasks/tasks.ts";
import type { LinkTurns } from "./link-turns.ts";
import type { MovedDirectories } from "./moved-directories.ts";
import type { TreeNode } from "./tree-node.ts";
import { untoldEvents } from "./untold-events.ts";

/** Whom to tell, and what else has its turn in listing order. */
export interface TellingSettings {
  readonly tell: (event: ProgressEvent) => void;
  readonly links: LinkTurns;
  readonly scanComplete: () => boolean;
  /** Which directories are old ones under another name, once that is known; undefined = nobody finds that out. */
  readonly directories: (() => MovedDirectories | undefined) | undefined;
}

/** Directories that may wait to be told because of entries that are dealt with late. Arbitrary. */
const untoldForLateMax = 2048;

/** An entry that is dealt with late. */
interface LatePlace {
  readonly node: TreeNode;
  readonly row: number;
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
  /** What comes next, before anything else: events of a directory behind an entry that is not done. */
  #next: { readonly node: TreeNode; readonly events: readonly ProgressEvent[] } | undefined;
  /** Entries that are told last. */
  readonly #last: LatePlace[] = [];

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
    while (this.#tellNext()) {
      const node = this.#stack[this.#stack.length - 1];
      if (node === undefined) {
        if (this.#tellLater(this.#root) && this.#next === undefined) this.#tellLast();
        return;
      }
      if (!this.#step(node) && this.#next === undefined) return;
    }
  }

  /** Goes on where an entry was not done; false = it still is not. */
  #tellNext(): boolean {
    const next = this.#next;
    if (next === undefined) return true;
    this.#next = undefined;
    this.#tellAll(next.node, next.events);
    return this.#next === undefined;
  }

  /** Tells what was put off because others could not wait. */
  #tellLast(): void {
    for (let place = this.#last[0]; place !== undefined; place = this.#last[0]) {
      const { events, isAll } = this.#late(place);
      for (const event of events) this.#settings.tell(this.#inPlace(place.node, event));
      if (!isAll) return;
      this.#last.shift();
    }
  }

  #late({ node, row }: LatePlace): {
    readonly events: readonly ProgressEvent[];
    readonly isAll: boolean;
  } {
    return node.late?.take(row) ?? { events: [], isAll: true };
  }

  /** Tells events of a directory, up to an entry that is not done: what is behind it comes next. */
  #tellAll(node: TreeNode, events: readonly ProgressEvent[]): void {
    for (let k = 0; k < events.length; k++) {
      const event = events[k] as ProgressEvent;
      if (event.type !== "row") {
        this.#settings.tell(this.#inPlace(node, event));
        continue;
      }
      const place = { node, row: event.row };
      const late = this.#late(place);
      for (const told of late.events) this.#settings.tell(this.#inPlace(node, told));
      if (late.isAll) continue;
      if (this.#untold < untoldForLateMax) {
        this.#next = { node, events: events.slice(k) };
        return;
      }
      this.#last.push(place);
    }
  }

  /** Tells what a stopped run has done, gaps or not. */
  tellRest(): void {
    const next = this.#next;
    this.#next = undefined;
    for (const event of next?.events ?? []) if (event.type !== "row") this.#settings.tell(event);
    for (const event of next?.node.late?.takeAll() ?? []) this.#settings.tell(event);
    for (const event of untoldEvents(this.#root)) this.#settings.tell(event);
    for (const { node, from } of this.#settings.links.untold()) this.#tellEvents(node, from);
    for (const place of this.#last) {
      for (const event of this.#late(place).events) this.#settings.tell(event);
    }
  }

  /** Tells one step of a node; false when its next step is not known yet. */
  #step(node: TreeNode): boolean {
    if (!node.headTold) {
      if (!node.surveyed || this.#waitsForMoves(node)) return false;
      this.#tellHead(node);
      if (node.linkTasks.length > 0) this.#settings.links.settle(node);
      if (this.#next !== undefined) return false;
    }
    if (!this.#tellLater(node)) return false;
    while (node.rangesTold < node.rangeStarts.length) {
      const from = node.rangeStarts[node.rangesTold] as number;
      if (!node.isDeferred(from) && !this.#tellRange(node, from)) return false;
      node.rangesTold++;
      if (this.#next !== undefined || !this.#tellLater(node)) return false;
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

  /** The line of a new directory tells whether it is an old one, unless too many others wait for that. */
  #waitsForMoves({ known }: TreeNode): boolean {
    const { directories } = this.#settings;
    if (directories === undefined || !isNew(known.item)) return false;
    return directories() === undefined && this.#untold < untoldForLateMax;
  }

  /** The line of a directory. */
  #itemOf(node: TreeNode): ItemEvent | undefined {
    const { item, path, parent } = node.known;
    const from = isNew(item) ? this.#settings.directories?.()?.of(path) : undefined;
    if (item === undefined || from === undefined) return item;
    node.movedFrom = from.path;
    const above = parent?.movedFrom;
    const isWithin = above !== undefined && joinPath(above, baseName(path)) === from.path;
    const moved = change.found | (from.goes ? change.moved : 0) | (isWithin ? change.within : 0);
    return { ...item, changes: item.changes | moved, madeOf: from.path };
  }

  #tellHead(node: TreeNode): void {
    const { tell } = this.#settings;
    this.#untold--;
    node.entriesBefore += this.#entriesTold;
    this.#entriesTold += node.entries;
    for (const event of node.early) tell(event);
    const item = this.#itemOf(node);
    if (item !== undefined) tell(item);
    const { events } = node;
    node.early = [];
    node.events = [];
    node.headTold = true;
    this.#tellAll(node, events);
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
      if (this.#next !== undefined) return false;
    }
    return true;
  }

  /** Tells what a range has done so far; false when it is not done. */
  #tellEvents(node: TreeNode, from: number): boolean {
    const news = node.takeRangeNews(from);
    const events = node.takeRangeEvents(from);
    this.#tellAll(node, events === undefined ? news : [...news, ...events]);
    return events !== undefined;
  }

  /**
   * Progress of a file is told with the file's place among all entries, and the item of one that came along with its
   * directory as such.
   */
  #inPlace(node: TreeNode, event: ProgressEvent): ProgressEvent {
    if (event.type === "item" && event.madeOf !== undefined && node.movedFrom !== undefined) {
      const isWithin = event.madeOf === joinPath(node.movedFrom, baseName(event.path));
      return isWithin ? { ...event, changes: event.changes | change.within } : event;
    }
    if (event.type !== "file-progress" || !event.finished) return event;
    const total = this.#entriesKnown;
    const toCheck = total - node.entriesBefore - event.index - 1;
    return { ...event, toCheck, total, scanComplete: this.#settings.scanComplete() };
  }
}

function isNew(item: ItemEvent | undefined): boolean {
  return item !== undefined && (item.changes & change.created) !== 0;
}
