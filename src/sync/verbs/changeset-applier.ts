// Applies the records of a changeset to a target, in the order they come: orders as soon as their
// directory has been read, content as it arrives, deletions and final attributes at the end.

import { type ByteString, joinPath } from "../../base/index.ts";
import type {
  ChangesetRecord,
  DataRecord,
  Header,
  IdNames,
  OrderedDirectory,
} from "../../changeset/index.ts";
import { orderKind, takesContent } from "../../changeset/index.ts";
import type { TargetPlace, TokenFile } from "../../pipeline/index.ts";
import { closeDirectories } from "../apply/close-directories.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { NamedIds } from "../lane/named-ids.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import { type DeferredOrder, DeferredOrders } from "./deferred-orders.ts";
import { type Expectations, MendedFiles } from "./expected-state.ts";
import { closePlace, openPlace, removeEmpty } from "./order-place.ts";
import { finalDirectory, receiveDeletions } from "./receive-closing.ts";
import { type OrderOutcome, OrderReceiver } from "./receive-order.ts";
import { saveKept } from "./standing-content.ts";
import { type WholeContent, wholeContent } from "./whole-file.ts";

/** The directory under way. */
interface Current {
  readonly orders: OrderedDirectory;
  /** Undefined: it cannot be entered, which was told. */
  readonly place: TargetPlace | undefined;
  next: number;
  /** What was found out about the next row, which waits for content; nothing has been looked at since. */
  waits: OrderOutcome | undefined;
}

/** The file under way. */
interface OpenFile {
  readonly row: number;
  /** Undefined: its content is passed over. */
  readonly file: TokenFile | undefined;
  /** It waits for a directory to make way. */
  readonly deferred?: DeferredOrder;
}

/** Takes records; the lane hears of everything. */
export class ChangesetApplier {
  readonly #lane: LaneContext;
  readonly #receiver: OrderReceiver;
  readonly #expectations: Expectations;
  readonly #ids: NamedIds | undefined;
  readonly #deferred = new DeferredOrders();
  /** Directories in which something is still done after they were closed. */
  readonly #closedEarly: ClosingDirectory[] = [];
  #current: Current | undefined;
  #open: OpenFile | undefined;
  /** The root's final attributes, which are set when everything else is over. */
  rootClosing: ClosingDirectory | undefined;

  /** `known`: all names of ids in the changeset, where they are known from the beginning. */
  constructor(
    lane: LaneContext,
    header: Header,
    known?: { readonly users: IdNames; readonly groups: IdNames },
  ) {
    const hasTimes = header.preserves.includes("mtime");
    const { digest } = header;
    this.#lane = lane;
    this.#expectations = { fs: lane.fs, digest, hasTimes, mended: new MendedFiles() };
    this.#receiver = new OrderReceiver(lane, this.#expectations);
    this.#ids = lane.settings.options.preserve.numericIds ? undefined : new NamedIds();
    if (known !== undefined) this.#ids?.learn(known);
  }

  /** Takes the next record. Throws Cancelled. */
  take(record: ChangesetRecord): void {
    if (record.type === "data") this.#data(record);
    else if (record.type === "directory" || record.type === "late") {
      this.#leave();
      this.#enter(record.orders);
    } else if (record.type === "closing") {
      this.#leave();
      this.#close(record.orders);
    } else if (record.type === "trailer") {
      this.#leave();
      this.#runDeferred(undefined);
      if (!this.#lane.settings.options.transfer.dryRun) {
        closeDirectories(this.#lane, this.#closedEarly);
      }
    }
  }

  /** That was all of the directory under way. Throws Cancelled. */
  endDirectory(): void {
    this.#leave();
  }

  /** Lets go of what is under way. */
  abandon(): void {
    this.#open?.file?.abandon();
    this.#open = undefined;
    if (this.#current?.place !== undefined) closePlace(this.#lane, this.#current.place);
    this.#current = undefined;
    for (const { file } of this.#deferred.take(undefined)) file?.abandon();
  }

  #enter(orders: OrderedDirectory): void {
    this.#ids?.apply(orders);
    const place = openPlace(this.#lane, orders.path, orders.count > 0);
    this.#current = { orders, place, next: 0, waits: undefined };
    this.#advance(false);
  }

  /** Carries out rows until one waits for content; `past`: for content that will not come any more. */
  #advance(past: boolean, end = Number.POSITIVE_INFINITY): void {
    const current = this.#current;
    if (current === undefined) return;
    const { orders, place } = current;
    const to = Math.min(orders.count, end);
    for (; current.next < to; current.next++, current.waits = undefined) {
      this.#lane.checkCancelled();
      const row = current.next;
      if (place === undefined) {
        this.#failed(undefined, orders, row);
        continue;
      }
      const outcome = current.waits ?? this.#receiver.begin(place, orders, row);
      const waits = outcome === "content" || outcome === "deferred";
      if (outcome === "failed") this.#failed(place, orders, row);
      else if (waits && takesContent(orders, row)) {
        current.waits = outcome;
        if (!past) return;
        this.#withoutContent(place, orders, row);
      } else if (outcome === "deferred") this.#deferred.add(orders, row);
    }
  }

  #withoutContent(place: TargetPlace, orders: OrderedDirectory, row: number): void {
    const lane = this.#lane;
    if (lane.settings.options.transfer.dryRun) {
      this.#receiver.tellWanted(place, orders, row);
      return;
    }
    lane.receive.problem(
      joinPath(place.path, orders.name(row)),
      "receive",
      0,
      "no content came for it",
    );
    this.#failed(place, orders, row);
  }

  #data({ index, tokens, digest }: DataRecord): void {
    const current = this.#current;
    if (current === undefined) return;
    if (this.#open?.row !== index) {
      this.#advance(true, index);
      // A row that is past needs no content.
      if (current.next > index) this.#open = { row: index, file: undefined };
      else this.#open = this.#begin(current, wholeContent(tokens, digest));
    }
    const open = this.#open;
    const { orders, place } = current;
    if (open.file !== undefined && place !== undefined) {
      const name = orders.name(index);
      if (digest === null) {
        open.file.abandon();
        this.#lost(open, place, orders);
      } else if (!this.#receiver.addContent(place, name, open.file, tokens, digest !== undefined)) {
        this.#lost(open, place, orders);
        this.#open = { row: index, file: undefined };
      } else if (digest !== undefined) this.#finish(open, place, orders, digest);
    }
    if (digest === undefined) return;
    this.#open = undefined;
    this.#advance(false);
  }

  #finish(
    { file, row, deferred }: OpenFile,
    place: TargetPlace,
    orders: OrderedDirectory,
    digest: Uint8Array,
  ): void {
    if (deferred !== undefined) deferred.digest = digest.slice();
    else if (file !== undefined) {
      const isDone = this.#receiver.finishContent(place, orders, row, file, digest);
      if (!isDone) this.#failed(place, orders, row);
    }
  }

  /** The file under way will not come to be. */
  #lost({ row, deferred }: OpenFile, place: TargetPlace, orders: OrderedDirectory): void {
    this.#failed(place, orders, row);
    if (deferred !== undefined) this.#deferred.drop(deferred);
  }

  /** A row was not carried out. */
  #failed(place: TargetPlace | undefined, orders: OrderedDirectory, row: number): void {
    this.#lane.count("failed");
    saveKept(this.#lane, place, orders, row);
  }

  /** Begins the file of the next row, if it wants content at all; `whole`: all of it is here already. */
  #begin(current: Current, whole: WholeContent | undefined): OpenFile {
    const { orders, place } = current;
    const row = current.next++;
    const lane = this.#lane;
    const nothing = { row, file: undefined };
    const known = current.waits;
    current.waits = undefined;
    const outcome =
      place === undefined ? "failed" : (known ?? this.#receiver.begin(place, orders, row));
    if (outcome === "failed") this.#failed(place, orders, row);
    if (place === undefined || (outcome !== "content" && outcome !== "deferred")) return nothing;
    if (lane.settings.options.transfer.dryRun) {
      if (outcome === "content") this.#receiver.tellWanted(place, orders, row);
      else this.#deferred.add(orders, row);
      return nothing;
    }
    if (outcome === "content") {
      if (whole !== undefined && this.#receiver.takeWhole(place, orders, row, whole))
        return nothing;
      const file = this.#receiver.openContent(place, orders, row);
      if (file === undefined) this.#failed(place, orders, row);
      return { row, file };
    }
    const deferred = this.#deferred.add(orders, row);
    deferred.file = this.#receiver.openContent(place, deferred.orders, 0, true);
    if (deferred.file === undefined) {
      this.#failed(place, orders, row);
      this.#deferred.drop(deferred);
    }
    return { row, file: deferred.file, deferred };
  }

  #leave(): void {
    this.#advance(true);
    const place = this.#current?.place;
    if (place !== undefined) closePlace(this.#lane, place);
    this.#current = undefined;
  }

  #close(orders: OrderedDirectory): void {
    const lane = this.#lane;
    this.#ids?.apply(orders);
    const place = openPlace(this.#lane, orders.path, false);
    let closing: ClosingDirectory | undefined;
    try {
      if (place !== undefined && place.dir >= 0) {
        receiveDeletions(lane, this.#expectations, place, orders);
      }
      closing = finalDirectory(lane, place, orders);
    } finally {
      if (place !== undefined) closePlace(this.#lane, place);
    }
    this.#runDeferred(orders.path);
    if (closing === undefined) return;
    if (orders.path === "") this.rootClosing = closing;
    else if (place !== undefined && !lane.settings.options.transfer.dryRun) {
      closeDirectories(lane, [closing]);
      if (this.#deferred.hasAny(orders.path)) this.#closedEarly.push(closing);
    }
  }

  /** Carries out what waited for a directory to be deleted. */
  #runDeferred(path: ByteString | undefined): void {
    for (const deferred of this.#deferred.take(path)) {
      const place = openPlace(this.#lane, deferred.orders.path, true);
      const isDone = place !== undefined && this.#runOne(place, deferred, path === undefined);
      if (!isDone) this.#failed(place, deferred.orders, 0);
      if (place !== undefined) closePlace(this.#lane, place);
    }
  }

  /** False = it failed. Unless it is the `last` time, a link whose leader waits itself waits on. */
  #runOne(place: TargetPlace, deferred: DeferredOrder, last: boolean): boolean {
    const { orders, file, digest } = deferred;
    if (this.#lane.settings.options.transfer.dryRun) {
      this.#receiver.tellWanted(place, orders, 0);
      return true;
    }
    const name = orders.name(0);
    removeEmpty(this.#lane, place, name);
    const outcome = this.#receiver.begin(place, orders, 0);
    if (outcome === "content" && file !== undefined && digest !== undefined) {
      return this.#receiver.finishContent(place, orders, 0, file, digest);
    }
    file?.abandon();
    if (outcome === "done" || outcome === "already") return true;
    if (outcome === "deferred" && orders.kind[0] === orderKind.link && !last) {
      this.#deferred.addAgain(deferred);
      return true;
    }
    const reason = "a directory in its way, or what it links to, is not what the changeset expects";
    if (outcome === "deferred") {
      this.#lane.receive.problem(joinPath(place.path, name), "conflict", 0, reason);
    }
    return false;
  }
}
