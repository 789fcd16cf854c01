// Where a target of a cast puts what comes: onto what an earlier cast left, if there is anything, and what it has of
// that, as sums.

import { ManifoldError } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { makeTarget } from "../verbs/batch-target.ts";
import type { Steps } from "../verbs/steps.ts";
import { NamedCopy, namelessCopy, type StreamCopy } from "./stream-copy.ts";
import { StreamSums, stretchBytes, stretchesMax } from "./stream-sums.ts";

/** Sums that are told at once. */
const sumsPerPiece = 256;

/** Such a place. */
export class CopyPlace {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #left: NamedCopy | undefined;
  #copy: StreamCopy | undefined;

  constructor(options: Options, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    if (options.own.catch.discard) return;
    this.#left = NamedCopy.adopt(openDoor(surroundings), options.target ?? ".");
    this.#copy = this.#left;
  }

  /** Says what is there already, stretch by stretch. */
  *sums(say: (sums: Uint8Array) => void): Steps<void> {
    const left = this.#left;
    if (left === undefined) return;
    const sums = new StreamSums();
    const bytes = new Uint8Array(stretchBytes);
    const count = Math.min(stretchesMax, Math.floor(left.length / stretchBytes));
    for (let stretch = 0; stretch < count; stretch++) {
      left.read(bytes, stretch * stretchBytes);
      sums.update(bytes);
      const told = stretch - (stretch % sumsPerPiece);
      if (stretch + 1 === told + sumsPerPiece || stretch + 1 === count) say(sums.from(told));
      yield;
    }
  }

  /** The copy; made when it is first asked for. Throws FsError. */
  get copy(): StreamCopy {
    this.#copy ??= this.#make();
    return this.#copy;
  }

  close(): void {
    this.#copy?.close();
  }

  #make(): StreamCopy {
    const fs = openDoor(this.#surroundings);
    const path = this.#options.target ?? ".";
    if (this.#options.own.catch.discard) return namelessCopy();
    try {
      makeTarget(fs, path, this.#options, this.#surroundings);
    } catch (error) {
      // Told when it is to be applied.
      if (!(error instanceof ManifoldError)) throw error;
    }
    try {
      return NamedCopy.make(fs, path);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return namelessCopy();
    }
  }
}
