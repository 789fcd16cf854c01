// One directory of a changeset in memory: its orders as columns, index for index with what the
// entries were and what they shall be. Scratch space that a reader or converter fills again and
// again. The same form serves all three sections of a changeset.

import type { ByteString } from "../base/index.ts";
import { type Directory, isRegular } from "../tree/index.ts";
import { States } from "./states.ts";

/** What is to be done about one entry, as numbers of the format. */
export const orderKind = {
  /** Nothing is there yet. */
  add: 1,
  /** Content, link target, device number or type differ. */
  change: 2,
  /** The content is that of another path, before this changeset. */
  move: 3,
  /** It becomes a hard link of another entry. */
  link: 4,
  /** Only attributes differ; for the name "." those of the directory itself. */
  meta: 5,
  /** It goes. */
  del: 6,
} as const;

/** Names of the kinds, by number. */
export const orderKindNames = ["", "ADD", "CHANGE", "MOVE", "LINK", "META", "DEL"] as const;

/** Where the content of a MOVE is found: a path of the base tree, and what identifies it. */
export interface Basis {
  readonly path: ByteString;
  readonly size: number;
  readonly digest: Uint8Array | undefined;
}

/** Names of users or groups by id. */
export type IdNames = ReadonlyMap<number, ByteString>;

/** Orders of one directory, in listing order. Row i of `before` or `after` with mode 0 says that there is nothing. */
export class OrderedDirectory {
  path: ByteString = "";
  /** False: something in it could not be read, so that nothing of it is deleted. */
  complete = true;
  count = 0;
  /** Values of `orderKind`. */
  kind: Uint8Array = new Uint8Array(0);
  /** What stands there before. Its names are those of `after`, the very same arrays. */
  readonly before = new States();
  /** What stands there afterwards. */
  readonly after = new States();
  /** For MOVE: whose content it gets. */
  readonly bases = new Map<number, Basis>();
  /** For content that goes from here: the path that has it afterwards. */
  readonly continues = new Map<number, ByteString>();
  /** Names of ids that were not named before in the same changeset. */
  readonly users = new Map<number, ByteString>();
  readonly groups = new Map<number, ByteString>();

  /** Empties it for the orders of `path`. */
  reset(path: ByteString, complete = true): void {
    this.path = path;
    this.complete = complete;
    this.count = 0;
    this.before.clear();
    this.after.clear();
    this.bases.clear();
    this.continues.clear();
    this.users.clear();
    this.groups.clear();
  }

  /** Appends a row for the name bytes[start, end) and returns its index; both states are undefined until written. */
  addRow(kind: number, bytes: Uint8Array, start: number, end: number): number {
    const columns = this.after.columns;
    const i = this.count;
    columns.reserve(i + 1);
    columns.reserveNames(end - start + 1);
    if (this.kind.length <= i) {
      const grown = new Uint8Array(columns.mode.length);
      grown.set(this.kind);
      this.kind = grown;
    }
    const at = columns.namesUsed;
    columns.names.set(bytes.subarray(start, end), at);
    columns.names[at + end - start] = 0;
    columns.namesUsed = at + end - start + 1;
    columns.nameStart[i] = at;
    columns.nameLength[i] = end - start;
    this.kind[i] = kind;
    this.count = i + 1;
    columns.count = i + 1;
    this.#shareNames();
    return i;
  }

  /** Keeps only the first `count` rows. */
  truncate(count: number): void {
    this.count = count;
    this.after.columns.count = count;
    this.before.columns.count = count;
  }

  /** The columns with the names; those of `after`. */
  get columns(): Directory {
    return this.after.columns;
  }

  /** Returns the name of row `i`. */
  name(i: number): ByteString {
    return this.after.columns.name(i);
  }

  /** Returns the mode that decides where row `i` stands in listing order: what shall be, else what was. */
  standingMode(i: number): number {
    const after = this.after.columns.mode[i] as number;
    return after === 0 ? (this.before.columns.mode[i] as number) : after;
  }

  #shareNames(): void {
    const [before, after] = [this.before.columns, this.after.columns];
    before.reserve(after.mode.length);
    before.names = after.names;
    before.namesUsed = after.namesUsed;
    before.nameStart = after.nameStart;
    before.nameLength = after.nameLength;
    before.count = after.count;
  }
}

/** Says whether row `i` makes a file with content of its own: one that `send` adds data for. */
export function takesContent(orders: OrderedDirectory, i: number): boolean {
  const kind = orders.kind[i] as number;
  return kind <= orderKind.move && isRegular(orders.after.columns.mode[i] as number);
}
