// What the target's end has of the large files that it is writing: pieces are matched with that.

import { ManifoldError } from "../../base/index.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";
import { signatureBytesMax, signaturesMax } from "./windows.ts";

/** Keeps them while they are of use. */
export class Signatures {
  readonly #records = new Map<number, Uint8Array>();
  #bytes = 0;

  /** Takes one. Throws a protocol-data error when there are more than may be. */
  keep(id: number, record: Uint8Array): void {
    this.drop(id);
    this.#records.set(id, record);
    this.#bytes += record.length;
    if (this.#records.size <= signaturesMax && this.#bytes <= signatureBytesMax) return;
    throw outOfTurn("more signatures than may be kept");
  }

  /** Forgets one. */
  drop(id: number): void {
    this.#bytes -= this.#records.get(id)?.length ?? 0;
    this.#records.delete(id);
  }

  /** Returns one that is wanted; undefined = none is. Throws a protocol-data error. */
  find(id: number | undefined): ReadTask["signature"] {
    if (id === undefined) return undefined;
    const record = this.#records.get(id);
    if (record === undefined) throw outOfTurn(`a wish with signature ${id}, which it did not send`);
    return { id, record };
  }
}

function outOfTurn(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
