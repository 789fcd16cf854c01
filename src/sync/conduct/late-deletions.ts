// Deletions that wait: until the first pass is complete (--delete-before), or until everything
// else is done (manifold's own way, --delete-delay, --delete-after). They go out in batches to all
// lanes and are told in listing order; with --max-delete one batch at a time, so that it is always
// the same entries that the limit spares.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { Extras } from "../tasks/extras.ts";
import type {
  DeleteResult,
  DeleteTask,
  DisplacedDirectory,
  DisplacedTask,
  SurveyTask,
} from "../tasks/tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** Names in one batch. */
const batchNames = 512;
/** Batches that are out at the same time. */
const batchesMax = 256;

/** When deletions happen: in a pass of their own before everything else, with each directory, or last. */
export type DeletionTime = "never" | "first" | "during" | "last";

/** Returns when deletions happen. */
export function deletionTime({ delete: { mode } }: Options): DeletionTime {
  if (mode === "none") return "never";
  if (mode === "before") return "first";
  return mode === "during" ? "during" : "last";
}

/** A task and the directory that waits for it. */
interface Batch {
  readonly task: DeleteTask | DisplacedTask;
  readonly directory: LateDirectory | undefined;
}

interface LateDirectory {
  readonly node: TreeNode;
  readonly extras: Extras;
  batchesLeft: number;
}

/** What carrying out needs. */
export interface LateDeletionContext {
  readonly options: Options;
  readonly submit: (task: DeleteTask | DisplacedTask, cost: number) => void;
  readonly tell: (event: ProgressEvent) => void;
  /** All deletions of the directory are done, or will not be. */
  readonly close: (node: TreeNode) => void;
}

/** Collects deletions, then carries them out. */
export class LateDeletions {
  readonly #context: LateDeletionContext;
  #directories: LateDirectory[] = [];
  readonly #nodes = new Set<TreeNode>();
  #displaced: DisplacedDirectory[] = [];
  /** Directories that arguments brought, for whom a pass of deletions begins. */
  #tops: ByteString[] = [];
  readonly #out = new Map<number, LateDirectory | undefined>();
  readonly #told = new Map<number, readonly ProgressEvent[]>();
  readonly #withheld: ByteString[] = [];
  #batches: Iterator<Batch> | undefined;
  #nextTold = 0;

  constructor(context: LateDeletionContext) {
    this.#context = context;
  }

  /** Remembers what is to be deleted in a directory. */
  add(node: TreeNode, extras: Extras): void {
    this.#directories.push({ node, extras, batchesLeft: Math.ceil(extras.count / batchNames) });
    this.#nodes.add(node);
  }

  /** Remembers directories that something else has taken the place of; these go in any case. */
  addDisplaced(displaced: readonly DisplacedDirectory[]): void {
    this.#displaced.push(...displaced);
  }

  /** These paths stay whatever was planned: others were to go on with their content, and could not. */
  withhold(paths: readonly ByteString[]): void {
    this.#withheld.push(...paths);
  }

  /** A directory is looked at for what is to be deleted in it. */
  enter({ deletes, path, top }: SurveyTask): void {
    const { mode } = this.#context.options.delete;
    if (deletes && path === top && (mode === "before" || mode === "after")) this.#tops.push(path);
  }

  /** Says whether deletions are waiting in the directory: then its final attributes wait, too. */
  isWaiting(node: TreeNode): boolean {
    return this.#nodes.has(node);
  }

  /** Begins to carry out what was remembered; done when the scheduler is idle. */
  start(): void {
    for (const path of this.#tops) {
      const text = `deleting in ${path || "."}`;
      this.#context.tell({ type: "note", topic: "debug:del", level: 1, text });
    }
    this.#tops = [];
    const directories = this.#directories;
    this.#directories = [];
    directories.sort((a, b) => byPath(a.node.known.path, b.node.known.path));
    const displaced = this.#displaced.sort((a, b) => byPath(a.path, b.path));
    this.#displaced = [];
    this.#nextTold = 0;
    const isAfter = this.#context.options.delete.mode === "after";
    this.#batches = batchesOf(displaced, directories, isAfter);
    this.#submitMore();
  }

  /** Forgets what was remembered. */
  abandon(): void {
    for (const { node } of this.#directories) this.#finish(node);
    this.#directories = [];
  }

  /** Takes a lane's answer. */
  receive(result: DeleteResult): void {
    const directory = this.#out.get(result.sequence);
    this.#out.delete(result.sequence);
    this.#told.set(result.sequence, result.events);
    this.#tell();
    if (directory !== undefined) {
      directory.node.touched ||= result.touched;
      directory.batchesLeft--;
      if (directory.batchesLeft === 0) this.#finish(directory.node);
    }
    this.#submitMore();
  }

  #finish(node: TreeNode): void {
    this.#nodes.delete(node);
    this.#context.close(node);
  }

  #submitMore(): void {
    const window = this.#context.options.delete.max === undefined ? batchesMax : 1;
    while (this.#batches !== undefined && this.#out.size < window) {
      const next = this.#batches.next();
      if (next.done) {
        this.#batches = undefined;
        return;
      }
      const { directory } = next.value;
      const task = this.#withWithheld(next.value.task);
      this.#out.set(task.sequence, directory);
      this.#context.submit(task, task.kind === "delete" ? task.to - task.from : batchNames);
    }
  }

  #withWithheld(task: Batch["task"]): Batch["task"] {
    if (task.kind !== "delete" || this.#withheld.length === 0) return task;
    const below = task.path === "" ? "" : `${task.path}/`;
    const withheld = this.#withheld.filter((path) => path.startsWith(below));
    return withheld.length === 0 ? task : { ...task, withheld };
  }

  #tell(): void {
    for (;;) {
      const events = this.#told.get(this.#nextTold);
      if (events === undefined) return;
      this.#told.delete(this.#nextTold++);
      for (const event of events) this.#context.tell(event);
    }
  }
}

/** Batches of the directories, each directory's last names first. */
function* batchesOf(
  displaced: readonly DisplacedDirectory[],
  directories: readonly LateDirectory[],
  unfiltered: boolean,
): Generator<Batch> {
  let sequence = 0;
  for (const directory of displaced) {
    const task = { kind: "displaced", sequence: sequence++, directory } as const;
    yield { task, directory: undefined };
  }
  for (const directory of directories) {
    const { node, extras } = directory;
    for (let to = extras.count; to > 0; to -= batchNames) {
      const from = Math.max(0, to - batchNames);
      const { path } = node.known;
      yield {
        directory,
        task: { kind: "delete", sequence: sequence++, path, extras, from, to, unfiltered },
      };
    }
  }
}

/** Listing order: parents before what they hold, siblings by the bytes of `name/`. */
function byPath(a: ByteString, b: ByteString): number {
  const left = a === "" ? "" : `${a}/`;
  const right = b === "" ? "" : `${b}/`;
  return left < right ? -1 : left > right ? 1 : 0;
}
