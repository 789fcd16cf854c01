// The directories of the transfer as they are discovered, numbered, so that a lane's answer finds the one that
// it is about. Those that are done are forgotten.

import { assert, joinPath } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { change, significantChanges } from "../../tree/index.ts";
import { namedGroups, type TransferPlan } from "../plan/transfer-plan.ts";
import { itemWishes } from "../tasks/item-wishes.ts";
import { directoryItem } from "./directory-item.ts";
import { farInside, insideOf, isBare } from "./inside-of.ts";
import { LateRows } from "./late-rows.ts";
import { type SubdirectoryList, TreeNode } from "./tree-node.ts";

/** What there is to know about all of them. */
export interface TreeNodesContext {
  readonly options: Options;
  readonly plan: TransferPlan;
  readonly targetExists: boolean;
  readonly items: "none" | "changed" | "all";
  /** What feeds a directory, its source's end decides. */
  readonly isFar: boolean;
  /** Both ends are on this machine. */
  readonly isHere: boolean;
}

/** Makes nodes and finds them. */
export class TreeNodes {
  readonly #context: TreeNodesContext;
  readonly #wishes;
  readonly #underWay = new Map<number, TreeNode>();
  #nextId = 0;

  constructor(context: TreeNodesContext) {
    this.#context = context;
    this.#wishes = itemWishes(context.options);
  }

  /** Makes the top of a walk. */
  root(): TreeNode {
    const { plan, targetExists } = this.#context;
    return new TreeNode({
      id: this.#nextId++,
      path: "",
      parent: undefined,
      index: 0,
      origins: plan.contents,
      named: namedGroups(plan, plan.names, ""),
      plan: plan.names,
      isTop: plan.contents.length > 0,
      targetExists,
      isUnwanted: false,
      item: undefined,
      entry: undefined,
      mustClose: false,
    });
  }

  /** Makes the subdirectory `index` of a node; `silently` = without a line of its own. */
  child(node: TreeNode, list: SubdirectoryList, index: number, silently: boolean): TreeNode {
    const { listing, orders } = list;
    const { options, items, plan, isFar } = this.#context;
    const name = listing.name(index);
    const path = joinPath(node.known.path, name);
    const changes = orders.changes[index] as number;
    const made = list.made[index] as number;
    // A directory that was made like one of a basis directory is new all the same.
    const news = made === 2 ? changes | change.created : changes;
    const wanted = items === "all" || (items === "changed" && (changes & significantChanges) !== 0);
    const exists = made === 1 || (made === 2 && !options.transfer.dryRun);
    const bare = isBare(options, node, list, index);
    const inside = isFar
      ? farInside(path)
      : insideOf(plan, options, node.known, { listing, index, path, name });
    const child = new TreeNode({
      id: this.#nextId++,
      path,
      parent: node,
      index: list.placeOf(index),
      origins: inside.origins,
      named: inside.named,
      plan: inside.plan,
      isTop: inside.isTop,
      targetExists: exists,
      isUnwanted: made === 0,
      item:
        wanted && made !== 0 && !silently && !bare
          ? directoryItem({ plan, wishes: this.#wishes }, { node, list, index, path })
          : undefined,
      entry: exists && !bare ? { list, index } : undefined,
      mustClose: (news & (change.created | change.mtime | change.atime)) !== 0,
    });
    // Its survey may have come along.
    child.far = list.brought?.get(index)?.far ?? -1;
    return child;
  }

  /** Makes what stands for the entries of a directory that are dealt with late; until they are, it is not done. */
  late(node: TreeNode, rows: Uint32Array): TreeNode {
    const { known } = node;
    const own = { parent: node, index: -1, item: undefined, entry: undefined, mustClose: false };
    const late = new TreeNode({ ...known, ...own, id: this.#nextId++, lateOf: node });
    late.far = node.far;
    node.unfinished++;
    node.late = new LateRows(rows);
    this.begin(late);
    return late;
  }

  /**
   * Says whether a directory is looked into. What the target takes nothing of is counted all the same by
   * manifold-rsync: rsync knows all of the source before it decides.
   */
  isSurveyed({ known }: TreeNode, deletionsOnly: boolean): boolean {
    if (known.origins.length === 0 && known.named.length === 0) return false;
    const { options, isHere } = this.#context;
    const countsAll = options.personality === "manifold-rsync" && isHere && !deletionsOnly;
    return !known.isUnwanted || countsAll;
  }

  /** Tasks are going out for the node. */
  begin(node: TreeNode): void {
    this.#underWay.set(node.known.id, node);
  }

  /** Forgets a node that is done, and those above that were waiting for it alone; tells `done` of each. */
  finish(start: TreeNode, done: (node: TreeNode) => void): void {
    let node: TreeNode | undefined = start;
    while (node !== undefined && !node.busy && !node.finished) {
      node.finished = true;
      this.#underWay.delete(node.known.id);
      const parent: TreeNode | undefined = node.known.parent;
      if (node.known.lateOf === undefined) done(node);
      else this.#endLate(node, node.known.lateOf);
      if (parent !== undefined) parent.unfinished--;
      node = parent;
    }
  }

  #endLate({ touched }: TreeNode, node: TreeNode): void {
    node.touched ||= touched;
    if (node.late !== undefined) node.late.isOver = true;
  }

  /** The node that news are about; undefined once it is done. */
  find(id: number): TreeNode | undefined {
    return this.#underWay.get(id);
  }

  /** The node that a result is about. */
  of(id: number): TreeNode {
    const node = this.#underWay.get(id);
    assert(node !== undefined, "A result belongs to a directory that is under way.");
    return node;
  }
}
