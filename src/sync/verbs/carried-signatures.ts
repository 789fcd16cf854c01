// Signatures that a listing of the target carries, kept for the orders that change those files: most orders are
// written when all of the target has been seen. They wait in a spool; what is held is a place for each.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { ChangesetWriter, OrderedDirectory, SignatureRecord } from "../../changeset/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { changesOldContent } from "./changes-old-content.ts";

/** A signature, or a run of its blocks, of an entry of the directory that was listed last. */
export interface ListedSignature {
  readonly name: ByteString;
  /** Valid until the next. */
  readonly record: SignatureRecord;
}

/** A run in the spool. */
interface Run extends Omit<SignatureRecord, "type" | "index" | "weak" | "strong"> {
  readonly at: number;
  readonly blocks: number;
}

/** Keeps signatures. */
export class CarriedSignatures {
  readonly #store = new ScratchStore();
  readonly #runs = new Map<ByteString, Run[]>();

  /** Takes those of the directory's old files that the orders change. */
  keep(orders: OrderedDirectory, listed: Iterable<ListedSignature>): void {
    const wanted = new Set<ByteString>();
    for (let row = 0; row < orders.count; row++) {
      if (changesOldContent(orders, row)) wanted.add(orders.name(row));
    }
    if (wanted.size === 0) return;
    for (const { name, record } of listed) {
      if (wanted.has(name)) this.#add(joinPath(orders.path, name), record);
    }
  }

  #add(path: ByteString, record: SignatureRecord): void {
    const { basisLength, blockLength, strongLength, firstBlock, weak, strong } = record;
    const at = this.#store.append(new Uint8Array(weak.buffer, weak.byteOffset, weak.byteLength));
    this.#store.append(strong);
    const run = { basisLength, blockLength, strongLength, firstBlock, at, blocks: weak.length };
    const runs = this.#runs.get(path);
    if (runs === undefined) this.#runs.set(path, [run]);
    else runs.push(run);
  }

  /** Writes the signature of an old file for row `index` of the record before, if there is one of that size. */
  write(writer: ChangesetWriter, index: number, path: ByteString, size: number): void {
    for (const { at, blocks, ...layout } of this.#runs.get(path) ?? []) {
      if (layout.basisLength !== size) return;
      // A copy: the store's memory is used again, and may not be aligned.
      const weak = new Uint32Array(this.#store.read(at, blocks * 4).slice().buffer);
      const strong = this.#store.read(at + blocks * 4, blocks * layout.strongLength);
      writer.signature({ index, ...layout, weak, strong });
    }
  }

  /** Lets go of what it keeps. */
  close(): void {
    this.#store.close();
  }
}
