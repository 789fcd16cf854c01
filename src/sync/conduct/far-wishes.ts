// Ranges whose content is on another machine: a lane finds out what of it is wanted, the source's end
// is asked for that, and when it has come the range is applied.

import { assert } from "../../base/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type {
  BelowRecord,
  PullNews,
  RangeWish,
  WishedAgain,
  WishResult,
} from "../tasks/far-tasks.ts";
import type { LargeTask } from "../tasks/large-file-tasks.ts";
import type {
  ApplyResult,
  ApplyTask,
  LaneResult,
  LaneTask,
  SurveyResult,
  SurveyTask,
} from "../tasks/tasks.ts";
import type { FarDirectory, FarSource } from "./far-ends.ts";
import { FarStreams } from "./far-streams.ts";
import type { TreeNode } from "./tree-node.ts";
import type { TreeNodes } from "./tree-nodes.ts";

interface Begun {
  readonly task: ApplyTask;
  readonly cost: number;
}

interface Arrived {
  readonly content: Uint8Array;
  readonly applied: () => void;
}

/** What a survey is given out with. */
type CameListing = Pick<SurveyTask, "record" | "content" | "far" | "below">;

interface WaitingSurvey {
  readonly goesBelow: boolean;
  readonly then: (came: CameListing | undefined) => void;
}

/** Files that one message has removed. Arbitrary: a directory may have a million. */
const removedAtOnce = 16_384;

/** Content that all lanes are started for: what writing it takes, one of them takes to start. */
const muchBytes = 16 * 1024 * 1024;

/** Wishes, and keeps ranges until what they wished for has come. */
export class FarWishes {
  readonly #source: FarSource;
  readonly #nodes: TreeNodes;
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly #streams: FarStreams;
  readonly #tell: (event: ProgressEvent) => void;
  readonly #begun = new Map<string, Begun>();
  /** Ranges whose content has come, or comes: some of it may turn out not to fit. */
  readonly #wished = new Map<string, Begun>();
  #askedBytes = 0;
  /** Called when a directory is surveyed that content came with, by node. */
  readonly #ahead = new Map<number, () => void>();
  /** Surveys that wait, or are out, by node. */
  readonly #surveys = new Map<number, WaitingSurvey>();
  /** What the surveys of nodes may go on with. */
  readonly #below = new Map<number, readonly BelowRecord[]>();
  /** What has come for them; called when the range is applied. */
  readonly #arrived = new Map<string, Arrived[]>();

  constructor(
    source: FarSource,
    nodes: TreeNodes,
    scheduler: () => Scheduler<LaneTask, LaneResult>,
    tell: (event: ProgressEvent) => void,
  ) {
    this.#tell = tell;
    this.#source = source;
    this.#nodes = nodes;
    this.#scheduler = scheduler;
    this.#streams = new FarStreams(source, scheduler);
  }

  /** Waits for the source's side of a directory, as its survey wants it; undefined = there is nothing in it. */
  listing(node: TreeNode, goesBelow: boolean, then: (came: CameListing | undefined) => void): void {
    this.#surveys.set(node.known.id, { goesBelow, then });
    this.#scheduler().hold();
    this.#source.listing(node, (listing) => {
      if (listing === "closed") {
        this.#surveys.delete(node.known.id);
        then(undefined);
      } else {
        const { directory, record, ahead } = listing;
        node.far = directory;
        if (ahead !== undefined) this.#cameAhead(node, ahead);
        const below = goesBelow ? this.#source.below?.(directory) : undefined;
        if (below !== undefined && below.length > 0) this.#below.set(node.known.id, below);
        then({ record, content: ahead?.content, far: directory, below });
      }
      this.#scheduler().release();
    });
  }

  #cameAhead({ known }: TreeNode, { content, applied }: NonNullable<FarDirectory["ahead"]>): void {
    this.#ahead.set(known.id, applied);
    this.#asked(content.length);
  }

  /**
   * A directory was surveyed: what came with it takes no more room. "unlisted" = what came was a sum, of something that the target has
   * not; its survey goes out again with the record.
   */
  surveyed(node: TreeNode, result: SurveyResult): "surveyed" | "unlisted" {
    const { known, far } = node;
    const { looked, isUnlisted = false } = result;
    if (looked !== undefined) this.#source.looked?.(looked);
    this.#surveyedBelow(node, result);
    const survey = this.#surveys.get(known.id);
    this.#surveys.delete(known.id);
    if (!isUnlisted) return "surveyed";
    assert(survey !== undefined, "What has not been given out is not answered.");
    this.#source.relist?.([far]);
    this.listing(node, survey.goesBelow, survey.then);
    return "unlisted";
  }

  #surveyedBelow({ known }: TreeNode, { read, quiet = [], unlisted = [] }: SurveyResult): void {
    this.#ahead.get(known.id)?.();
    this.#ahead.delete(known.id);
    const below = this.#below.get(known.id);
    if (below === undefined) return;
    this.#below.delete(known.id);
    const at = (place: number): BelowRecord => below[place] as BelowRecord;
    if (read !== undefined) this.#source.surveyedBelow?.(read.map(at), quiet.map(at));
    if (unlisted.length > 0) this.#source.relist?.(unlisted.map((place) => at(place).directory));
  }

  #asked(bytes: number): void {
    this.#askedBytes += bytes;
    if (this.#askedBytes >= muchBytes) this.#scheduler().spread();
  }

  /** Says whether a task has to wish before it can go on. */
  takes(task: ApplyTask | LargeTask): task is ApplyTask {
    return task.kind === "apply" && task.content === undefined && task.leader === undefined;
  }

  /** Takes a range; `wish` is what it needs, where that is known. */
  begin(task: ApplyTask, priority: number, cost: number, wish: RangeWish | undefined): void {
    if (wish !== undefined) {
      this.#wished.set(keyOf(task), { task, cost });
      this.#ask(task, wish, priority, cost);
      return;
    }
    this.#begun.set(keyOf(task), { task, cost });
    const { streams } = this.#source;
    this.#scheduler().submit({ ...task, kind: "wish", streams }, priority, cost);
  }

  /** Has the files removed whose source is to go because they are here. */
  takeMoved(result: LaneResult): void {
    for (const { directory, rows, copies } of result.moved ?? []) {
      const far = directory ?? ("node" in result ? this.#nodes.of(result.node).far : -1);
      assert(far >= 0, "What is removed at the source came from there.");
      for (let from = 0; from < rows.length; from += removedAtOnce) {
        const to = from + removedAtOnce;
        const files = { rows: rows.slice(from, to), copies: copies.slice(from, to) };
        this.#scheduler().hold();
        this.#source.remove(far, files, (events) => {
          for (const event of events) this.#tell(event);
          this.#scheduler().release();
        });
      }
    }
  }

  /** Nothing more will be wanted of a directory. */
  release(node: TreeNode): void {
    if (node.far >= 0) this.#source.release(node);
    node.far = -1;
  }

  /** Everything that was wanted of a directory's own files has come, if all of it was asked for. */
  settle(node: TreeNode): void {
    if (node.surveyed && node.rangesOpen === 0 && node.far >= 0) this.#source.settled?.(node);
  }

  /** A lane knows what a range wants. */
  receive(result: WishResult, priority: number): void {
    const key = keyOf(result);
    const begun = this.#begun.get(key);
    assert(begun !== undefined, "A wish is about a range that was begun.");
    this.#begun.delete(key);
    const { cost } = begun;
    const { stream: wish, bases } = result;
    const task = bases === undefined ? begun.task : { ...begun.task, bases };
    this.#wished.set(key, { task, cost });
    if (wish === undefined) this.#ask(task, result, priority, cost);
    else this.#streams.begin(this.#nodes.of(result.node), { task, wish }, priority, cost);
  }

  #ask(task: ApplyTask, { body, bytes, changes }: RangeWish, priority: number, cost: number): void {
    if (body === undefined) {
      this.#scheduler().submit(task, priority, cost);
      return;
    }
    this.#asked(bytes);
    this.#scheduler().hold();
    // What came first takes room until the rest has come: that must not wait for the same room.
    const isMore = task.lacks !== undefined;
    this.#source.content(
      this.#nodes.of(task.node),
      { body, bytes, changes, isMore },
      (content, applied) => {
        const key = keyOf(task);
        this.#arrived.set(key, [...(this.#arrived.get(key) ?? []), { content, applied }]);
        this.#scheduler().submit({ ...task, content }, priority, cost);
        this.#scheduler().release();
      },
    );
  }

  /** Some of what came for a range does not fit: that is wished for with what fits. */
  again(result: ApplyResult, { lacks, bases }: WishedAgain, priority: number): void {
    const key = keyOf(result);
    const asked = this.#wished.get(key);
    assert(asked !== undefined, "What is wished for again was wished for.");
    const { cost } = asked;
    const task = { ...asked.task, ...(bases && { bases }) };
    const arrived = this.#arrived.get(key);
    if (arrived === undefined) {
      // One large file, of which nothing is kept.
      this.applied(result);
      this.begin(task, priority, cost, undefined);
      return;
    }
    this.#streams.applied(result);
    const earlier = arrived.map(({ content }) => content);
    this.begin({ ...task, earlier, lacks }, priority, cost, undefined);
  }

  /** A range was applied: its content takes no more room. */
  applied(result: ApplyResult): void {
    const key = keyOf(result);
    this.#wished.delete(key);
    for (const { applied } of this.#arrived.get(key) ?? []) applied();
    this.#arrived.delete(key);
    this.#streams.applied(result);
  }

  /** A lane wants more of a large file. */
  pulled(news: PullNews): void {
    this.#streams.pulled(news);
  }
}

function keyOf({ node, from }: { readonly node: number; readonly from: number }): string {
  return `${node}:${from}`;
}
