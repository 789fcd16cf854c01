// What nobody has been asked for yet: files by the sources that have them, large ones first and in
// pieces, small ones in the order in which they were listed and in bundles. 24 bytes a small file.

import { assert } from "../../base/index.ts";
import type { Part } from "./assignment.ts";
import { bundleFilesMax, pieceAlign, splitBytesMin } from "./limits.ts";
import { LongestFirst } from "./longest-first.ts";

/** What a source can take: how much, and what every file of a bundle costs it besides its bytes. */
export interface Portion {
  readonly bytes: number;
  readonly fileCost: number;
  /** Parts of files are of use. */
  readonly ranges: boolean;
}

/** Files that the same sources have. */
class Shelf {
  readonly mask: number;
  /** Large files. */
  readonly large = new LongestFirst();
  /** Parts that came back, or were begun: they go first. */
  readonly begun: Part[] = [];
  #files = new Uint32Array(64);
  #sizes = new Float64Array(64);
  #first = 0;
  #end = 0;
  bytes = 0;

  constructor(mask: number) {
    this.mask = mask;
  }

  /** Small files. */
  get count(): number {
    return this.#end - this.#first;
  }

  push(file: number, size: number): void {
    if (this.#end === this.#files.length) this.#makeRoom();
    this.#files[this.#end] = file;
    this.#sizes[this.#end] = size;
    this.#end++;
  }

  /** The first small file's size. */
  get size(): number {
    return this.#sizes[this.#first] as number;
  }

  shift(): Part {
    const file = this.#files[this.#first] as number;
    const to = this.#sizes[this.#first] as number;
    this.#first++;
    return { file, from: 0, to };
  }

  #makeRoom(): void {
    const count = this.count;
    const length = count * 2 > this.#files.length ? this.#files.length * 2 : this.#files.length;
    const files = new Uint32Array(length);
    const sizes = new Float64Array(length);
    files.set(this.#files.subarray(this.#first, this.#end));
    sizes.set(this.#sizes.subarray(this.#first, this.#end));
    this.#files = files;
    this.#sizes = sizes;
    this.#first = 0;
    this.#end = count;
  }
}

/** Everything that is not dealt out. */
export class Backlog {
  readonly #shelves = new Map<number, Shelf>();
  bytes = 0;

  /** Adds a file that the sources of `mask` have. */
  add(file: number, size: number, mask: number): void {
    assert(size > 0, "What is empty needs no source.");
    const shelf = this.#shelf(mask);
    if (size < splitBytesMin) shelf.push(file, size);
    else shelf.large.push({ file, from: 0, to: size });
    this.#count(shelf, size);
  }

  /** Takes parts back. */
  put(part: Part, mask: number): void {
    const shelf = this.#shelf(mask);
    shelf.begun.push(part);
    this.#count(shelf, part.to - part.from);
  }

  /** The sources of a file that was begun are others: what is left of it is theirs from here on. */
  move(file: number, mask: number): void {
    const parts: Part[] = [];
    for (const shelf of this.#shelves.values()) {
      for (let at = shelf.begun.length - 1; at >= 0; at--) {
        const part = shelf.begun[at] as Part;
        if (part.file !== file || shelf.mask === mask) continue;
        shelf.begun.splice(at, 1);
        this.#count(shelf, part.from - part.to);
        parts.push(part);
      }
    }
    for (const part of parts) this.put(part, mask);
  }

  /** Others have some of it now: everything is sorted anew by who has it. */
  sort(maskOf: (file: number) => number): void {
    const shelves = [...this.#shelves.values()];
    this.#shelves.clear();
    this.bytes = 0;
    for (const shelf of shelves) {
      const { begun, large } = shelf;
      for (const part of begun) this.put(part, maskOf(part.file));
      for (let part = large.longest; part !== undefined; part = large.longest) {
        large.shift();
        const to = this.#shelf(maskOf(part.file));
        to.large.push(part);
        this.#count(to, part.to - part.from);
      }
      while (shelf.count > 0) {
        const { file, to } = shelf.shift();
        this.add(file, to, maskOf(file));
      }
    }
  }

  /** The sets of sources that something is left for, with how many bytes and small files. */
  *rests(): Generator<{ readonly mask: number; readonly bytes: number; readonly files: number }> {
    for (const { mask, bytes, count } of this.#shelves.values()) {
      if (bytes > 0) yield { mask, bytes, files: count };
    }
  }

  /** Takes a portion of what the sources of `mask` have; empty when there is nothing that can be taken. */
  take(mask: number, portion: Portion): Part[] {
    const shelf = this.#shelves.get(mask);
    if (shelf === undefined || shelf.bytes === 0) return [];
    const parts = takeParts(shelf, portion);
    for (const { from, to } of parts) this.#count(shelf, from - to);
    return parts;
  }

  /** Takes everything that none of the sources of `mask` has. */
  takeUnless(mask: number): Part[] {
    const gone: Part[] = [];
    for (const shelf of this.#shelves.values()) {
      if ((shelf.mask & mask) !== 0 || shelf.bytes === 0) continue;
      this.#count(shelf, -shelf.bytes);
      gone.push(...shelf.begun.splice(0));
      for (let part = shelf.large.longest; part !== undefined; part = shelf.large.longest) {
        gone.push(part);
        shelf.large.shift();
      }
      while (shelf.count > 0) gone.push(shelf.shift());
    }
    return gone;
  }

  #shelf(mask: number): Shelf {
    let shelf = this.#shelves.get(mask);
    if (shelf === undefined) {
      shelf = new Shelf(mask);
      this.#shelves.set(mask, shelf);
    }
    return shelf;
  }

  #count(shelf: Shelf, bytes: number): void {
    shelf.bytes += bytes;
    this.bytes += bytes;
  }
}

function takeParts(shelf: Shelf, portion: Portion): Part[] {
  const parts: Part[] = [];
  let open = portion.bytes;
  while (open > 0 && parts.length < bundleFilesMax) {
    const part = takePart(shelf, portion, open, parts.length > 0);
    if (part === undefined) break;
    parts.push(part);
    open -= part.to - part.from + portion.fileCost;
  }
  return parts;
}

/** The next part of at most about `open` bytes; undefined = nothing, or nothing so short. */
function takePart(
  shelf: Shelf,
  { ranges }: Portion,
  open: number,
  isMore: boolean,
): Part | undefined {
  const at = shelf.begun.findLastIndex(({ from }) => ranges || from === 0);
  const hasSmall = shelf.count > 0;
  if (at < 0 && hasSmall && (!ranges || shelf.large.count === 0)) {
    return !isMore || shelf.size <= open ? shelf.shift() : undefined;
  }
  const part = at >= 0 ? shelf.begun[at] : shelf.large.longest;
  if (part === undefined) return undefined;
  const length = part.to - part.from;
  const isWhole = !ranges || length < splitBytesMin || length <= open * 1.25;
  if (isMore && (isWhole ? length > open : open < pieceAlign)) return undefined;
  if (at >= 0) shelf.begun.splice(at, 1);
  else shelf.large.shift();
  const end = Math.ceil((part.from + open) / pieceAlign) * pieceAlign;
  if (isWhole || end >= part.to) return part;
  // A file that was begun goes on before another one is: fewer are open at the same time.
  shelf.begun.push({ ...part, from: end });
  return { ...part, to: end };
}
