// Digests of the files of a target that is a listing, by their number in it: those that the listing has, and those
// that were asked for because a file that is wanted may be the same.

import { ScratchStore } from "../state/scratch-store.ts";

/** Bytes of a digest of either kind. */
export const digestBytes = 32;
const noDigest = new Uint8Array(digestBytes);

/** Keeps digests. */
export class ListedDigests {
  readonly #listed = new ScratchStore();
  /** Where in what was asked for the digest of a file is. */
  readonly #places = new Map<number, number>();
  #asked: Uint8Array = noDigest;

  /** Takes the next file's; undefined = the listing has none. */
  add(digest: Uint8Array | undefined): void {
    this.#listed.append(digest ?? noDigest);
  }

  /** Takes digests that were asked for: those of these files. */
  learn(files: readonly number[], digests: Uint8Array): void {
    this.#asked = digests;
    for (const [n, file] of files.entries()) this.#places.set(file, n * digestBytes);
  }

  /** Returns a file's; undefined = nobody knows it. */
  of(file: number): Uint8Array | undefined {
    const place = this.#places.get(file);
    const digest =
      place === undefined
        ? this.#listed.read(file * digestBytes, digestBytes)
        : this.#asked.subarray(place, place + digestBytes);
    const isKnown = digest.length === digestBytes && digest.some((byte) => byte !== 0);
    return isKnown ? digest.slice() : undefined;
  }

  /** Lets go of what it keeps. */
  close(): void {
    this.#listed.close();
  }
}
