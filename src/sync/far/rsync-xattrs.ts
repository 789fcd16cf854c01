// Extended attributes of a pull by rsync's protocol. Lists have long values as digests only: what the target does not have itself is
// asked for before its directory is handed on, each value once.

import { type ByteString, baseName, ManifoldError, parentPath } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import { digestOf, equalDigests } from "../../hash/index.ts";
import type { Options } from "../../options/index.ts";
import type { Puller, WireEntry, WireXattr, XattrValues } from "../../rsync/index.ts";
import { isAclName, type ProgressEvent } from "../../tree/index.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Values that are held for directories to come, and that may be under way. Arbitrary: a value may have 16 MiB. */
const heldBytesMax = 32 * 1024 * 1024;
const askedBytesMax = 512 * 1024 * 1024;
/** ENODATA. */
const noData = 61;

/** Returns what the target has under an entry's path as an attribute; undefined = nothing. */
export type OwnXattr = (path: ByteString, name: ByteString) => Uint8Array | undefined;

/** What of them concerns a run. */
export interface RsyncXattrContext {
  readonly own: OwnXattr;
  /** Nothing can be asked for. */
  readonly dryRun: boolean;
  readonly puller: () => Puller;
  readonly tell: (event: ProgressEvent) => void;
}

/** An entry in a list that has come. */
export interface ListedXattrs {
  readonly entry: WireEntry;
  readonly index: number;
  replace(entry: WireEntry): void;
}

/** Entries that wait for values. */
interface Waiting {
  readonly listed: readonly ListedXattrs[];
  missing: number;
  readonly then: () => void;
}

/** A value that was asked for. */
interface Asked {
  readonly digest: WireXattr;
  readonly place: number;
  readonly key: string;
  readonly waiting: Waiting[];
}

/** Completes entries. */
export class RsyncXattrs {
  readonly #context: RsyncXattrContext;
  /** Values by digest; undefined = it does not come. */
  readonly #known = new Map<string, Uint8Array | undefined>();
  #heldBytes = 0;
  #askedBytes = 0;
  readonly #asked = new Map<string, Asked>();
  readonly #byIndex = new Map<number, Asked[]>();

  constructor(context: RsyncXattrContext) {
    this.#context = context;
  }

  /** Gives entries their values; then calls `then`, which may be at once. Says whether it was. */
  complete(listed: readonly ListedXattrs[], then: () => void): boolean {
    // Whoever waits has all of his values there when the last one comes.
    if (this.#heldBytes > heldBytesMax && this.#asked.size === 0) {
      this.#known.clear();
      this.#heldBytes = 0;
    }
    const waiting: Waiting = { listed: listed.filter(hasDigests), missing: 0, then };
    for (const { entry, index } of waiting.listed) this.#lookUp(entry, index, waiting);
    if (waiting.missing > 0) return false;
    this.#finish(waiting);
    return true;
  }

  #lookUp({ name: path, xattrs = [] }: WireEntry, index: number, waiting: Waiting): void {
    const wanted: Asked[] = [];
    for (const [i, digest] of xattrs.entries()) {
      const key = keyOf(digest);
      if (!digest.isDigest || this.#known.has(key)) continue;
      const asked = this.#asked.get(key);
      if (asked !== undefined) {
        if (!asked.waiting.includes(waiting)) waiting.missing++;
        asked.waiting.push(waiting);
        continue;
      }
      const own = this.#context.own(path, digest.name);
      if (own !== undefined && isValueOf(own, digest)) this.#learn(key, own);
      // Nothing comes in a dry run: what it would be is something else than what there is.
      else if (this.#context.dryRun) this.#learn(key, digest.value);
      else wanted.push({ digest, place: i + 1, key, waiting: [waiting] });
    }
    if (wanted.length === 0) return;
    waiting.missing += wanted.length;
    for (const asked of wanted) {
      this.#asked.set(asked.key, asked);
      this.#askedBytes += asked.digest.bytes;
    }
    if (this.#askedBytes > askedBytesMax) {
      const message = `Extended attributes of ${this.#askedBytes} bytes at once, the limit is ${askedBytesMax}`;
      throw new ManifoldError("protocol-data", message);
    }
    this.#byIndex.set(index, wanted);
    this.#context.puller().out.askXattrs(
      index,
      wanted.map(({ place }) => place),
    );
  }

  /** An item came back, with values that may have been asked for. */
  came(index: number, values: XattrValues): void {
    const wanted = this.#byIndex.get(index) ?? [];
    this.#byIndex.delete(index);
    for (const { key, digest, place, waiting } of wanted) {
      const value = values.get(place);
      const isIt = value !== undefined && isValueOf(value, digest);
      this.#learn(key, isIt ? value : undefined);
      this.#asked.delete(key);
      this.#askedBytes -= digest.bytes;
      for (const one of new Set(waiting)) {
        one.missing--;
        if (one.missing === 0) this.#finish(one);
      }
    }
  }

  #learn(key: string, value: Uint8Array | undefined): void {
    this.#known.set(key, value);
    this.#heldBytes += value?.length ?? 0;
  }

  #finish({ listed, then }: Waiting): void {
    for (const { entry, replace } of listed) replace(this.#completed(entry));
    then();
  }

  #completed(entry: WireEntry): WireEntry {
    const xattrs: WireXattr[] = [];
    for (const one of entry.xattrs ?? []) {
      const value = one.isDigest ? this.#known.get(keyOf(one)) : one.value;
      if (value !== undefined) xattrs.push({ ...one, value, isDigest: false });
      else this.#lost(entry.name);
    }
    return { ...entry, xattrs };
  }

  #lost(path: ByteString): void {
    const about = { type: "problem", path, role: "source", operation: "get xattr" } as const;
    this.#context.tell({ ...about, errno: noData, exit: 23 });
  }
}

function hasDigests({ entry: { xattrs } }: ListedXattrs): boolean {
  return xattrs?.some(({ isDigest }) => isDigest) === true;
}

function keyOf({ bytes, value }: WireXattr): string {
  return `${bytes}:${Buffer.from(value).toString("latin1")}`;
}

function isValueOf(value: Uint8Array, { bytes, value: digest }: WireXattr): boolean {
  return value.length === bytes && equalDigests(digestOf("md5", value), digest);
}

/** Returns how a run looks at what its target has. What is not found there is asked for. */
export function ownXattrsOf(
  { target = "." }: Pick<Options, "target">,
  surroundings: Surroundings,
): OwnXattr {
  const fs = openDoor(surroundings);
  return (path, name) => {
    const isTop = path === ".";
    try {
      const root = fs.openRoot(target);
      try {
        const dir = fs.openDirectory(root, isTop ? "" : parentPath(path), "none");
        try {
          return fs.getXattr(dir, isTop ? "" : baseName(path), name);
        } finally {
          fs.closeDirectory(dir);
        }
      } finally {
        fs.closeDirectory(root);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    }
  };
}

/** Says which attributes are taken of those that the other end sends, by name. */
export function takesXattr(
  { preserve, filterRules }: Options,
  { euid }: Pick<Surroundings, "euid">,
): (name: ByteString) => boolean {
  const { fakeSuper, superUser } = preserve.atTarget;
  const isSuper = fakeSuper || (superUser ?? euid === 0);
  // With rules about attributes those of others are kept under names of users.
  const takesAll = isSuper || filterRules.length > 0;
  return (name) => {
    if (isAclName(name) || name.startsWith("system.")) return false;
    if (preserve.xattrs < 2 && name.startsWith("user.rsync.%")) return false;
    return takesAll || name.startsWith("user.");
  };
}
