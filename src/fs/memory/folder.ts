// The names of one directory. Where case does not matter the folded name is the key and the
// first spelling is kept beside it.

import type { ByteString } from "../../base/index.ts";
import type { Volume } from "./volume.ts";

/** A directory's entries, in the order of making; `Entry` is what a name stands for. */
export class Folder<Entry> {
  readonly #volume: Volume;
  readonly #entries = new Map<ByteString, Entry>();
  /** Spelling by folded name; undefined where both are the same. */
  readonly #spellings: Map<ByteString, ByteString> | undefined;

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#spellings = volume.caseInsensitive ? new Map() : undefined;
  }

  get count(): number {
    return this.#entries.size;
  }

  get(name: ByteString): Entry | undefined {
    return this.#entries.get(this.#spellings === undefined ? name : this.#volume.fold(name));
  }

  set(name: ByteString, entry: Entry): void {
    const key = this.#volume.fold(name);
    this.#entries.set(key, entry);
    this.#spellings?.set(key, name);
  }

  delete(name: ByteString): void {
    const key = this.#volume.fold(name);
    this.#entries.delete(key);
    this.#spellings?.delete(key);
  }

  /** Says whether two names are one entry's. */
  same(name: ByteString, other: ByteString): boolean {
    return this.#volume.fold(name) === this.#volume.fold(other);
  }

  /** Calls back with every name as it is spelled. */
  forEach(callback: (name: ByteString, entry: Entry) => void): void {
    for (const [key, entry] of this.#entries) {
      callback(this.#spellings?.get(key) ?? key, entry);
    }
  }
}
