// Records of a changeset or listing as they are needed, out of whatever brings the bytes.

import { ChangesetReader, type ChangesetRecord, type ReaderStart } from "../../changeset/index.ts";
import { readDescriptor } from "../../fs/index.ts";
import type { InputFile } from "./changeset-input.ts";

const fileBytes = 512 * 1024;

/** How a pump reads. */
export interface PumpOptions {
  /** As for ChangesetReader. */
  readonly isVerified?: boolean;
  /** It begins in the middle; of a file only. */
  readonly start?: ReaderStart;
  /** No more than so many bytes are read; of a file only. */
  readonly bytes?: number;
}

/** Gives records from bytes as they are needed. */
export class RecordPump {
  readonly #reader: ChangesetReader;
  readonly #more: () => boolean;
  readonly #close: () => void;

  constructor(source: Iterable<Uint8Array> | InputFile, options: PumpOptions = {}) {
    const reader = new ChangesetReader(options.isVerified, options.start);
    this.#reader = reader;
    if ("descriptor" in source) {
      const { descriptor, start } = source;
      let position = start + (options.start?.offset ?? 0);
      const end = position + (options.bytes ?? Number.POSITIVE_INFINITY);
      this.#more = () => {
        const wanted = Math.min(fileBytes, end - position);
        const length = wanted && readDescriptor(descriptor, reader.room(wanted), position);
        position += length;
        reader.filled(length);
        return length > 0;
      };
      this.#close = () => undefined;
      return;
    }
    const pieces = source[Symbol.iterator]();
    this.#more = () => {
      const { value, done } = pieces.next();
      if (done !== true) reader.push(value);
      return done !== true;
    };
    this.#close = () => pieces.return?.();
  }

  /** Where the next record begins, in the uncompressed sequence. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** What it works in; for another one that begins in the middle, when this one is not used any more. */
  get memory(): Uint8Array {
    return this.#reader.memory;
  }

  /** Returns the next record, undefined after the trailer. Throws as ChangesetReader does. */
  next(): ChangesetRecord | undefined {
    for (;;) {
      const record = this.#reader.next();
      if (record !== undefined) return record;
      if (!this.#more()) {
        this.#reader.finish();
        return undefined;
      }
    }
  }

  /** Lets the input go. */
  close(): void {
    this.#close();
  }
}

/** Gives all records. */
export function* recordsOf(pump: RecordPump): Generator<ChangesetRecord> {
  for (let record = pump.next(); record !== undefined; record = pump.next()) yield record;
}
