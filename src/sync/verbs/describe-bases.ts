// What a changeset tells of the old content of files that change (--basis): a digest where sizes make
// equality possible, and sums of blocks, so that the sender can leave out what the target has.

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import type { ChangesetWriter, OrderedDirectory } from "../../changeset/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { digestFile } from "../lane/file-digest.ts";
import type { CarriedSignatures } from "./carried-signatures.ts";
import { changesOldContent } from "./changes-old-content.ts";
import type { ListingStream } from "./listing-stream.ts";
import type { Steps } from "./steps.ts";
import { writeSignature } from "./write-signature.ts";

/** Where old content is known from. */
export interface BasisPlaces {
  /** The target's tree; undefined = it is a listing. */
  readonly place: ListingStream["place"];
  /** What that listing carries; undefined = it carries nothing, or sums of another kind. */
  readonly carried: CarriedSignatures | undefined;
}

/** Describes old content: of a tree that is at hand, or as a listing tells it. */
export class BasisDescriber {
  readonly #writer: ChangesetWriter;
  readonly #how: Options["own"]["basis"];
  readonly #place: ListingStream["place"];
  readonly #carried: CarriedSignatures | undefined;
  #signedMoves: ReadonlySet<number> = new Set();

  constructor(
    writer: ChangesetWriter,
    how: Options["own"]["basis"],
    { place, carried }: BasisPlaces,
  ) {
    this.#writer = writer;
    this.#how = how;
    this.#place = place;
    this.#carried = carried;
  }

  /** Rows of the next orders that begin from another path's content, whose blocks the sender shall know. */
  signMoves(rows: ReadonlySet<number>): void {
    this.#signedMoves = rows;
  }

  /** Adds digests to orders that are about to be written. */
  describe(path: ByteString, orders: OrderedDirectory): void {
    if (this.#how === "none") return;
    this.#each(path, orders, 0, orders.count, (dir, row) => {
      const { before, after } = orders;
      if (before.columns.size[row] !== after.columns.size[row] || before.digests.has(row)) return;
      const { fs } = this.#place as NonNullable<ListingStream["place"]>;
      const { digest } = this.#writer.header;
      before.digests.set(row, digestFile(fs, dir, orders.name(row), digest));
    });
  }

  /** Writes the signatures of rows [from, to), which were written just now. */
  *follow(path: ByteString, orders: OrderedDirectory, from: number, to: number): Steps {
    if (this.#how !== "signature") return;
    if (this.#carried !== undefined) this.#followCarried(this.#carried, path, orders, from, to);
    if (this.#signedMoves.size > 0) {
      yield* this.#followMoves(path, orders, from, to);
      return;
    }
    this.#each(path, orders, from, to, (dir, row) => {
      const size = orders.before.columns.size[row] as number;
      if (size > 0) this.#writeSignature(dir, orders.name(row), row - from, size);
    });
  }

  #followCarried(
    carried: CarriedSignatures,
    path: ByteString,
    orders: OrderedDirectory,
    from: number,
    to: number,
  ): void {
    for (let row = from; row < to; row++) {
      if (!changesOldContent(orders, row)) continue;
      const size = orders.before.columns.size[row] as number;
      carried.write(this.#writer, row - from, joinPath(path, orders.name(row)), size);
    }
  }

  /** The same where some rows are MOVEs; signatures stand in the order of rows. */
  *#followMoves(path: ByteString, orders: OrderedDirectory, from: number, to: number): Steps {
    for (let row = from; row < to; row++) {
      const basis = this.#signedMoves.has(row) ? orders.bases.get(row) : undefined;
      if (basis === undefined) {
        this.#each(path, orders, row, row + 1, (dir) => {
          const size = orders.before.columns.size[row] as number;
          if (size > 0) this.#writeSignature(dir, orders.name(row), row - from, size);
        });
      } else {
        const place = this.#place as NonNullable<ListingStream["place"]>;
        try {
          const dir = place.fs.openDirectory(place.root, parentPath(basis.path));
          try {
            this.#writeSignature(dir, baseName(basis.path), row - from, basis.size);
          } finally {
            place.fs.closeDirectory(dir);
          }
        } catch (error) {
          // Without a signature the content is sent.
          if (!(error instanceof FsError)) throw error;
        }
      }
      yield;
    }
  }

  /** Visits rows whose old content can be read; one that cannot be is described no further. */
  #each(
    path: ByteString,
    orders: OrderedDirectory,
    from: number,
    to: number,
    visit: (dir: DirHandle, row: number) => void,
  ): void {
    const place = this.#place;
    if (place === undefined) return;
    let dir: DirHandle | undefined;
    try {
      for (let row = from; row < to; row++) {
        if (!changesOldContent(orders, row)) continue;
        try {
          dir ??= place.fs.openDirectory(place.root, path);
          visit(dir, row);
        } catch (error) {
          if (!(error instanceof FsError)) throw error;
        }
      }
    } finally {
      if (dir !== undefined) place.fs.closeDirectory(dir);
    }
  }

  #writeSignature(dir: DirHandle, name: ByteString, index: number, size: number): void {
    const { fs } = this.#place as NonNullable<ListingStream["place"]>;
    const file = fs.openRead(dir, name);
    try {
      writeSignature(this.#writer, index, { fs, file, size });
    } finally {
      fs.closeFile(file);
    }
  }
}
