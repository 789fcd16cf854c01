// Reading a whole changeset: its records one after another, and whether it keeps all the rules.

import { invalid } from "./invalid.ts";
import { ChangesetReader } from "./reader.ts";
import type { ChangesetRecord, Header, Trailer } from "./record.ts";
import { TreeRules } from "./tree-rules.ts";

/** Gives the records of a changeset or listing whose bytes are at hand. Throws as ChangesetReader does. */
export function* readRecords(chunks: Iterable<Uint8Array>): Generator<ChangesetRecord> {
  const reader = new ChangesetReader();
  for (const chunk of chunks) {
    reader.push(chunk);
    for (;;) {
      const record = reader.next();
      if (record === undefined) break;
      yield record;
    }
  }
  reader.finish();
}

/** What verification found out. */
export interface Verified {
  readonly header: Header;
  readonly trailer: Trailer;
}

/** Checks the rules of the whole tree, record by record; nothing is held but a hash of each path. */
export class ChangesetRules {
  readonly #rules = new TreeRules();
  #end: { readonly offset: number; readonly digest: Uint8Array } | undefined;

  /** Takes the next record. Throws changeset-invalid. */
  take(record: ChangesetRecord): void {
    if (record.type === "trailer") {
      const { offset, digest } = record.place;
      this.#end = { offset, digest: (digest as Uint8Array).slice() };
    } else if (record.type === "directory" || record.type === "late" || record.type === "closing") {
      this.#rules.orders(record.type, record.orders, record.place.offset);
    }
  }

  /** Takes the digest of all bytes but the last trailerDigestBytes, where a reader was told not to compute it. Throws changeset-invalid. */
  checkDigest(digest: Uint8Array): void {
    if (this.#end === undefined || Buffer.compare(this.#end.digest, digest) === 0) return;
    throw invalid("digest", this.#end.offset, "what came before is not what was written");
  }
}

/**
 * Reads everything and checks it, rules of the whole tree included; nothing is held but a hash of each path. Throws
 * changeset-invalid. What it cannot say: whether content has its digests, which whoever writes it checks, and whether
 * the target is what the changeset expects.
 */
export function verifyChangeset(chunks: Iterable<Uint8Array>): Verified {
  const rules = new ChangesetRules();
  let header: Header | undefined;
  let trailer: Trailer | undefined;
  for (const record of readRecords(chunks)) {
    if (record.type === "header") header = record.header;
    else if (record.type === "trailer") trailer = record.trailer;
    rules.take(record);
  }
  return { header, trailer } as Verified;
}
