// Rules that concern the tree as a whole: whether orders of different directories contradict one
// another. A changeset that breaks them cannot do harm, as the receiver meets an entry that is not
// what it should be; but it is refused before the first write where it can be read twice.
//
// It remembers a hash of every path that has an order: 9 bytes for each, twice that while growing.

import { type ByteString, joinPath } from "../base/index.ts";
import { isDirectory } from "../tree/index.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import type { Section } from "./order-codec.ts";
import { type OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { selfName } from "./paths.ts";

/** What is remembered of a path. */
const hasOrder = 1;
/** It becomes, or stays, something that is not a directory. */
const isFile = 2;
/** Something below it has an order. */
const holdsOrders = 4;
/** A LINK before the late section needs it. */
const isLeader = 8;
const isDeleted = 16;
/** It was not there, or was something that is not a directory. */
const wasFile = 32;
/** Something was below it. */
const heldEntries = 64;

const slash = 0x2f;

/** Remembers and checks orders, record by record. */
export class TreeRules {
  readonly #paths = new PathFlags();

  /** Takes the orders of one record. */
  orders(section: Section, orders: OrderedDirectory, offset: number): void {
    if (this.#paths.count > limits.verifiedPaths) return;
    if (section === "closing") this.#deletions(orders, offset);
    else this.#changes(section, orders, offset);
  }

  #changes(section: Section, orders: OrderedDirectory, offset: number): void {
    const { path, count, before } = orders;
    this.#enter(path, offset);
    const isNew = this.#isNew(path);
    for (let i = 0; i < count; i++) {
      const name = orders.name(i);
      if (name === selfName) continue;
      const wasMode = before.columns.mode[i] as number;
      if (wasMode !== 0) this.#note(path, isNew, offset);
      const own = joinPath(path, name);
      const known = this.#paths.get(own);
      if (known & hasOrder) throw invalid("order", offset, "a path has two orders");
      if (known & heldEntries && !isDirectory(wasMode)) throw noDirectoryWas(offset);
      const becomesFile = !isDirectory(orders.after.columns.mode[i] as number);
      if (becomesFile && known & holdsOrders) {
        throw invalid("order", offset, "what has orders below it is no directory");
      }
      if (section === "late" && known & isLeader) {
        throw invalid("link", offset, "a hard link stands before what it links to");
      }
      const was = isDirectory(wasMode) ? 0 : wasFile;
      this.#paths.add(own, hasOrder | was | (becomesFile ? isFile : 0));
      const link = orders.after.links.get(i);
      if (link === undefined) continue;
      this.#paths.add(link, isLeader);
    }
  }

  /** Every directory on the way to an order is one, and stays. */
  #enter(path: ByteString, offset: number): void {
    if (path === "") return;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = path.slice(0, end);
      const known = this.#paths.get(above);
      if (known & isFile) throw invalid("path", offset, "it leads through what is no directory");
      if (known & holdsOrders) return;
      this.#paths.add(above, holdsOrders);
    }
  }

  /** Something was in the directory. */
  #note(path: ByteString, isNew: boolean, offset: number): void {
    if (isNew) throw noDirectoryWas(offset);
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = path.slice(0, end);
      if (this.#paths.get(above) & heldEntries) return;
      this.#paths.add(above, heldEntries);
    }
  }

  /** Says whether nothing can have been in the directory before. */
  #isNew(path: ByteString): boolean {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (this.#paths.get(path.slice(0, end)) & wasFile) return true;
    }
    return false;
  }

  #deletions(orders: OrderedDirectory, offset: number): void {
    const { path, count } = orders;
    const isNew = this.#isNew(path);
    for (let i = 0; i < count; i++) {
      if (orders.kind[i] !== orderKind.del) continue;
      this.#note(path, isNew, offset);
      const own = joinPath(path, orders.name(i));
      const known = this.#paths.get(own);
      if (known & (hasOrder | isDeleted)) throw invalid("order", offset, "a path has two orders");
      if (known & holdsOrders) throw invalid("order", offset, "deletes what has orders below it");
      if (known & isLeader) throw invalid("order", offset, "deletes what a hard link needs");
      const was = orders.before.columns.mode[i] as number;
      if (known & heldEntries && !isDirectory(was)) throw noDirectoryWas(offset);
      this.#paths.add(own, isDeleted);
    }
  }
}

function noDirectoryWas(offset: number): Error {
  return invalid("order", offset, "something was below what was no directory");
}

/** Flags by path, by 64 bits of hash: an accident is as likely as a failing machine. */
class PathFlags {
  count = 0;
  #capacity = 1 << 12;
  #first = new Uint32Array(this.#capacity);
  #second = new Uint32Array(this.#capacity);
  #flags = new Uint8Array(this.#capacity);
  /** The hash of the path that was asked for last. */
  #a = 0;
  #b = 0;

  get(path: ByteString): number {
    this.#hash(path);
    return this.#flags[this.#slot()] as number;
  }

  add(path: ByteString, flags: number): void {
    this.#hash(path);
    const slot = this.#slot();
    if (this.#flags[slot] === 0) {
      this.count++;
      this.#first[slot] = this.#a;
      this.#second[slot] = this.#b;
    }
    this.#flags[slot] = (this.#flags[slot] as number) | flags;
    if (this.count * 4 > this.#capacity * 3) this.#grow();
  }

  /** FNV-1a beside a multiplicative hash: two independent walks over the bytes. */
  #hash(path: ByteString): void {
    let a = 0x811c9dc5;
    let b = slash;
    for (let i = 0; i < path.length; i++) {
      const byte = path.charCodeAt(i);
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b, 0x5bd1e995) + byte;
      b ^= b >>> 15;
    }
    this.#a = a >>> 0;
    this.#b = b >>> 0;
  }

  #slot(): number {
    const mask = this.#capacity - 1;
    let slot = (this.#a ^ (this.#b >>> 7)) & mask;
    while (
      this.#flags[slot] !== 0 &&
      (this.#first[slot] !== this.#a || this.#second[slot] !== this.#b)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [first, second, flags] = [this.#first, this.#second, this.#flags];
    const old = this.#capacity;
    this.#capacity = old * 2;
    this.#first = new Uint32Array(this.#capacity);
    this.#second = new Uint32Array(this.#capacity);
    this.#flags = new Uint8Array(this.#capacity);
    for (let i = 0; i < old; i++) {
      if (flags[i] === 0) continue;
      this.#a = first[i] as number;
      this.#b = second[i] as number;
      const slot = this.#slot();
      this.#first[slot] = this.#a;
      this.#second[slot] = this.#b;
      this.#flags[slot] = flags[i] as number;
    }
  }
}
