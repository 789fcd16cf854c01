// Who hears what a receiving end says in a push, and what was agreed upon before.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import type { Agreement } from "../hello/handshake.ts";
import type { ItemHeader } from "../item/item-header.ts";
import type { DeletionCounts, Statistics } from "../item/statistics.ts";
import type { XattrValues } from "../item/xattr-values.ts";
import type { ListTerms } from "../list/wire-entry.ts";
import type { TextKind } from "../pull/pull-listener.ts";
import type { Answer } from "./answer.ts";

/** What a push is agreed upon. */
export interface PushTerms extends Agreement {
  readonly list: ListTerms;
  /** Nothing is sent of what is asked for. */
  readonly dryRun: boolean;
  /** Whether what the other end has of a file is told as a length, behind which it is sent, and what its checksum is of then. */
  readonly append: "no" | "append" | "verify";
  /** This end is the server: it says at the end how much it was. */
  readonly isServer: boolean;
  /** Rules come before anything is listed. */
  readonly readsRules: boolean;
  /** Names of files follow them. */
  readonly readsNames: boolean;
}

/** Hears what comes. What is thrown ends the conversation. */
export interface PushListener {
  /** Filter rules, before anything is listed, and the names of files that are meant, a NUL behind each. */
  rules(rules: readonly ByteString[], names: Uint8Array | undefined): void;
  /** Something is made, or set, of an entry of which no content is needed. */
  item(header: ItemHeader): void;
  /** Content is wanted; without an answer it is a dry run. */
  request(header: ItemHeader, answer: Answer | undefined): void;
  /** Returns long values of an entry's extended attributes. Throws a protocol-data error where it has none there. */
  xattrs(index: number, places: readonly number[]): XattrValues;
  /** The oldest list is done with. */
  listDone(): void;
  /** A file is in its place at the other end, and may go here. */
  success(index: number): void;
  /** An entry of the other end was deleted; a directory's name ends in a NUL. */
  deleted(name: ByteString): void;
  deletions(counts: DeletionCounts): void;
  text(kind: TextKind, text: ByteString): void;
  /** What is told at the end, when this end is the server. */
  statistics(): Statistics;
  /** Bits of `listError`: what could not be sent. */
  readonly errors: number;
  /** There is room for more. */
  drained(): void;
  /** Everything was said; `error`: how the other end went. */
  ended(error: ManifoldError | undefined): void;
  failed(error: ManifoldError): void;
}
