// What a run asked a source on another machine for, so that what comes can be held against it: the arguments, with
// wildcards as they are, and the lines of a list. A list may name a million paths: they are kept as keyed
// digests in memory that all lanes share.

import { type ByteString, joinPath, systemRandom, toBytes } from "../../base/index.ts";
import { digestOf, strongDigestName } from "../../hash/index.ts";
import { matchesPattern } from "../../tree/index.ts";
import type { SourceArgument } from "./source-argument.ts";

/** An argument with wildcards: each component is a pattern. */
export interface AskedPattern {
  readonly components: readonly ByteString[];
  /** Should it be a directory, its contents are wanted. */
  readonly contents: boolean;
}

/** What was asked for. Plain values: lanes are told. */
export interface AskedPaths {
  /** Everything may stand in the top. */
  readonly all: boolean;
  /** The top's own entry may come. */
  readonly self: boolean;
  /** Key, and slots of three words: two of the path's digest, and flags. */
  readonly key: Uint8Array;
  readonly table: SharedArrayBuffer;
  readonly patterns: readonly AskedPattern[];
}

/** How something was asked for: 0 = it was not. */
export const asked = { named: 1, contents: 2, implied: 4 } as const;

const slotWords = 3;
const keyBytes = 16;
/** 64 bits, with a key that nobody else knows: who guesses a path that passes for one of a million guesses 2^44 times. */
const digestBytes = 8;

/** Takes arguments. */
export class AskedBuilder {
  readonly #walk: { readonly recurse: boolean; readonly dirs: boolean };
  readonly #key = Uint8Array.from({ length: keyBytes }, () => systemRandom.uint32() & 0xff);
  readonly #patterns: AskedPattern[] = [];
  #table = new Uint32Array(64 * slotWords);
  #count = 0;
  #all = false;
  #self = false;
  /** Parents of the last one, which the next one often has, too. */
  #parents: ByteString[] = [];

  constructor(walk: { readonly recurse: boolean; readonly dirs: boolean }) {
    this.#walk = walk;
  }

  /** Takes one; `isPattern`: wildcards stand for names, and a backslash may stand before them. */
  add({ path, slash, dot }: SourceArgument, isPattern: boolean): void {
    const { recurse, dirs } = this.#walk;
    const contents = recurse || (slash && dirs);
    if (path.length === 0 || dot) this.#self = true;
    if (path.length === 0) {
      this.#all ||= contents;
      return;
    }
    const components = isPattern ? path.map(unescaped) : path;
    const last = components.length - 1;
    const known = this.#parents;
    this.#parents = [];
    let at = "";
    for (const [depth, component] of components.entries()) {
      at = joinPath(at, component);
      if (depth === last) this.#put(at, asked.named | (contents ? asked.contents : 0));
      else {
        if (known[depth] !== at) this.#put(at, asked.implied);
        this.#parents.push(at);
      }
    }
    if (!isPattern || !path.some(hasWildcard)) return;
    this.#patterns.push({ components: path.map(escaped), contents });
  }

  /** Returns what was taken. */
  paths(): AskedPaths {
    const table = new SharedArrayBuffer(this.#table.byteLength);
    new Uint32Array(table).set(this.#table);
    const [key, patterns] = [this.#key, this.#patterns];
    return { all: this.#all, self: this.#self, key, table, patterns };
  }

  #put(path: ByteString, flags: number): void {
    const slot = slotOf(this.#table, digestPath(this.#key, path));
    if (this.#table[slot + 2] === 0) this.#count++;
    this.#table[slot + 2] = (this.#table[slot + 2] as number) | flags;
    if (this.#count * 2 * slotWords > this.#table.length) this.#grow();
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += slotWords) {
      if (old[at + 2] === 0) continue;
      const slot = slotOf(this.#table, old.subarray(at, at + 2));
      this.#table[slot + 2] = old[at + 2] as number;
    }
  }
}

/** Returns how the path `name` of the directory `parent` was asked for. */
export function askedFor(paths: AskedPaths, parent: ByteString, name: ByteString): number {
  const path = joinPath(parent, name);
  const table = new Uint32Array(paths.table);
  let flags = table[slotOf(table, digestPath(paths.key, path), true) + 2] as number;
  if (paths.patterns.length === 0) return flags;
  const components = path.split("/");
  for (const pattern of paths.patterns) {
    const { length } = pattern.components;
    if (components.length > length || !matchesAll(pattern.components, components)) continue;
    if (components.length < length) flags |= asked.implied;
    else flags |= asked.named | (pattern.contents ? asked.contents : 0);
  }
  return flags;
}

/** Says whether everything in a directory was asked for. */
export function isAskedWhole(paths: AskedPaths, directory: ByteString): boolean {
  if (paths.all) return true;
  if (directory === "") return false;
  let parent = "";
  for (const name of directory.split("/")) {
    if ((askedFor(paths, parent, name) & asked.contents) !== 0) return true;
    parent = joinPath(parent, name);
  }
  return false;
}

function matchesAll(patterns: readonly ByteString[], names: readonly ByteString[]): boolean {
  return names.every((name, i) => matchesPattern(patterns[i] as ByteString, name));
}

function digestPath(key: Uint8Array, path: ByteString): Uint32Array {
  const text = toBytes(path);
  const bytes = new Uint8Array(key.length + text.length);
  bytes.set(key);
  bytes.set(text, key.length);
  return new Uint32Array(digestOf(strongDigestName(), bytes).slice(0, digestBytes).buffer);
}

/** Returns the slot of a digest; one that was free has the digest afterwards, unless it is only looked for. */
function slotOf(table: Uint32Array, digest: Uint32Array, looks = false): number {
  const [high = 0, low = 0] = digest;
  const slots = table.length / slotWords;
  for (let slot = low % slots; ; slot = (slot + 1) % slots) {
    const at = slot * slotWords;
    if (table[at + 2] === 0) {
      if (looks) return at;
      table[at] = high;
      table[at + 1] = low;
      return at;
    }
    if (table[at] === high && table[at + 1] === low) return at;
  }
}

function hasWildcard(name: ByteString): boolean {
  return /[*?[]/.test(name.replaceAll(/\\[*?[\]]/g, ""));
}

/** A backslash means something only before a wildcard. */
function escaped(name: ByteString): ByteString {
  return name.replaceAll(/\\(?![*?[\]])/g, "\\\\");
}

function unescaped(name: ByteString): ByteString {
  return name.replaceAll(/\\([*?[\]])/g, "$1");
}
