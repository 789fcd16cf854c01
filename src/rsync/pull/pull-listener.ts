// Who hears what a sending end says in a pull, and what was agreed upon before.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import type { Agreement } from "../hello/handshake.ts";
import type { ItemHeader } from "../item/item-header.ts";
import type { TokenSink } from "../item/plain-tokens.ts";
import type { Statistics } from "../item/statistics.ts";
import type { XattrValues } from "../item/xattr-values.ts";
import type { IdNames } from "../list/id-lists.ts";
import type { ListTerms, WireEntry } from "../list/wire-entry.ts";
import { tag } from "../wire/message-tags.ts";

/** A list of entries, in rsync's order; the entry at `i` has the index `start + i`. */
export interface PulledList {
  readonly start: number;
  readonly entries: readonly WireEntry[];
  /** The directory whose contents it is, by its number among all directories in order of lists; undefined = the first list. */
  readonly directory: number | undefined;
  /** Bits of `listError`. */
  readonly errors: number;
}

/** What kind of text another end sends for people. */
export type TextKind = "info" | "warning" | "error" | "transfer-error";

/** Takes the content of one file. */
export interface FileSink extends TokenSink {
  /** All of it has come; the other end has this checksum of the whole. */
  end(sum: Uint8Array): void;
}

/** Hears what comes. What is thrown ends the conversation. */
export interface PullListener {
  /** Filter rules, before anything is listed. Only a server hears any. */
  rules?(rules: readonly ByteString[]): void;
  /** Names of owners and groups, ahead of the list that they are for. */
  names(users: IdNames, groups: IdNames): void;
  list(list: PulledList): void;
  /** There are no more lists. */
  listsEnd(): void;
  /** What was asked for comes. */
  answer(header: ItemHeader): FileSink;
  /** Long values of an entry's extended attributes that were asked for; those that are left out are not there. */
  xattrs?(index: number, values: XattrValues): void;
  /** What was asked for does not come. */
  noSend(index: number): void;
  /** Bits of `listError`: something could not be read. */
  ioError(errors: number): void;
  text(kind: TextKind, text: ByteString): void;
  /** Everything was said, or (without statistics) there was nothing to say; `error`: how the other end went. */
  ended(statistics: Statistics | undefined, error: ManifoldError | undefined): void;
  failed(error: ManifoldError): void;
}

/** What a pull is agreed upon. */
export interface PullTerms extends Agreement {
  readonly list: ListTerms;
  /** Nothing is transferred. */
  readonly dryRun?: boolean;
  /** Sums of blocks are of no use to the other end: what it is told of is a length, or nothing (--append). */
  readonly withoutSums?: boolean;
  /** This end is the server: it hears rules first, if that is so, and says itself when everything is over. */
  readonly server?: { readonly readsRules: boolean };
}

const texts: ReadonlyMap<number, TextKind> = new Map([
  [tag.info, "info"],
  [tag.warning, "warning"],
  [tag.error, "error"],
  [tag.errorTransfer, "transfer-error"],
]);

/** Returns what kind of text a message with that tag is; undefined = it is none. */
export function textKind(messageTag: number): TextKind | undefined {
  return texts.get(messageTag);
}
