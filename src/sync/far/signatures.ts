// What the target's end has of the large files that it is writing: pieces are matched with that. Each
// connection tells those that its own wishes name; a record that several tell is kept once.

import { ManifoldError } from "../../base/index.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";
import { signatureBytesMax, signaturesMax } from "./windows.ts";

interface Kept {
  readonly record: Uint8Array;
  /** Connections that told it and have not dropped it. */
  readonly tellers: Set<object>;
}

/** Keeps them while they are of use. */
export class Signatures {
  readonly #records = new Map<number, Kept>();
  #bytes = 0;

  /** Takes one. Throws a protocol-data error when there are more than may be, or it is not what another connection told. */
  keep(teller: object, id: number, record: Uint8Array): void {
    const kept = this.#records.get(id);
    if (kept !== undefined) {
      if (!isSame(kept.record, record)) throw sent(`another signature ${id}`);
      kept.tellers.add(teller);
      return;
    }
    this.#records.set(id, { record, tellers: new Set([teller]) });
    this.#bytes += record.length;
    if (this.#records.size <= signaturesMax && this.#bytes <= signatureBytesMax) return;
    throw sent("more signatures than may be kept");
  }

  /** Forgets one, as far as a connection is concerned. */
  drop(teller: object, id: number): void {
    const kept = this.#records.get(id);
    if (kept?.tellers.delete(teller) !== true || kept.tellers.size > 0) return;
    this.#bytes -= kept.record.length;
    this.#records.delete(id);
  }

  /** Forgets all that a connection told. */
  forget(teller: object): void {
    for (const id of [...this.#records.keys()]) this.drop(teller, id);
  }

  /** Returns one that is wanted; undefined = none is. Throws a protocol-data error. */
  find(teller: object, id: number | undefined): ReadTask["signature"] {
    if (id === undefined) return undefined;
    const kept = this.#records.get(id);
    if (kept?.tellers.has(teller) !== true) {
      throw sent(`a wish with signature ${id}, which it did not send`);
    }
    return { id, record: kept.record };
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function sent(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
