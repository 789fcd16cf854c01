// The names of hard-link groups, each an apply task of its own, in their turn: the first name of a group
// leads, the others wait until it stands.

import { joinPath } from "../base/index.ts";
import { Orders, order } from "../changeset/index.ts";
import { Directory } from "../tree/index.ts";
import { LinkGroups } from "./link-groups.ts";
import type { ApplyResult, ApplyTask } from "./tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** Gives the names of hard-link groups out. */
export class LinkTurns {
  readonly #submit: (task: ApplyTask) => void;
  readonly #groups = new LinkGroups();
  /** Leaders under way, by directory and entry. */
  readonly #leading = new Map<string, ApplyTask>();

  constructor(submit: (task: ApplyTask) => void) {
    this.#submit = submit;
  }

  /** Settles a directory's names: called in listing order. */
  settle(node: TreeNode): void {
    const tasks = node.linkTasks;
    node.linkTasks = [];
    const source = tasks[0] && Directory.thaw(tasks[0].source);
    if (source === undefined) return;
    for (const task of tasks) {
      this.#groups.meet(
        source,
        task.from,
        () => {
          this.#leading.set(`${task.node}:${task.from}`, task);
          this.#submit(task);
        },
        (leader) => this.#submit({ ...task, leader }),
      );
    }
  }

  /** Something was applied; if it was a leader, its group can follow. */
  led(result: ApplyResult): void {
    const key = `${result.node}:${result.from}`;
    const task = this.#leading.get(key);
    if (task === undefined) return;
    this.#leading.delete(key);
    const source = Directory.thaw(task.source);
    const kind = Orders.thaw(task.orders).kind[task.from];
    const leader = {
      path: joinPath(task.path, source.name(task.from)),
      kept: kind === order.none || kind === order.meta,
    };
    this.#groups.led(source, task.from, result.complete ? leader : undefined);
  }
}
