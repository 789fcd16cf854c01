// What a run tells whose target is reached by rsync's protocol: lines of items in the order in which the other end works, and
// counts of what it does.

import type { ByteString } from "../../base/index.ts";
import type { DeletionCounts, ItemHeader, Pusher, Statistics } from "../../rsync/index.ts";
import { itemFlag } from "../../rsync/index.ts";
import {
  type CounterName,
  type Counters,
  change,
  counterIndex,
  counterNames,
  type ItemEvent,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  type ProgressEvent,
  significantChanges,
  sumCounters,
} from "../../tree/index.ts";
import type { PushedRow } from "./push-directory.ts";
import { type PushedFile, type PushedResult, pathOf } from "./push-file.ts";
import { changesOf } from "./push-items.ts";
import type { PushTree } from "./push-tree.ts";

/** Lines that were told before they are taken away, all at once. Arbitrary. */
const toldAtOnce = 1024;

/** An item whose line waits for those before it. */
interface Told {
  event: ItemEvent | undefined;
  isReady: boolean;
}

/** What of items is told. */
export interface PushTellingContext {
  readonly items: "none" | "changed" | "all";
  readonly keepsTimes: boolean;
  readonly tell: (event: ProgressEvent) => void;
}

/** Tells. */
export class PushTelling {
  readonly #context: PushTellingContext;
  readonly #waiting: Told[] = [];
  /** So many at the front have been told. */
  #told = 0;
  readonly #values = new Float64Array(counterNames.length);

  constructor(context: PushTellingContext) {
    this.#context = context;
  }

  /** Counters as of now; what is listed, `tree` has counted. */
  counters(tree: PushTree | undefined): Counters {
    const values = this.#values;
    const set = (name: CounterName, value: number): void => {
      values[counterIndex[name]] = value;
    };
    if (tree !== undefined) {
      for (const [name, count] of Object.entries(tree.counts)) set(name as CounterName, count);
      set("totalSize", tree.totalSize);
    }
    return sumCounters([values]);
  }

  count(name: CounterName, more: number): void {
    const at = counterIndex[name];
    this.#values[at] = (this.#values[at] as number) + more;
  }

  /** An item is dealt with at the other end; `later`: it is told when its content has gone. */
  item(header: ItemHeader, at: PushedRow, later: boolean): (done: Done) => void {
    const { directory, row } = at;
    const columns = row < 0 ? (directory.self ?? directory.columns) : directory.columns;
    const i = Math.max(0, row);
    const mode = columns.mode[i] as number;
    const { keepsTimes } = this.#context;
    const changes = changesOf(header.flags, { isLink: isSymlink(mode), keepsTimes });
    this.#countItem(header.flags, mode, columns.size[i] as number);
    const link = header.name === undefined || header.name === "" ? undefined : header.name;
    const linkTarget = (changes & change.hardLink) === 0 ? columns.linkTargets.get(i) : link;
    const told: Told = { event: undefined, isReady: !later };
    if (this.#isWanted(changes)) {
      const path = pathOf(at);
      const [mtime, uid, gid] = [columns.mtime[i], columns.uid[i], columns.gid[i]] as number[];
      told.event = {
        ...{ type: "item", path: path === "." ? "" : path, changes, mode },
        size: columns.size[i] as number,
        ...{ mtime: mtime as number, uid: uid as number, gid: gid as number },
        ...(linkTarget !== undefined && { linkTarget }),
        ...{ literal: 0, matched: 0 },
      };
    }
    this.#waiting.push(told);
    this.#goOn();
    return (done) => this.#done(told, done);
  }

  #isWanted(changes: number): boolean {
    const { items } = this.#context;
    return items === "all" || (items === "changed" && (changes & significantChanges) !== 0);
  }

  #countItem(flags: number, mode: number, size: number): void {
    const isTransfer = (flags & itemFlag.transfer) !== 0;
    if ((flags & itemFlag.isNew) !== 0) this.count(createdName(mode), 1);
    else if (flags !== 0) this.count("changed", 1);
    if ((flags & itemFlag.localChange) !== 0 && (flags & itemFlag.nameFollows) !== 0) {
      this.count("linked", 1);
    }
    if (!isTransfer) return;
    this.count("transferredFiles", 1);
    this.count("transferredSize", size);
  }

  #done(told: Told, { literal, matched, isFailed }: Done): void {
    if (told.event !== undefined) told.event = { ...told.event, literal, matched };
    if (isFailed) {
      told.event = undefined;
      this.count("failed", 1);
    }
    this.count("literal", literal);
    this.count("matched", matched);
    told.isReady = true;
    this.#goOn();
  }

  #goOn(): void {
    for (; this.#waiting[this.#told]?.isReady === true; this.#told++) {
      const { event } = this.#waiting[this.#told] as Told;
      if (event !== undefined) this.#context.tell(event);
    }
    if (this.#told <= toldAtOnce && this.#told < this.#waiting.length) return;
    this.#waiting.splice(0, this.#told);
    this.#told = 0;
  }

  /** Something was deleted; a directory's name ends in a NUL. */
  deleted(name: ByteString): void {
    const isDirectoryName = name.endsWith("\0");
    const path = isDirectoryName ? name.slice(0, -1) : name;
    const mode = isDirectoryName ? 0o040000 : 0o100000;
    this.#context.tell({ type: "delete", path, mode });
  }

  deletions({ files, directories, links, devices, specials }: DeletionCounts): void {
    this.count("deletedRegular", files);
    this.count("deletedDirectories", directories);
    this.count("deletedSymlinks", links);
    this.count("deletedDevices", devices);
    this.count("deletedSpecials", specials);
  }
}

/** Returns what a server tells at the end. */
export function statisticsOf(
  channel: Pick<Pusher["channel"], "bytesReceived" | "bytesSent"> | undefined,
  tree: PushTree | undefined,
  listBuildMs: number,
): Statistics {
  return {
    bytesRead: channel?.bytesReceived ?? 0,
    bytesWritten: channel?.bytesSent ?? 0,
    totalSize: tree?.totalSize ?? 0,
    ...{ listBuildMs, listTransferMs: 0 },
  };
}

/** Returns the problem with a file that could not be sent. */
export function problemOf(
  file: PushedFile,
  failed: NonNullable<PushedResult["failed"]>,
): ProgressEvent {
  return {
    ...({ type: "problem", path: pathOf(file), role: "source" } as const),
    ...{ operation: failed.operation, errno: failed.errno },
    exit: failed.errno === vanished ? 24 : 23,
  };
}

/** ENOENT. */
export const vanished = 2;

/** How an item ended. */
export interface Done {
  readonly literal: number;
  readonly matched: number;
  readonly isFailed: boolean;
}

function createdName(mode: number): CounterName {
  if (isRegular(mode)) return "createdRegular";
  if (isDirectory(mode)) return "createdDirectories";
  if (isSymlink(mode)) return "createdSymlinks";
  return isDevice(mode) ? "createdDevices" : "createdSpecials";
}
