// The part of one lane in the search for renamed files: which files of the target it has seen, and which old contents
// are kept for others.

import { type ByteString, joinPath, toBytes } from "../../base/index.ts";
import type { Stat } from "../../fs/index.ts";
import { digestOf } from "../../hash/index.ts";
import { FileLog, FilePacker, type HeldContents } from "../../pipeline/index.ts";
import { Directory } from "../../tree/index.ts";
import { MoveMemory } from "../plan/move-memory.ts";
import { fileTag } from "../tasks/move-tasks.ts";

/** Enough of a digest that no two paths have the same. */
const nameBytes = 16;

const none: readonly SharedArrayBuffer[] = [];

/** Such a part. */
export class LaneMoves implements HeldContents {
  readonly memory: MoveMemory;
  /** What is removed may still be wanted. */
  isOpen = true;
  readonly #packer = new FilePacker(new FileLog((chunk) => this.#opened.push(chunk)));
  /** Memory for what is seen, that the run's thread has not been told of. */
  readonly #opened: SharedArrayBuffer[] = [];
  readonly #one = new Directory();

  /** `lane`: its number. */
  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.memory = new MoveMemory(buffer, lane);
  }

  /** Remembers files of a directory of the target: those that `takes` says, or all. */
  see(tag: number, path: ByteString, listing: Directory, takes?: (index: number) => boolean): void {
    this.#packer.add(tag, path, listing, takes);
  }

  /** Takes the memory that was begun for what is seen since it was asked last. */
  take(): readonly SharedArrayBuffer[] {
    return this.#opened.length > 0 ? this.#opened.splice(0) : none;
  }

  takes(size: number): boolean {
    return this.memory.holds(size);
  }

  nameOf(path: ByteString, name: ByteString): ByteString {
    const digest = digestOf("blake3", toBytes(joinPath(path, name))).subarray(0, nameBytes);
    return `=${Buffer.from(digest).toString("hex")}`;
  }

  removed(path: ByteString, name: ByteString, was: Stat): void {
    const one = this.#one;
    one.clear();
    const index = one.add(name, was.mode);
    one.size[index] = was.size;
    one.mtime[index] = was.mtime;
    one.mtimeNanos[index] = was.mtimeNanos;
    this.#packer.add(fileTag.gone, path, one);
  }
}
