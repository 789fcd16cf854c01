// The difference of two trees, pair of directories by pair, as records of a changeset.

import { type ByteString, baseName } from "../../base/index.ts";
import {
  addIdNames,
  type CarriedAttributes,
  type ChangesetWriter,
  carriedAttributes,
  carryState,
  clearState,
  collectDeletion,
  collectOrders,
  copyState,
  type ListedDirectory,
  OrderedDirectory,
  type OrderSpool,
  Orders,
  order,
  orderKind,
  type Preserved,
  States,
  selfName,
} from "../../changeset/index.ts";
import {
  type DiffOptions,
  diffDirectory,
  settleChanged,
  settleSame,
} from "../../pipeline/index.ts";
import { Directory, isDirectory, matchEntries, verdictProtect } from "../../tree/index.ts";
import type { DirectoryPair } from "./compare-trees.ts";
import type { LateOrders } from "./late-orders.ts";
import { leftAlone, makesWay, OpenDirectories, type OpenDirectory } from "./open-directories.ts";
import type { Steps } from "./steps.ts";

/** What a difference is made with. */
export interface DifferenceContext {
  readonly diff: DiffOptions;
  readonly preserves: readonly Preserved[];
  readonly writer: ChangesetWriter;
  /** Where closing records wait. */
  readonly closings: OrderSpool;
  /** What the source does not have is deleted. */
  readonly deletes: boolean;
  /** What is in a directory that makes way goes in any case (--force). */
  readonly force: boolean;
  /** Says whether an entry has the same content on both sides; asked for equal sizes, with --checksum. */
  readonly sameContent: (pair: DirectoryPair, i: number, t: number) => boolean;
  /** Keeps orders back whose content the target may have under another name; undefined = nobody looks for that. */
  readonly late: LateOrders | undefined;
  /** Hears of all orders of the pair that was taken last, before any is written or waits. */
  readonly compared?: (orders: OrderedDirectory) => void;
  /** Adds what is known of old content to orders that are about to be written. */
  readonly describe: (path: ByteString, orders: OrderedDirectory) => void;
  /** Adds records that follow rows [from, to) of the orders just written. */
  readonly follow: (path: ByteString, orders: OrderedDirectory, from: number, to: number) => Steps;
}

const noNote = (): void => undefined;

/** Compares pairs in listing order, and writes. */
export class TreeDifference {
  readonly #context: DifferenceContext;
  readonly #carried: CarriedAttributes;
  readonly #orders = new Orders();
  readonly #changes = new OrderedDirectory();
  readonly #closing = new OrderedDirectory();
  readonly #open: OpenDirectories;
  /** Numbers of closing bodies in the spool, children first. */
  readonly #closed: (readonly [from: number, to: number])[] = [];
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  #taken = new Uint8Array(256);

  constructor(context: DifferenceContext) {
    this.#context = context;
    this.#carried = carriedAttributes(context.preserves);
    this.#open = new OpenDirectories(({ closing }) => {
      if (closing !== undefined) this.#closed.push(closing);
    });
  }

  /** Takes the next pair. */
  *take(pair: DirectoryPair): Steps {
    const { path, source, target } = pair;
    this.#context.late?.see(path, target);
    const { entered, parent } = this.#open.enter(path);
    addIdNames(source.users, this.#users);
    addIdNames(source.groups, this.#groups);
    const row = parent?.rows.get(baseName(path));
    if (parent !== undefined) {
      const isKept = row === undefined || parent.subdirectories.kind[row] === leftAlone;
      entered.isLeftAlone = parent.isLeftAlone || isKept;
      if (entered.isLeftAlone) return;
      entered.makesWay = parent.makesWay || parent.subdirectories.kind[row as number] === makesWay;
    }
    const self = new OrderedDirectory();
    if (parent === undefined) this.#takeRoot(pair, self);
    else copySelf(parent, row as number, self);
    const { complete } = source.columns;
    this.#compare(pair);
    this.#changes.reset(path, complete);
    if (parent === undefined && self.kind[0] !== 0) addSelf(self, this.#changes);
    collectOrders(
      { source: source.states, target: target.states, orders: this.#orders },
      this.#carried,
      this.#changes,
    );
    this.#context.compared?.(this.#changes);
    yield* this.#writeChanges();
    const { deletes: deletesAny, force } = this.#context;
    const deletes = complete && (deletesAny || (force && entered.makesWay));
    this.#noteSubdirectories(pair, entered, deletes);
    this.#close(pair, entered, self, deletes);
  }

  /** Writes what comes last. Without `deletes` nothing is deleted after all. */
  *finish(deletes: boolean): Steps {
    this.#open.leaveAll();
    const { closings, writer, late } = this.#context;
    if (late !== undefined) yield* late.match();
    for (const orders of late?.decide() ?? []) yield* this.#write("late", orders);
    const amend = late && ((orders: OrderedDirectory) => late.amend(orders));
    for (const [from, to] of this.#closed) {
      closings.write(writer, from, to, deletes ? "all" : "no deletions", amend);
      yield;
    }
  }

  /** Takes the root's own entry out of the listings, and compares it. */
  #takeRoot(pair: DirectoryPair, self: OrderedDirectory): void {
    const [source, target] = [takeSelf(pair.source), takeSelf(pair.target)];
    addNamedRow(self, 0);
    if (target === undefined) clearState(self.before, 0);
    else carryState(target, 0, self.before, 0, this.#carried);
    if (source === undefined) {
      // Nothing is said about it: it stays as it is.
      copyState(self.before, 0, self.after, 0);
      return;
    }
    const orders = this.#orders;
    orders.reset(1);
    orders.target[0] = target === undefined ? -1 : 0;
    const none = new Directory();
    diffDirectory(this.#context.diff, "", source.columns, target?.columns ?? none, orders, noNote);
    carryState(source, 0, self.after, 0, this.#carried);
    const isSame = orders.kind[0] === order.none || orders.kind[0] === order.skip;
    self.kind[0] = isSame ? 0 : orderKind.meta;
  }

  #compare(pair: DirectoryPair): void {
    const { source, target, path } = pair;
    const orders = this.#orders;
    const [from, to] = [source.columns, target.columns];
    orders.reset(from.count);
    if (this.#taken.length < to.count) this.#taken = new Uint8Array(to.count * 2);
    matchEntries(from, to, orders.target, this.#taken);
    const { diff, sameContent } = this.#context;
    diffDirectory(diff, path, from, to, orders, noNote);
    if (!diff.checksum) return;
    for (let i = 0; i < from.count; i++) {
      if (orders.kind[i] !== order.compare) continue;
      const t = orders.target[i] as number;
      if (sameContent(pair, i, t)) settleSame(diff, from, i, to, t, orders);
      else settleChanged(diff, from, i, to, t, orders);
    }
  }

  *#writeChanges(): Steps {
    const changes = this.#context.late?.keep(this.#changes) ?? this.#changes;
    if (changes.count > 0 || !changes.complete) yield* this.#write("directory", changes);
  }

  *#write(section: "directory" | "late", changes: OrderedDirectory): Steps {
    addIdNames(this.#users, changes.users);
    addIdNames(this.#groups, changes.groups);
    this.#users.clear();
    this.#groups.clear();
    const { writer, describe, follow } = this.#context;
    describe(changes.path, changes);
    let from = 0;
    do {
      const to = writer.orders(section, changes, from);
      yield* follow(changes.path, changes, from, to);
      from = to;
    } while (from < changes.count);
  }

  /** Remembers what is known of the subdirectories until they are entered. */
  #noteSubdirectories(pair: DirectoryPair, entered: OpenDirectory, deletes: boolean): void {
    const { source, target } = pair;
    const { subdirectories, rows } = entered;
    const orders = this.#orders;
    const add = (listed: ListedDirectory, i: number, kind: number): number => {
      const { names, nameStart, nameLength } = listed.columns;
      const start = nameStart[i] as number;
      const end = start + (nameLength[i] as number);
      const row = subdirectories.addRow(kind, names, start, end);
      clearState(subdirectories.before, row);
      clearState(subdirectories.after, row);
      rows.set(listed.columns.name(i), row);
      return row;
    };
    for (let i = source.columns.count - 1; i >= 0 && source.columns.isDirectory(i); i--) {
      const decided = orders.kind[i] as number;
      const kind = decided === order.skip ? leftAlone : decided === order.none ? 0 : orderKind.meta;
      const row = add(source, i, kind);
      carryState(source.states, i, subdirectories.after, row, this.#carried);
      const t = orders.target[i] as number;
      if (t >= 0 && target.columns.isDirectory(t)) {
        carryState(target.states, t, subdirectories.before, row, this.#carried);
      }
    }
    for (let t = target.columns.count - 1; t >= 0 && target.columns.isDirectory(t); t--) {
      if (rows.has(target.columns.name(t))) continue;
      const isReplaced = this.#taken[t] === 1;
      const goes = isReplaced ? !this.#isSkipped(t) : deletes && !isProtected(target.columns, t);
      const row = add(target, t, goes ? (isReplaced ? makesWay : orderKind.meta) : leftAlone);
      carryState(target.states, t, subdirectories.before, row, this.#carried);
    }
  }

  /** Says whether the source entry that target entry `t` belongs to is left alone. */
  #isSkipped(t: number): boolean {
    const { count, target, kind } = this.#orders;
    const i = target.subarray(0, count).indexOf(t);
    return kind[i] === order.skip;
  }

  #close(
    { path, target }: DirectoryPair,
    entered: OpenDirectory,
    self: OrderedDirectory,
    deletes: boolean,
  ): void {
    const closing = this.#closing;
    closing.reset(path);
    const deletions: number[] = [];
    if (deletes) {
      for (let t = 0; t < target.columns.count; t++) {
        if (this.#taken[t] === 0 && !isProtected(target.columns, t)) deletions.push(t);
      }
    }
    const isTouched = self.kind[0] !== 0 || this.#changes.count > 0 || deletions.length > 0;
    if (isTouched && (self.before.columns.mode[0] || self.after.columns.mode[0])) {
      addSelf(self, closing);
    }
    for (const t of deletions) collectDeletion(target.states, t, this.#carried, closing);
    if (closing.count > 0) entered.closing = this.#context.closings.put(closing);
  }
}

/** Filters keep the entry of the target from being deleted. */
function isProtected({ verdict }: Directory, t: number): boolean {
  return ((verdict[t] as number) & verdictProtect) !== 0;
}

const selfBytes = Uint8Array.of(selfName.charCodeAt(0));

function addNamedRow(orders: OrderedDirectory, kind: number): number {
  return orders.addRow(kind, selfBytes, 0, selfBytes.length);
}

/** Appends the directory's own row. */
function addSelf(self: OrderedDirectory, orders: OrderedDirectory): void {
  const row = addNamedRow(orders, orderKind.meta);
  copyState(self.before, 0, orders.before, row);
  copyState(self.after, 0, orders.after, row);
}

/** Makes `self` the row of a subdirectory in its parent's listing. */
function copySelf(parent: OpenDirectory, row: number, self: OrderedDirectory): void {
  const { subdirectories } = parent;
  addNamedRow(self, subdirectories.kind[row] as number);
  copyState(subdirectories.before, row, self.before, 0);
  copyState(subdirectories.after, row, self.after, 0);
}

/** Takes the entry "." out of the root's listing. */
function takeSelf(listed: ListedDirectory): States | undefined {
  const { columns, states } = listed;
  const { count } = columns;
  if (count === 0 || columns.nameLength[0] !== 1 || columns.name(0) !== selfName) return undefined;
  const self = new States();
  self.columns.add(selfName, columns.mode[0] as number);
  self.columns.copyAttributes(0, columns, 0);
  const xattrs = columns.xattrs.get(0);
  if (xattrs !== undefined) self.columns.setXattrs(0, xattrs);
  columns.select(Uint32Array.from({ length: count - 1 }, (_, i) => i + 1));
  shift(states.digests);
  shift(states.links);
  return isDirectory(self.columns.mode[0] as number) ? self : undefined;
}

/** Moves every row of a side table up by one. */
function shift<T>(table: Map<number, T>): void {
  const rows = [...table];
  table.clear();
  for (const [row, value] of rows) table.set(row - 1, value);
}
