// Finished files that wait for their names. With --delay-updates until the end of the run: collected
// directory by directory, then renamed in batches by all lanes; one small record for each updated
// file is held until then, the price of the option (rsync holds its whole file list). With
// --durable=batch until so many have come together that one flush for all of them is worth it. With
// --remove-source-files and --hard-links, files of several names are here until their source can go.

import type { DelayedUpdate } from "../../pipeline/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { DelayedGroup, RenameResult, RenameTask } from "../tasks/tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** Files that are renamed in one task. */
const taskFiles = 256;
/** Files and bytes that are flushed together: a flush costs some milliseconds whatever there is to flush. */
const flushFiles = 2000;
const flushBytes = 256 * 1024 * 1024;

/** Directories, each with files of it. */
type Share = readonly (readonly [DelayedDirectory, readonly DelayedUpdate[]])[];

interface DelayedDirectory {
  readonly node: TreeNode;
  updates: readonly DelayedUpdate[];
  /** Tasks that are out with files of it. */
  tasksOut: number;
}

/** What carrying out needs. */
export interface DelayedUpdatesContext {
  /** Names come in batches, each after a flush; false = all of them at the end. */
  readonly flushesBatches: boolean;
  readonly submit: (task: RenameTask, cost: number) => void;
  readonly tell: (event: ProgressEvent) => void;
  /** All files of the directory that are known have their names. */
  readonly close: (node: TreeNode) => void;
}

/** Collects delayed files, then has them renamed. */
export class DelayedUpdates {
  readonly #context: DelayedUpdatesContext;
  readonly #directories = new Map<TreeNode, DelayedDirectory>();
  readonly #out = new Map<number, Share>();
  #sequence = 0;
  #files = 0;
  #bytes = 0;

  constructor(context: DelayedUpdatesContext) {
    this.#context = context;
  }

  /** Remembers files of a directory. */
  add(node: TreeNode, updates: readonly DelayedUpdate[]): void {
    const known = this.#directories.get(node);
    if (known === undefined) this.#directories.set(node, { node, updates, tasksOut: 0 });
    else known.updates = [...known.updates, ...updates];
    if (!this.#context.flushesBatches) return;
    this.#files += updates.length;
    for (const { size } of updates) this.#bytes += size;
    if (this.#files >= flushFiles || this.#bytes >= flushBytes) this.#flushBatch();
  }

  /** Says whether files are waiting in the directory: then its final attributes wait, too. */
  isWaiting(node: TreeNode): boolean {
    return this.#directories.has(node);
  }

  /** Gives everything out; done when the scheduler is idle. */
  start(): void {
    if (this.#context.flushesBatches) this.#flushBatch();
    for (const directory of this.#directories.values()) {
      const { updates } = directory;
      for (let from = 0; from < updates.length; from += taskFiles) {
        this.#submit([[directory, updates.slice(from, from + taskFiles)]], false);
      }
      directory.updates = [];
    }
  }

  #flushBatch(): void {
    const share: [DelayedDirectory, readonly DelayedUpdate[]][] = [];
    for (const directory of this.#directories.values()) {
      // What has its name waits for the end in any case.
      const waiting = directory.updates.filter(({ where }) => where !== "named");
      if (waiting.length > 0) share.push([directory, waiting]);
      if (waiting.length === directory.updates.length) directory.updates = [];
      else directory.updates = directory.updates.filter(({ where }) => where === "named");
    }
    this.#files = 0;
    this.#bytes = 0;
    if (share.length > 0) this.#submit(share, true);
  }

  #submit(share: Share, flushes: boolean): void {
    const sequence = this.#sequence++;
    this.#out.set(sequence, share);
    const groups: DelayedGroup[] = [];
    let cost = 0;
    for (const [directory, updates] of share) {
      directory.tasksOut++;
      const { known, far } = directory.node;
      groups.push({ path: known.path, updates, far });
      cost += updates.length;
    }
    this.#context.submit({ kind: "rename", sequence, groups, flushes }, cost);
  }

  /** Takes a lane's answer. */
  receive(result: RenameResult): void {
    for (const event of result.events) this.#context.tell(event);
    const share = this.#out.get(result.sequence) ?? [];
    this.#out.delete(result.sequence);
    for (const [directory] of share) {
      const { node } = directory;
      directory.tasksOut--;
      node.touched = true;
      if (directory.tasksOut > 0 || directory.updates.length > 0) continue;
      this.#directories.delete(node);
      // One that is still under way is closed when it is done.
      if (node.finished) this.#context.close(node);
    }
  }
}
