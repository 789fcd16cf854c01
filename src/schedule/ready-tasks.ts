// Tasks that are ready, by priority, until they go out in bundles.

/** A task that is ready. */
export interface Ready<Task> {
  readonly task: Task;
  readonly cost: number;
  /** It keeps its lane while it waits for what others bring. */
  readonly waits: boolean;
}

/** How much of them a bundle takes. */
export interface BundleSize<Task> {
  /** Tasks at most. */
  readonly tasks: number;
  /** Cost at which it is full; one task it takes in any case. */
  readonly cost: number;
  /** Says whether the lane may have the task. */
  readonly takes: (ready: Ready<Task>) => boolean;
}

/** The queues: priority 0 goes first, equals in order of arrival. */
export class ReadyTasks<Task> {
  readonly #queues: Ready<Task>[][] = [];
  #count = 0;
  #cost = 0;

  /** Number of tasks. */
  get count(): number {
    return this.#count;
  }

  /** What they cost together. */
  get cost(): number {
    return this.#cost;
  }

  /** Adds a task. */
  add(ready: Ready<Task>, priority: number): void {
    this.#queues[priority] ??= [];
    (this.#queues[priority] as Ready<Task>[]).push(ready);
    this.#count++;
    this.#cost += ready.cost;
  }

  /** Takes a bundle, all of one priority; one that waits goes alone. Empty = there is nothing for that lane. */
  take(size: BundleSize<Task>): Ready<Task>[] {
    const bundle: Ready<Task>[] = [];
    let cost = 0;
    for (const queue of this.#queues) {
      if (queue === undefined) continue;
      while (bundle.length < Math.min(queue.length, size.tasks)) {
        const ready = queue[bundle.length] as Ready<Task>;
        if (!size.takes(ready)) break;
        if (bundle.length > 0 && (cost >= size.cost || ready.waits || bundle[0]?.waits)) break;
        bundle.push(ready);
        cost += ready.cost;
      }
      if (bundle.length === 0) continue;
      queue.splice(0, bundle.length);
      break;
    }
    this.#count -= bundle.length;
    this.#cost -= cost;
    return bundle;
  }

  /** Says whether a task that is next in some queue is like that. */
  someNext(is: (ready: Ready<Task>) => boolean): boolean {
    return this.#queues.some((queue) => queue?.[0] !== undefined && is(queue[0]));
  }

  /** Drops all. */
  clear(): void {
    this.#queues.length = 0;
    this.#count = 0;
    this.#cost = 0;
  }
}
