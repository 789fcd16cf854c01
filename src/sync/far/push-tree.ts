// The source as rsync's file lists: directories come from lanes as they were surveyed, and leave as one list, or, with
// incremental recursion, as one list each, in rsync's order.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { ListedDirectory } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import type { ListTerms, PushWriter, WireEntry } from "../../rsync/index.ts";
import { listError } from "../../rsync/index.ts";
import { decodeDirectory } from "../../session/index.ts";
import { Directory, isDirectory, type ProgressEvent } from "../../tree/index.ts";
import type { FarTarget } from "../conduct/far-ends.ts";
import { insideOf } from "../conduct/inside-of.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { SendingDirectory } from "../tasks/far-tasks.ts";
import { PushDirectory, type PushedRow, PushIndices } from "./push-directory.ts";
import { countedKind, missingEntry, wireEntry } from "./push-entries.ts";

/** Entries that lists may be ahead of what the other end is done with: rsync's own number. */
const aheadMax = 10_000;

/** What the lists are made with. */
export interface PushTreeContext {
  readonly options: Options;
  readonly plan: TransferPlan;
  readonly terms: ListTerms;
  readonly out: PushWriter;
  readonly tell: (event: ProgressEvent) => void;
  /** Stops and goes on walking. */
  readonly hold: () => void;
  readonly release: () => void;
}

/** Takes directories. */
export class PushTree implements FarTarget {
  readonly #context: PushTreeContext;
  readonly indices = new PushIndices();
  /** Directories by the number of the conductor. */
  readonly #byNode = new Map<number, PushDirectory>();
  #root: PushDirectory | undefined;
  /** Directories whose subdirectories are being sent, the deepest last. */
  readonly #open: { readonly directory: PushDirectory; next: number }[] = [];
  /** Lists that were sent and are not done with: where each begins, and how many entries it has. */
  readonly #sent: { readonly start: number; readonly count: number }[] = [];
  #nextStart = 1;
  #directories = 0;
  /** Entries that have gone and that the other end is not done with. */
  #ahead = 0;
  #isHeld = false;
  #written = 0;
  readonly #links = new Map<string, number>();
  readonly #users = new Map<number, ByteString>();
  readonly #groups = new Map<number, ByteString>();
  /** Bits of `listError`. */
  errors = 0;
  /** Bytes of all files, and entries by type. */
  totalSize = 0;
  readonly counts = { regular: 0, directories: 0, symlinks: 0, devices: 0, specials: 0 };

  constructor(context: PushTreeContext) {
    this.#context = context;
    if (!context.terms.incremental) context.out.beginList();
  }

  holdsBack(): boolean {
    if (!this.#context.terms.incremental || !this.#isFarAhead) return false;
    if (!this.#isHeld) this.#context.hold();
    this.#isHeld = true;
    return true;
  }

  /** The last list that has gone is done with when another one has: whoever waited for that would wait for ever. */
  get #isFarAhead(): boolean {
    return this.#ahead - (this.#sent.at(-1)?.count ?? 0) >= aheadMax;
  }

  send(node: TreeNode, { record, listing }: SendingDirectory): void {
    const { id, path, origins, named, parent, index } = node.known;
    const told = decodeDirectory(record, new Directory());
    for (const event of told.events) this.#context.tell(event);
    const { columns } = told.listing;
    if (!columns.complete) this.errors |= listError.general;
    const kept = { path, origins, named, listing };
    const { absent } = told;
    const about = { node: id, errors: columns.complete ? 0 : listError.general, absent };
    const directory = new PushDirectory(kept, columns, told.self?.columns, about);
    this.#byNode.set(id, directory);
    const entries = this.#entriesOf(node, told.listing, told.self);
    for (const name of absent) entries.push({ ...missingEntry, name: joinPath(path, name) });
    this.#written += absent.length;
    if (parent === undefined) this.#root = directory;
    else this.#settle(parent.known.id, index, directory);
    if (!this.#context.terms.incremental) {
      for (const entry of entries) this.#context.out.entry(entry);
      return;
    }
    directory.entries = entries;
    if (parent === undefined) this.#sendList(directory, undefined);
    this.#goOn();
  }

  closed(node: TreeNode, index: number): void {
    this.#settle(node.known.id, index, "closed");
    this.#goOn();
  }

  #settle(parent: number, index: number, child: PushDirectory | "closed"): void {
    const directory = this.#byNode.get(parent);
    if (directory !== undefined) directory.children[index] = child;
  }

  /** The walk is over: nothing more comes. */
  walked(): void {
    const { terms, out } = this.#context;
    if (terms.incremental) {
      this.#goOn();
      out.endLists();
      return;
    }
    out.endList(this.errors, this.#users, this.#groups);
    if (this.#root !== undefined) this.#number(this.#root);
    this.#byNode.clear();
    this.#links.clear();
  }

  /** The oldest list is done with. */
  listDone(): void {
    const list = this.#sent.shift();
    if (list === undefined) return;
    this.#ahead -= list.count;
    this.indices.forget(list.start + list.count);
    if (!this.#isHeld || this.#isFarAhead) return;
    this.#isHeld = false;
    this.#context.release();
  }

  /** Returns the entry with that index; undefined = there is none. */
  find(index: number): PushedRow | undefined {
    return this.indices.find(index);
  }

  /** Numbers the entries of a list that went as one: depth first, and in each directory files first. */
  #number(root: PushDirectory): void {
    let next = 0;
    const stack = [{ directory: root, child: -1 }];
    if (root.self !== undefined) this.indices.add(next++, 1, root, -1);
    while (stack.length > 0) {
      const top = stack.at(-1) as (typeof stack)[0];
      const { directory } = top;
      if (top.child < 0) {
        next = this.indices.addRows(next, directory.files, directory);
      }
      top.child++;
      if (top.child === directory.children.length) {
        stack.pop();
        continue;
      }
      this.indices.add(next++, 1, directory, directory.files + top.child);
      const child = directory.children[top.child];
      if (child instanceof PushDirectory) stack.push({ directory: child, child: -1 });
    }
  }

  /** `named`: the entry that is this directory, in the list above; undefined = it is the first list. */
  #sendList(directory: PushDirectory, named: PushedRow | undefined): void {
    const { entries = [] } = directory;
    directory.entries = undefined;
    const start = this.#nextStart;
    this.#nextStart += entries.length + 1;
    const hasSelf = directory.self !== undefined;
    // The number ahead of a list is the directory's own.
    if (named !== undefined) this.indices.add(start - 1, 1, named.directory, named.row);
    else if (hasSelf) this.indices.add(0, 1, directory, -1);
    if (hasSelf) this.indices.add(start, 1, directory, -1);
    this.indices.addRows(start + (hasSelf ? 1 : 0), directory.columns.count, directory);
    directory.firstNumber = this.#directories + (hasSelf ? 1 : 0);
    this.#directories = directory.firstNumber + directory.children.length;
    this.#sent.push({ start, count: entries.length });
    this.#ahead += entries.length;
    const number = named && named.directory.firstNumber + named.row - named.directory.files;
    this.#context.out.subList(number, start, entries, directory.errors);
    this.#open.push({ directory, next: 0 });
  }

  /** Sends the lists whose turn it is. */
  #goOn(): void {
    for (;;) {
      const top = this.#open.at(-1);
      if (top === undefined) return;
      const { directory, next } = top;
      if (next === directory.children.length) {
        this.#open.pop();
        // Whatever is asked about it is found by its indices.
        this.#byNode.delete(directory.node);
        continue;
      }
      const child = directory.children[next];
      if (child === undefined) return;
      top.next++;
      directory.children[next] = "closed";
      const row = directory.files + next;
      if (child !== "closed") this.#sendList(child, { directory, row });
    }
  }

  #entriesOf(
    node: TreeNode,
    listing: ListedDirectory,
    self: ListedDirectory | undefined,
  ): WireEntry[] {
    const { columns } = listing;
    const entries: WireEntry[] = [];
    if (self !== undefined) {
      const known = { name: ".", isTop: true, isBare: false, firstLink: undefined };
      entries.push(this.#entryOf(self, 0, known));
    }
    const { path } = node.known;
    for (let row = 0; row < columns.count; row++) {
      const name = joinPath(path, columns.name(row));
      const how = columns.isDirectory(row) ? this.#insideOf(node, columns, row, name) : plain;
      entries.push(
        this.#entryOf(listing, row, { name, ...how, firstLink: this.#firstLink(columns, row) }),
      );
    }
    return entries;
  }

  #entryOf(
    listing: ListedDirectory,
    row: number,
    known: { name: ByteString; isTop: boolean; isBare: boolean; firstLink: number | undefined },
  ): WireEntry {
    const { terms } = this.#context;
    const { columns } = listing;
    this.#written++;
    this.#count(columns, row);
    const names = this.#nameIds(listing, columns.uid[row] as number, columns.gid[row] as number);
    return wireEntry(listing, row, terms, { ...known, ...names });
  }

  #count(columns: Directory, row: number): void {
    const mode = columns.mode[row] as number;
    this.counts[countedKind(mode)]++;
    if (!isDirectory(mode)) this.totalSize += columns.size[row] as number;
  }

  /** Says what there is to say of ids: with the entry, or behind the list. */
  #nameIds(
    { users, groups }: ListedDirectory,
    uid: number,
    gid: number,
  ): { userName: ByteString | undefined; groupName: ByteString | undefined } {
    const { owner, group, numericIds, incremental } = this.#context.terms;
    const take = (
      isWanted: boolean,
      named: ReadonlyMap<number, ByteString>,
      told: Map<number, ByteString>,
      id: number,
    ): ByteString | undefined => {
      if (!isWanted || numericIds || told.has(id)) return undefined;
      const name = named.get(id);
      if (name !== undefined) told.set(id, name);
      return incremental ? name : undefined;
    };
    return {
      userName: take(owner, users, this.#users, uid),
      groupName: take(group, groups, this.#groups, gid),
    };
  }

  #firstLink(columns: Directory, row: number): number | undefined {
    const { hardLinks } = this.#context.terms;
    if (!hardLinks || (columns.nlink[row] as number) < 2 || columns.isDirectory(row)) {
      return undefined;
    }
    const { devMajor, devMinor, inoHigh, inoLow } = columns;
    const key = `${devMajor[row]}:${devMinor[row]}:${inoHigh[row]}:${inoLow[row]}`;
    const first = this.#links.get(key);
    if (first !== undefined) return first;
    this.#links.set(key, this.#written);
    return this.#written;
  }

  /** A directory of which nothing is in the transfer is bare; one that only leads somewhere is a top, too. */
  #insideOf(
    node: TreeNode,
    listing: Directory,
    row: number,
    path: ByteString,
  ): { readonly isTop: boolean; readonly isBare: boolean } {
    const { options, plan } = this.#context;
    const name = listing.name(row);
    const inside = insideOf(plan, options, node.known, { listing, index: row, path, name });
    const isBare = inside.origins.length === 0;
    return { isTop: inside.isTop || (isBare && inside.named.length > 0), isBare };
  }
}

const plain = { isTop: false, isBare: false };
