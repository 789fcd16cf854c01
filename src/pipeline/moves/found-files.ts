// Files that some wanted file may be, as columns: what they are ranked by, and where the rest of them is found.

import { regrow } from "../../tree/index.ts";
import type { BlockCursor } from "./packed-files.ts";
import type { DirectoryTraits, NameTraits } from "./path-traits.ts";

const wordColumns = [
  "index",
  "tag",
  "mtimeNanos",
  "name",
  "stem",
  "extension",
  "path",
  "parent",
  "base",
  "rank",
] as const;
const doubleColumns = ["place", "size", "mtime"] as const;

/** Found files by number. */
export class FoundFiles {
  count = 0;
  /** The block of Candidates, and the index in it. */
  place: Float64Array = new Float64Array(0);
  index: Uint32Array = new Uint32Array(0);
  tag: Uint32Array = new Uint32Array(0);
  size: Float64Array = new Float64Array(0);
  mtime: Float64Array = new Float64Array(0);
  mtimeNanos: Uint32Array = new Uint32Array(0);
  /** Traits of the name. */
  name: Uint32Array = new Uint32Array(0);
  stem: Uint32Array = new Uint32Array(0);
  extension: Uint32Array = new Uint32Array(0);
  /** Traits of the directory. */
  path: Uint32Array = new Uint32Array(0);
  parent: Uint32Array = new Uint32Array(0);
  base: Uint32Array = new Uint32Array(0);
  /** A number that depends on the path alone: the lower goes first where nothing else decides. */
  rank: Uint32Array = new Uint32Array(0);

  /** Adds file `index` of a block and returns its number. */
  add(
    cursor: BlockCursor,
    place: number,
    index: number,
    name: NameTraits,
    directory: DirectoryTraits,
    rank: number,
  ): number {
    const i = this.count++;
    if (i === this.index.length) this.#grow();
    this.place[i] = place;
    this.index[i] = index;
    this.tag[i] = cursor.tag;
    this.size[i] = cursor.sizes[cursor.sizeAt + index] as number;
    this.mtime[i] = cursor.sizes[cursor.sizeAt + cursor.count + index] as number;
    this.mtimeNanos[i] = cursor.words[cursor.nanosAt + index] as number;
    this.name[i] = name.name;
    this.stem[i] = name.stem;
    this.extension[i] = name.extension;
    this.path[i] = directory.path;
    this.parent[i] = directory.parent;
    this.base[i] = directory.base;
    this.rank[i] = rank;
    return i;
  }

  /** Says whether two numbers are those of one file. */
  isSame(a: number, b: number): boolean {
    return this.index[a] === this.index[b] && this.place[a] === this.place[b];
  }

  #grow(): void {
    const capacity = Math.max(64, this.index.length * 2);
    for (const column of wordColumns) this[column] = regrow(this[column], Uint32Array, capacity);
    for (const column of doubleColumns) {
      this[column] = regrow(this[column], Float64Array, capacity);
    }
  }
}
