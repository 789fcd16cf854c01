// Reads whole lists of entries, and the names of owners behind the one list of a pull without incremental recursion.

import { type ByteString, baseName } from "../../base/index.ts";
import { isDirectory } from "../../tree/index.ts";
import { EntryDecoder, isListEnd } from "../list/entry-decoder.ts";
import { IdListReader } from "../list/id-lists.ts";
import { sortKey } from "../list/names.ts";
import type { ListTerms, WireEntry } from "../list/wire-entry.ts";
import { brokenProtocol, type WireCursor } from "../wire/wire-cursor.ts";
import type { PullListener } from "./pull-listener.ts";

/** Entries of all lists: they take some hundred bytes each until they are sorted. */
const entriesMax = 200_000_000;

/** Reads one list after the other. */
export class ListReader {
  readonly #terms: ListTerms;
  readonly #listener: Pick<PullListener, "names" | "list">;
  readonly #decoder: EntryDecoder;
  #entries: WireEntry[] = [];
  #start: number;
  #total = 0;
  #directory: number | undefined;
  #errors = 0;
  /** Names that are still to come. */
  #names: IdListReader[] = [];
  readonly #users: IdListReader;
  readonly #groups: IdListReader;
  readonly #announced = new Set<number>();

  constructor(terms: ListTerms, listener: Pick<PullListener, "names" | "list">) {
    this.#terms = terms;
    this.#listener = listener;
    this.#decoder = new EntryDecoder(terms);
    this.#start = terms.incremental ? 1 : 0;
    this.#decoder.begin(this.#start);
    this.#users = new IdListReader(terms.rootNames);
    this.#groups = new IdListReader(terms.rootNames);
  }

  /** One list has come, and there was nothing in it. */
  get isEmpty(): boolean {
    return this.#total === 0;
  }

  /** The list of a directory begins. */
  begin(directory: number): void {
    if (this.#announced.has(directory)) throw brokenProtocol("a directory is listed twice");
    this.#announced.add(directory);
    this.#directory = directory;
    this.#decoder.begin(this.#start);
  }

  /** Reads an entry, an end or a name. Says whether the list goes on. */
  read(cursor: WireCursor): boolean {
    const [names] = this.#names;
    if (names !== undefined) {
      if (!names.read(cursor)) this.#names.shift();
      if (this.#names.length > 0) return true;
      this.#deliver();
      return false;
    }
    const read = this.#decoder.read(cursor);
    if (!isListEnd(read)) {
      if (++this.#total > entriesMax) throw brokenProtocol("there are too many entries");
      this.#entries.push(read);
      return true;
    }
    this.#errors = read.errors;
    const { incremental, numericIds, owner, group, acls } = this.#terms;
    if (!incremental && !numericIds) {
      if (owner || acls) this.#names.push(this.#users);
      if (group || acls) this.#names.push(this.#groups);
    }
    if (this.#names.length > 0) return true;
    this.#deliver();
    return false;
  }

  #deliver(): void {
    const entries = inOrder(this.#entries, this.#directory !== undefined);
    const [start, directory, errors] = [this.#start, this.#directory, this.#errors];
    this.#entries = [];
    // The number between two lists is the directory whose contents the second one is.
    this.#start += entries.length + 1;
    if (!this.#terms.incremental) this.#listener.names(this.#users.names, this.#groups.names);
    this.#listener.list({ start, entries, directory, errors });
  }
}

/** Returns entries in rsync's order. `isOne`: all are in one directory; whoever takes them holds them to that. */
function inOrder(entries: readonly WireEntry[], isOne: boolean): WireEntry[] {
  const keys = entries.map(({ name, mode }) =>
    sortKey(isOne ? baseName(name) : name, isDirectory(mode)),
  );
  const order = keys.map((_, i) => i);
  const keyOf = (i: number): ByteString => keys[i] as ByteString;
  order.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  return order.map((i) => entries[i] as WireEntry);
}
