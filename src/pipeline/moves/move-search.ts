// The passes over all candidates: which of them are kept because some wanted file may be one of them.

import type { Candidates } from "./candidates.ts";
import { DirectoryVotes } from "./directory-votes.ts";
import { FoundFiles } from "./found-files.ts";
import type { BlockCursor } from "./packed-files.ts";
import { DirectoryTraits, mix, NameTraits } from "./path-traits.ts";
import { Samples } from "./samples.ts";
import type { WantedFiles } from "./wanted-files.ts";
import { eachNameKey, eachSizeKey, homeKey, sizeKey, WantedTraits } from "./wanted-traits.ts";

/** Found files that are kept together at most, about; 68 bytes each. */
const foundMax = 1024 * 1024;
/** A file that is like another only by name is a guess: so many are kept for a key. */
const likeMax = 4;

/** What the passes found. */
export class MoveSearch {
  readonly wanted: WantedFiles;
  readonly candidates: Candidates;
  readonly found = new FoundFiles();
  readonly traits: WantedTraits;
  readonly votes = new DirectoryVotes();
  /** Of the same size. */
  readonly #sizes: Samples;
  /** Of the same size and something more, where there are many of a size. */
  readonly #finer: Samples;
  /** With a name that is like it. */
  readonly #names = new Samples(likeMax);

  constructor(wanted: WantedFiles, candidates: Candidates, candidatesMax: number) {
    this.wanted = wanted;
    this.candidates = candidates;
    this.traits = new WantedTraits(wanted);
    this.#sizes = new Samples(candidatesMax);
    this.#finer = new Samples(candidatesMax);
  }

  /** Keeps files of the sizes that are wanted. */
  findSizes(): void {
    const { size, count } = this.wanted;
    const sizes = this.#sizes;
    for (let i = 0; i < count; i++) sizes.register(sizeKey(size[i] as number));
    sizes.limit(Math.max(1, Math.floor(foundMax / Math.max(1, sizes.keys))));
    const visitor = new FileVisitor();
    this.candidates.visit((cursor, place) => {
      const { sizeAt } = cursor;
      visitor.open(cursor);
      for (let index = 0; index < cursor.count; index++) {
        const key = sizeKey(cursor.sizes[sizeAt + index] as number);
        if (!sizes.has(key)) continue;
        visitor.read(index);
        if (!sizes.takes(key, visitor.rank)) continue;
        sizes.put(key, visitor.rank, visitor.keep(this.found, place, index));
      }
    });
    this.#findFiner();
  }

  /** Looks more closely where there are more files of a size than are kept. */
  #findFiner(): void {
    const { size, count } = this.wanted;
    const [sizes, finer] = [this.#sizes, this.#finer];
    for (let i = 0; i < count; i++) {
      if (!sizes.isFull(sizeKey(size[i] as number))) continue;
      this.traits.read(i);
      eachSizeKey(this.traits, (key) => finer.register(key));
    }
    if (finer.keys === 0) return;
    finer.limit(Math.max(1, Math.floor(foundMax / finer.keys)));
    const visitor = new FileVisitor();
    this.candidates.visit((cursor, place) => {
      const { sizeAt } = cursor;
      visitor.open(cursor);
      for (let index = 0; index < cursor.count; index++) {
        if (!sizes.isFull(sizeKey(cursor.sizes[sizeAt + index] as number))) continue;
        visitor.read(index);
        visitor.offer(finer, this.found, place, index, eachSizeKey);
      }
    });
  }

  /** Keeps files with names like those of new files for which `needs` says so. */
  findNames(needs: (i: number) => boolean): void {
    const names = this.#names;
    const { traits, wanted, votes } = this;
    for (let i = 0; i < wanted.count; i++) {
      if (wanted.hasOwn[i] === 1 || !needs(i)) continue;
      traits.read(i);
      eachNameKey(traits, (key) => names.register(key));
      const voted = votes.best(wanted.directory[i] as number);
      if (voted !== undefined) names.register(homeKey(traits.name, voted));
    }
    if (names.keys === 0) return;
    names.limit(Math.max(1, Math.floor(foundMax / names.keys)));
    const visitor = new FileVisitor();
    this.candidates.visit((cursor, place) => {
      visitor.open(cursor);
      for (let index = 0; index < cursor.count; index++) {
        visitor.read(index);
        visitor.offer(names, this.found, place, index, (file, visit) => {
          eachNameKey(file, visit);
          visit(homeKey(file.name, file.directory.path));
        });
      }
    });
  }

  /** Visits what was kept for wanted file `i`, which may be nothing like it; some twice. Its traits are read then. */
  eachOfSize(i: number, visit: (h: number) => void): void {
    const key = sizeKey(this.wanted.size[i] as number);
    this.traits.read(i);
    this.#sizes.each(key, visit);
    if (this.#sizes.isFull(key)) {
      eachSizeKey(this.traits, (finer) => this.#finer.each(finer, visit));
    }
  }

  /** The same for names. */
  eachOfName(i: number, visit: (h: number) => void): void {
    if (this.#names.keys === 0) return;
    this.traits.read(i);
    eachNameKey(this.traits, (key) => this.#names.each(key, visit));
    const voted = this.votes.best(this.wanted.directory[i] as number);
    if (voted !== undefined) this.#names.each(homeKey(this.traits.name, voted), visit);
  }
}

/** One file of a block after the other. */
class FileVisitor {
  size = 0;
  mtime = 0;
  rank = 0;
  readonly name = new NameTraits();
  readonly directory = new DirectoryTraits();
  #cursor: BlockCursor | undefined;
  #isRead = false;

  /** Goes to the first file of a block. */
  open(cursor: BlockCursor): void {
    this.#cursor = cursor;
    this.#isRead = false;
  }

  /** Reads the traits of a file. */
  read(index: number): void {
    const cursor = this.#cursor as BlockCursor;
    const { bytes, sizes, sizeAt } = cursor;
    if (!this.#isRead) {
      this.directory.read(bytes, cursor.pathStart, cursor.namesStart);
      this.#isRead = true;
    }
    this.name.read(bytes, cursor.nameStart(index), cursor.nameEnd(index));
    this.size = sizes[sizeAt + index] as number;
    this.mtime = sizes[sizeAt + cursor.count + index] as number;
    this.rank = mix(mix(this.directory.path, this.name.name), cursor.tag);
  }

  /** Keeps the file that was read, and returns its number. */
  keep(found: FoundFiles, place: number, index: number): number {
    const { name, directory, rank } = this;
    return found.add(this.#cursor as BlockCursor, place, index, name, directory, rank);
  }

  /** Keeps the file that was read for each of its keys that takes it. */
  offer(
    samples: Samples,
    found: FoundFiles,
    place: number,
    index: number,
    eachKey: (file: FileVisitor, visit: (key: number) => void) => void,
  ): void {
    let kept = -1;
    eachKey(this, (key) => {
      if (!samples.takes(key, this.rank)) return;
      if (kept < 0) kept = this.keep(found, place, index);
      samples.put(key, this.rank, kept);
    });
  }
}
