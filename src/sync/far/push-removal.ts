// --remove-source-files where the other end speaks rsync's protocol: it says which files are in their places, and a lane takes them
// away after one more look.

import type { Options } from "../../options/index.ts";
import { brokenProtocol } from "../../rsync/index.ts";
import { isDirectory, type ProgressEvent } from "../../tree/index.ts";
import type { RemovedResult, RemoveTask } from "../tasks/far-tasks.ts";
import type { PushDirectory, PushedRow } from "./push-directory.ts";

/** What removing needs. */
export interface PushRemovalContext {
  readonly submit: (task: RemoveTask) => void;
  readonly tell: (event: ProgressEvent) => void;
}

/** rsync does not tell what stands there in the place of a file: it is never taken for the file itself. */
const unknownCopy = { devMajor: 0, devMinor: 0, inoHigh: 0, inoLow: 0, ctime: 0, ctimeNanos: 0 };

/** Removes. */
export class PushRemoval {
  readonly #context: PushRemovalContext;
  readonly #isWanted: boolean;
  /** Rows that have been told of since the last turn of the event loop. */
  #waiting = new Map<PushDirectory, number[]>();
  #open = 0;
  #nextId = 0;
  #done: (() => void) | undefined;

  constructor({ removeSourceFiles, dryRun }: Options["transfer"], context: PushRemovalContext) {
    this.#isWanted = removeSourceFiles && !dryRun;
    this.#context = context;
  }

  /** A file is in its place there. */
  add({ directory, row }: PushedRow): void {
    if (!this.#isWanted) return;
    if (row < 0 || isDirectory(directory.columns.mode[row] as number)) {
      throw brokenProtocol("it has a directory removed");
    }
    if (this.#waiting.size === 0) setImmediate(() => this.#submit());
    const rows = this.#waiting.get(directory) ?? [];
    rows.push(row);
    this.#waiting.set(directory, rows);
  }

  #submit(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [{ kept }, rows] of waiting) {
      this.#open++;
      const copies = rows.map(() => unknownCopy);
      const files = { id: this.#nextId++, rows, copies, isSameMachine: false };
      this.#context.submit({ kind: "remove", ...kept, ...files });
    }
    this.#finishIfDone();
  }

  /** A lane has removed some. */
  removed({ events }: RemovedResult): void {
    this.#open--;
    for (const event of events) this.#context.tell(event);
    this.#finishIfDone();
  }

  /** Calls back when nothing is left to be removed. */
  whenDone(done: () => void): void {
    this.#done = done;
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#open === 0 && this.#waiting.size === 0) this.#done?.();
  }
}
