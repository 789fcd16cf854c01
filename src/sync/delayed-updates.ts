// Finished files that get their names at the end of the run (--delay-updates): collected directory
// by directory, then renamed in batches by all lanes. One small record for each updated file is
// held until then, the price of the option (rsync holds its whole file list).

import type { ByteString } from "../base/index.ts";
import type { DelayedUpdate } from "../pipeline/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import type { RenameResult, RenameTask } from "./tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** Files in one batch. */
const batchFiles = 256;

interface DelayedDirectory {
  readonly node: TreeNode;
  updates: readonly DelayedUpdate[];
  batchesLeft: number;
}

/** What carrying out needs. */
export interface DelayedUpdatesContext {
  readonly submit: (task: RenameTask, cost: number) => void;
  readonly tell: (event: ProgressEvent) => void;
  /** All files of the directory have their names. */
  readonly close: (node: TreeNode) => void;
}

/** Collects delayed files, then has them renamed. */
export class DelayedUpdates {
  readonly #context: DelayedUpdatesContext;
  readonly #directories = new Map<TreeNode, DelayedDirectory>();
  readonly #out = new Map<number, DelayedDirectory>();
  #sequence = 0;

  constructor(context: DelayedUpdatesContext) {
    this.#context = context;
  }

  /** Remembers files of a directory. */
  add(node: TreeNode, updates: readonly DelayedUpdate[]): void {
    const known = this.#directories.get(node);
    if (known === undefined) this.#directories.set(node, { node, updates, batchesLeft: 0 });
    else known.updates = [...known.updates, ...updates];
  }

  /** Says whether files are waiting in the directory: then its final attributes wait, too. */
  isWaiting(node: TreeNode): boolean {
    return this.#directories.has(node);
  }

  /** Gives everything out; done when the scheduler is idle. */
  start(): void {
    for (const directory of this.#directories.values()) {
      const { updates, node } = directory;
      directory.batchesLeft = Math.ceil(updates.length / batchFiles);
      const path: ByteString = node.known.path;
      for (let from = 0; from < updates.length; from += batchFiles) {
        const batch = updates.slice(from, from + batchFiles);
        const sequence = this.#sequence++;
        this.#out.set(sequence, directory);
        this.#context.submit({ kind: "rename", sequence, path, updates: batch }, batch.length);
      }
      directory.updates = [];
    }
  }

  /** Takes a lane's answer. */
  receive(result: RenameResult): void {
    for (const event of result.events) this.#context.tell(event);
    const directory = this.#out.get(result.sequence);
    if (directory === undefined) return;
    this.#out.delete(result.sequence);
    directory.batchesLeft--;
    if (directory.batchesLeft > 0) return;
    const { node } = directory;
    node.touched = true;
    this.#directories.delete(node);
    this.#context.close(node);
  }
}
