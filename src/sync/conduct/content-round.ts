// Looks in all files of the target for parts of those that wait (--content-index): lanes cut the files into chunks, which
// are kept in an index; the source's end tells the chunks of what is wanted; and what is found there need not be
// sent. Each directory goes on as soon as its answers have come. Where it does not pay nothing of that happens.

import { Orders } from "../../changeset/index.ts";
import { type ChunkSizes, chunkSizesFor } from "../../delta/index.ts";
import type { Options } from "../../options/index.ts";
import type { Candidates } from "../../pipeline/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import { type CounterName, Directory, isRegular, type ProgressEvent } from "../../tree/index.ts";
import { isNoteWanted } from "../lane/is-note-wanted.ts";
import { mayLookForContent } from "../plan/looks-for-content.ts";
import type { CutResult, CutTask, EntryParts } from "../tasks/content-index-tasks.ts";
import type { MoveBases, WaitingRows } from "../tasks/move-tasks.ts";
import type { LaneResult, LaneTask } from "../tasks/tasks.ts";
import { type ConductorSettings, priority } from "./conductor-settings.ts";
import { type ContentEstimate, lineRateOf, looksForContent } from "./content-estimate.ts";
import type { FarSource } from "./far-ends.ts";
import { TargetChunks } from "./target-chunks.ts";
import type { TreeNode } from "./tree-node.ts";
import { WantedChunks, type WantedEntry } from "./wanted-chunks.ts";

/** Chunks of the target's files that are kept, 40 bytes each: 80 MiB. Up to 2 GiB of files they are about 1 KiB long. */
const chunksMax = 2 ** 21;

/** What this needs. */
export interface ContentRoundContext {
  readonly options: Options;
  readonly source: FarSource;
  readonly scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly tell: (event: ProgressEvent) => void;
  readonly count: (name: CounterName, more: number) => void;
}

/** Entries of a directory that wait. */
export interface Sought {
  readonly node: TreeNode;
  readonly rows: WaitingRows;
  /** Whole files that they may be. */
  readonly bases: MoveBases;
  /** Goes on with them. */
  readonly share: (parts: EntryParts | undefined) => void;
}

/** Returns such a search; undefined = the run makes none. */
export function contentRound(
  { options, farSource, tell, count }: ConductorSettings,
  scheduler: ContentRoundContext["scheduler"],
): ContentRound | undefined {
  if (farSource?.walked === undefined || count === undefined || !mayLookForContent(options)) {
    return undefined;
  }
  return new ContentRound({ options, source: farSource, scheduler, tell, count });
}

/** Such a search. */
export class ContentRound {
  readonly #context: ContentRoundContext;
  #chunks: TargetChunks | undefined;

  constructor(context: ContentRoundContext) {
    this.#context = context;
  }

  /** Looks for parts of what waits in what was seen, if that pays. */
  begin(seen: Candidates, sought: readonly Sought[]): void {
    const through = bytesOf(seen);
    const most = sought.map((one) => wantedEntries(one, 1));
    const wanted = most.flat().reduce((sum, { size }) => sum + size, 0);
    if (wanted === 0 || through === 0) {
      for (const { share } of sought) share(undefined);
      return;
    }
    const { source, options, scheduler } = this.#context;
    scheduler().hold();
    source.walked?.((measured) => {
      const estimate = { wanted, through, lineRate: lineRateOf(options, measured) };
      const sizes = chunkSizesFor(Math.max(wanted, through), chunksMax);
      const isUsed = looksForContent(options, estimate);
      this.#tell(estimate, isUsed);
      if (isUsed) this.#look(seen, sought, sizes);
      else for (const { share } of sought) share(undefined);
      scheduler().release();
    });
  }

  /** A lane has cut files. */
  receive(result: CutResult): void {
    this.#chunks?.receive(result);
  }

  #look(seen: Candidates, sought: readonly Sought[], sizes: ChunkSizes): void {
    const { scheduler } = this.#context;
    const submit = (task: CutTask, cost: number): void =>
      scheduler().submit(task, priority.finish, cost);
    const bits = Math.log2(sizes.normal);
    const tasksMax = (): number => 2 * scheduler().lanesMax;
    const chunks = new TargetChunks({ seen, bits, chunksMax, submit, tasksMax });
    this.#chunks = chunks;
    chunks.collect(() => {
      // It is kept as long as an answer is awaited.
      this.#chunks = undefined;
      for (const one of sought) this.#ask(one, chunks, sizes);
    });
  }

  #ask(one: Sought, chunks: TargetChunks, sizes: ChunkSizes): void {
    const { source, scheduler, count } = this.#context;
    const files = wantedEntries(one, sizes.normal);
    if (files.length === 0) {
      one.share(undefined);
      return;
    }
    const heard = (bytes: number): void => count("indexLists", bytes);
    scheduler().hold();
    new WantedChunks({ source, chunks, sizes, heard }, one.node).ask(files, (found) => {
      one.share(Array.from({ length: one.rows.rows.length }, (_, i) => found.get(i)));
      scheduler().release();
    });
  }

  #tell({ wanted, through, lineRate }: ContentEstimate, isUsed: boolean): void {
    const { count, options, tell } = this.#context;
    count("indexWanted", wanted);
    count("indexThrough", through);
    count("indexLineRate", Math.round(lineRate));
    if (!isNoteWanted(options.output, "misc", 1)) return;
    const rate =
      lineRate === 0 ? "a line that holds nothing up" : `${Math.round(lineRate)} bytes/s`;
    const text = `content index: ${isUsed ? "" : "not "}used for ${wanted} wanted bytes, in ${through} bytes of files, over ${rate}`;
    tell({ type: "note", topic: "misc", level: 1, text });
  }
}

function bytesOf(seen: Candidates): number {
  let sum = 0;
  seen.visit((cursor) => {
    for (let k = 0; k < cursor.count; k++) sum += cursor.sizes[cursor.sizeAt + k] as number;
  });
  return sum;
}

/** Entries that may be there in parts: of some size, not there as a whole in all likelihood, nor under their own name. */
function wantedEntries({ rows, bases }: Sought, bytesMin: number): WantedEntry[] {
  const source = Directory.thaw(rows.source);
  const target = Directory.thaw(rows.target);
  const orders = Orders.thaw(rows.orders);
  const wanted: WantedEntry[] = [];
  for (let entry = 0; entry < source.count; entry++) {
    const size = source.size[entry] as number;
    if (size < bytesMin || !isRegular(source.mode[entry] as number)) continue;
    if (bases[entry]?.some(({ same }) => same === "time") === true) continue;
    const t = orders.target[entry] as number;
    // Blocks of what has its size and name find all that chunks would.
    if (t >= 0 && isRegular(target.mode[t] as number) && target.size[t] === size) continue;
    wanted.push({ entry, row: rows.rows[entry] as number, size });
  }
  return wanted;
}
