// Entries that wait until all of the target has been seen, because what they need may be there under another name;
// and the files that were seen. When the scan is complete, what nobody has listed is walked, the two are matched, and
// the entries are dealt with like any others, but that they know what they may be made of.

import { type ByteString, joinPath } from "../../base/index.ts";
import { Orders, order } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import { Candidates } from "../../pipeline/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import { Directory, isDirectory, isRegular } from "../../tree/index.ts";
import { MoveMemory } from "../plan/move-memory.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import type { ApplyTask } from "../tasks/apply-task.ts";
import type { CutResult, EntryParts } from "../tasks/content-index-tasks.ts";
import { type Extras, extraEntry } from "../tasks/extras.ts";
import type {
  MoveBases,
  SeekPlace,
  SeekResult,
  SeekTask,
  WaitingRows,
} from "../tasks/move-tasks.ts";
import type { LaneResult, LaneTask, RestOfDirectory, SurveyResult } from "../tasks/tasks.ts";
import type { ConductorSettings } from "./conductor-settings.ts";
import { type ContentRound, contentRound, type Sought } from "./content-round.ts";
import { deletionTime } from "./late-deletions.ts";
import { MatchRound } from "./match-round.ts";
import { MovedDirectories } from "./moved-directories.ts";
import type { TreeNode } from "./tree-node.ts";
import type { TreeNodes } from "./tree-nodes.ts";

/** Memory for files that were seen; more goes into a scratch file. */
const seenBytesMax = 64 * 1024 * 1024;
/** So many entries are walked on account of the smallest file. */
const walkedAnyway = 16_384;
/**
 * Of more, a walk must be able to save so many bytes for each: it takes about 2 us for one, in which a line of 16 MB/s carries
 * 32 bytes; on one machine what is found is copied, too, and compared before.
 */
const bytesPerWalked = { far: 32, here: 4096 } as const;
/** Directories that one task walks, at first. */
const placesPerTask = 64;

/** What this needs. */
export interface LateMovesContext {
  readonly options: Options;
  readonly nodes: TreeNodes;
  readonly submit: (task: SeekTask, cost: number) => void;
  /** Shares entries of a directory out. */
  readonly share: (node: TreeNode, rest: RestOfDirectory) => void;
  /** Gives out a task that was held back. */
  readonly begin: (task: ApplyTask) => void;
  /** What is planned to be deleted will be, as far as anybody can say by now. */
  readonly deletes: () => boolean;
  readonly isStopped: () => boolean;
  /** What lanes share. */
  readonly memory: SharedArrayBuffer;
  /** The source is on another machine. */
  readonly isFar: boolean;
  /** Looks for parts in any file; undefined = nobody does. */
  readonly content: ContentRound | undefined;
}

/** Entries of a directory that wait. */
interface Waiting {
  readonly node: TreeNode;
  readonly late: TreeNode;
  readonly rows: WaitingRows;
}

/** Returns who collects what waits; undefined = nothing does. */
export function lateMoves(
  settings: ConductorSettings,
  nodes: TreeNodes,
  scheduler: () => Scheduler<LaneTask, LaneResult>,
  work: Pick<LateMovesContext, "submit" | "share" | "begin" | "isStopped">,
): LateMoves | undefined {
  const { options, moves: memory, farSource, deletes = () => false } = settings;
  if (memory === undefined) return undefined;
  const content = contentRound(settings, scheduler);
  return new LateMoves({
    ...{ options, nodes, deletes, memory, content, ...work },
    isFar: farSource !== undefined,
  });
}

/** Collects what waits, and what was seen, until the one is matched with the other. */
export class LateMoves {
  readonly #context: LateMovesContext;
  readonly #seen: Candidates;
  #store: ScratchStore | undefined;
  #waiting: Waiting[] = [];
  #tasks: ApplyTask[] = [];
  /** Where lists of names are that will be deleted. */
  readonly #extras: { readonly path: ByteString; readonly extras: Extras }[] = [];
  /** Other directories that only the target has. */
  readonly #strays: ByteString[] = [];
  /** Not everything is listed by surveys. */
  #isProbed = false;
  /** Entries of the source that were looked at. */
  #entries = 0;
  #seeking = 0;
  #state: "collecting" | "seeking" | "open" = "collecting";
  /** Directories that are old ones under another name; undefined = that is not known yet. */
  #directories: MovedDirectories | undefined;

  constructor(context: LateMovesContext) {
    this.#context = context;
    this.#seen = new Candidates(seenBytesMax, () => {
      this.#store = new ScratchStore();
      return this.#store;
    });
  }

  /** Lets a scratch file go. */
  close(): void {
    this.#store?.close();
  }

  /** Takes what a lane has seen, and will see. */
  takeFiles({ files }: LaneResult): void {
    for (const chunk of files ?? []) this.#seen.addChunk(chunk);
  }

  /** Takes what a survey leaves. */
  surveyed(node: TreeNode, { waits, extras, isProbed, strays, entries }: SurveyResult): void {
    this.#entries += entries;
    if (waits !== undefined) {
      const late = this.#context.nodes.late(node, waits.rows);
      this.#waiting.push({ node, late, rows: waits });
    }
    const time = deletionTime(this.#context.options);
    // What goes earlier tells of itself when it does.
    const isLater = extras !== undefined && time === "last";
    for (const name of strays ?? []) this.#strays.push(joinPath(node.known.path, name));
    if (isLater) this.#extras.push({ path: node.known.path, extras });
    // With --delete-before all was listed by the pass before this one.
    this.#isProbed ||= isProbed === true && time !== "first";
  }

  /** Takes a name of a hard-link group that leads, if the target has no file of it; false = it need not wait. */
  holdsBack(task: ApplyTask): boolean {
    if (task.leader !== undefined || task.bases !== undefined) return false;
    const kind = Orders.thaw(task.orders).kind[task.from];
    const source = Directory.thaw(task.source);
    const isNew = kind === order.add || kind === order.replace;
    if (!isNew || !isRegular(source.mode[task.from] as number) || source.size[task.from] === 0) {
      return false;
    }
    this.#tasks.push(task);
    return true;
  }

  /**
   * Goes on when there is something to do; `scanComplete`: all of the source has been surveyed. True = from now on it is
   * known which directories are old ones.
   */
  goOn(scanComplete: boolean): boolean {
    if (this.#context.isStopped() || !scanComplete) return false;
    const known = this.#directories;
    if (!this.isWaiting) this.#directories ??= new MovedDirectories();
    else if (this.#state === "collecting") this.#seek();
    if (this.isWaiting && this.#state === "open") this.#match();
    return this.#directories !== known;
  }

  /** Returns which directories are old ones under another name, once that is known; rsync has no lines for those. */
  get directories(): (() => MovedDirectories | undefined) | undefined {
    return this.#context.options.personality === "manifold" ? () => this.#directories : undefined;
  }

  /** Entries wait. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#tasks.length > 0;
  }

  #seek(): void {
    this.#state = "seeking";
    const places: SeekPlace[] = [];
    this.#context.options.own.renames.from.forEach((_, index) => {
      places.push({ root: index + 1, path: "", goes: false });
    });
    if (this.#isProbed && this.#isWorthWalking) places.push({ root: 0, path: "", goes: false });
    for (const path of this.#strays) places.push({ root: 0, path, goes: false });
    for (const { path, extras } of this.#extras) {
      for (let i = 0; i < extras.count; i++) {
        const { name, mode } = extraEntry(extras, i);
        if (isDirectory(mode)) places.push({ root: 0, path: joinPath(path, name), goes: true });
      }
    }
    this.#submit(places);
    if (this.#seeking === 0) this.#state = "open";
  }

  /** Says whether what waits is so much that all of the target is walked once more. */
  get #isWorthWalking(): boolean {
    if (this.#entries <= walkedAnyway) return true;
    let bytes = 0;
    for (const { rows } of this.#waiting) bytes += sizeOf(Directory.thaw(rows.source));
    for (const { source, from } of this.#tasks)
      bytes += Directory.thaw(source).size[from] as number;
    return bytes >= this.#entries * bytesPerWalked[this.#context.isFar ? "far" : "here"];
  }

  #submit(places: readonly SeekPlace[]): void {
    const share = Math.max(1, Math.min(placesPerTask, Math.ceil(places.length / 8)));
    for (let from = 0; from < places.length; from += share) {
      this.#seeking++;
      const task = { kind: "seek", places: places.slice(from, from + share) } as const;
      this.#context.submit(task, placesPerTask);
    }
  }

  /** A lane has cut files into chunks, or has walked: some of what it met is left for others. */
  receive(result: SeekResult | CutResult): void {
    if (result.kind === "cut") {
      this.#context.content?.receive(result);
      return;
    }
    this.#seeking--;
    this.#submit(result.left);
    if (this.#seeking === 0) this.#state = "open";
  }

  #match(): void {
    const [waiting, tasks] = [this.#waiting, this.#tasks];
    this.#waiting = [];
    this.#tasks = [];
    waiting.sort((a, b) => a.node.known.id - b.node.known.id);
    const { options, deletes, isFar, memory } = this.#context;
    const isCertain = deletes() && areCertain(options);
    const hasSpare = new MoveMemory(memory, 0).hasSpare || options.own.renames.from.length > 0;
    const round = new MatchRound(this.#seen, { options, deletes: isCertain, isFar, hasSpare });
    for (const { node, rows } of waiting) round.add(node.known.path, rows);
    for (const task of tasks) round.addOne(task);
    round.match();
    let first = 0;
    const directories = new MovedDirectories();
    const sought = waiting.map(({ node, late, rows }): Sought => {
      const bases = round.bases(first, first + rows.source.count);
      first += rows.source.count;
      const source = Directory.thaw(rows.source);
      const { path } = node.known;
      for (const [i, [best]] of bases.entries()) directories.add(path, source.name(i), best);
      return { node: late, rows, bases, share: (parts) => this.#share(late, rows, bases, parts) };
    });
    this.#directories ??= directories;
    if (this.#context.content !== undefined) this.#context.content.begin(this.#seen, sought);
    else for (const { share } of sought) share(undefined);
    for (const task of tasks) {
      this.#context.begin({ ...task, bases: round.bases(first, first + 1) });
      first++;
    }
  }

  #share(
    late: TreeNode,
    { rows, ...frozen }: WaitingRows,
    bases: MoveBases,
    parts: EntryParts | undefined,
  ): void {
    const to = frozen.source.count;
    const waited = { rows, bases, parts };
    this.#context.share(late, { ...frozen, from: 0, to, entriesMax: undefined, waited });
  }
}

function sizeOf({ size, count }: Directory): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += size[i] as number;
  return bytes;
}

/** Says whether nothing can spare at the end what was found to be deleted, as long as the source is read completely. */
function areCertain(options: Options): boolean {
  const { mode, max } = options.delete;
  const asksAgain = mode === "after" && options.filterRules.length > 0;
  return deletionTime(options) === "last" && max === undefined && !asksAgain;
}
