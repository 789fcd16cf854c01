// The names of hard-link groups, each an apply task of its own, in their turn: what leads a group and
// when the others follow (link-groups.ts decides), and where among all lines each of them is told.

import { joinPath } from "../../base/index.ts";
import { Orders, order } from "../../changeset/index.ts";
import { change, Directory, isRegular } from "../../tree/index.ts";
import { LinkGroups, type LinkLeader, type Standing } from "../tasks/link-groups.ts";
import type { ApplyResult, ApplyTask } from "../tasks/tasks.ts";
import type { RangeOfNode, TreeNode } from "./tree-node.ts";

/** Gives the names of hard-link groups out. */
export class LinkTurns {
  readonly #submit: (task: ApplyTask) => void;
  readonly #groups = new LinkGroups();
  /** Leaders under way, by directory and entry. */
  readonly #leading = new Map<string, ApplyTask>();
  /** Names that are told after a range, by directory and entry of that. */
  readonly #after = new Map<string, RangeOfNode[]>();
  /** Takes names that waited and now have their turn: they are told where this list is. */
  #later: RangeOfNode[] = [];

  readonly #hasBases: boolean;

  /** `hasBases`: there are basis directories, and orders say what they have. */
  constructor(hasBases: boolean, submit: (task: ApplyTask) => void) {
    this.#hasBases = hasBases;
    this.#submit = submit;
  }

  /** Settles a directory's names: called in listing order. */
  settle(node: TreeNode): void {
    const tasks = node.linkTasks;
    node.linkTasks = [];
    const [first] = tasks;
    if (first === undefined) return;
    const source = Directory.thaw(first.source);
    const orders = Orders.thaw(first.orders);
    this.#tellingIn(node.later, () => {
      for (const task of tasks) {
        const standing = this.#standing(source, orders, task.from);
        this.#groups.meet(source, task.from, standing, this.#turn(node, task));
      }
    });
  }

  /** The walk is over: groups whose other names it has not met are settled. True = there is more to do. */
  settleRest(root: TreeNode): boolean {
    let isMore = false;
    this.#tellingIn(root.later, () => {
      isMore = this.#groups.settleAll();
    });
    return isMore;
  }

  /** Submitting can give other directories their turn before `act` returns. */
  #tellingIn(later: RangeOfNode[], act: () => void): void {
    const outer = this.#later;
    this.#later = later;
    act();
    this.#later = outer;
  }

  /** Something was applied; if it was a leader, its group can follow. */
  led(result: ApplyResult): void {
    const key = keyOf(result.node, result.from);
    const task = this.#leading.get(key);
    if (task === undefined) return;
    this.#leading.delete(key);
    const after: RangeOfNode[] = [];
    this.#after.set(key, after);
    const source = Directory.thaw(task.source);
    const orders = Orders.thaw(task.orders);
    const leader = {
      path: joinPath(task.path, source.name(task.from)),
      transferred: ((orders.changes[task.from] as number) & change.transfer) !== 0,
    };
    this.#tellingIn(after, () =>
      this.#groups.led(source, task.from, result.complete ? leader : undefined),
    );
    if (after.length === 0) this.#after.delete(key);
  }

  /** Takes the names that are told after a range that was told. */
  takeAfter(node: TreeNode, from: number): readonly RangeOfNode[] {
    if (this.#after.size === 0) return none;
    const key = keyOf(node.known.id, from);
    const after = this.#after.get(key);
    this.#after.delete(key);
    return after ?? none;
  }

  /** Names that wait to be told after something that has not been told. */
  *untold(): Generator<RangeOfNode> {
    for (const ranges of this.#after.values()) yield* ranges;
  }

  #standing(source: Directory, orders: Orders, i: number): Standing {
    const kind = orders.kind[i] as number;
    if (kind === order.skip) return "spared";
    // A basis directory has its equal, and the target need not.
    if (kind === order.drop || (kind === order.none && (orders.target[i] as number) < 0))
      return "unwanted";
    const isNew = kind === order.add || kind === order.replace;
    const isCopied = isNew && isRegular(source.mode[i] as number);
    return isCopied && !(this.#hasBases && orders.basis[i] !== 0) ? "missing" : "there";
  }

  #turn(node: TreeNode, task: ApplyTask): Parameters<LinkGroups["meet"]>[3] {
    let isDeferred = false;
    const begin = (begun: ApplyTask): void => {
      if (isDeferred) this.#later.push({ node, from: task.from });
      this.#submit(begun);
    };
    return {
      lead: () => {
        this.#leading.set(keyOf(task.node, task.from), task);
        begin(task);
      },
      follow: (leader: LinkLeader) => begin({ ...task, leader: { ...leader, isDeferred } }),
      standAlone: () => begin(task),
      defer: () => {
        isDeferred = true;
        node.defer(task.from);
      },
    };
  }
}

const none: readonly never[] = [];

function keyOf(node: number, from: number): string {
  return `${node}:${from}`;
}
