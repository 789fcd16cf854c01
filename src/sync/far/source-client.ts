// The source's end of a run as the target's end sees it over a session: asks for a walk, keeps the
// directories that have come until the conductor wants them, and asks for content within a window.

import type { ByteString, Clock, ManifoldError } from "../../base/index.ts";
import { machineMark } from "../../fs/index.ts";
import {
  decodeListingMessage,
  decodeRemoved,
  encodeRequest,
  type ListingMessage,
  lane,
  type Peer,
  type RequestMessage,
  type Slabs,
} from "../../session/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { FarListing, FarSource } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import type { MovedFiles } from "../tasks/far-tasks.ts";
import { Carriers } from "./carriers.ts";
import { BusyEnd } from "./idle-watch.ts";
import { outOfTurn } from "./out-of-turn.ts";
import type { Switchboard } from "./switchboard.ts";
import { removalBytes, untakenBytesAtMost, untakenDirectoriesAtMost, wishCost } from "./windows.ts";

/** The window for listings is much larger than what is told at once. */
const [takenAtOnce, takenBytesAtOnce] = [32, 1024 * 1024];
const releasesPerMessage = 64;

type Arrived = FarListing & object;

/** What speaking with it needs. */
export interface SourceClientContext {
  /** Hears what the source's end met besides what its directories tell. */
  readonly tell: (event: ProgressEvent) => void;
  /** Hears that a connection that joined broke off. */
  readonly lost: (peer: Peer, error: ManifoldError) => void;
  /** How many connections there are to be. */
  readonly expected: number;
  /** Lanes are threads. */
  readonly streams: boolean;
  readonly clock: Clock;
}

/** Speaks with the source's end. */
export class SourceClient implements FarSource {
  readonly streams: boolean;
  readonly #peer: Peer;
  readonly #tell: (event: ProgressEvent) => void;
  /** Directories that came before they were wanted, and who waits for those that have not come. */
  readonly #arrived = new Map<string, FarListing>();
  #arrivedBytes = 0;
  readonly #awaited = new Map<string, (listing: FarListing) => void>();
  /** Subdirectories of no interest that have not come yet, and all directories below such. */
  readonly #skipped = new Set<string>();
  readonly #skippedDirectories = new Set<number>();
  readonly #carriers: Carriers;
  readonly #busy: BusyEnd;
  #released: number[] = [];
  #takenDirectories = 0;
  #takenBytes = 0;
  #walk = 0;
  /** Of the line, as the source's end said when it was through; undefined = it is not. */
  #lineRate: number | undefined;
  readonly #onWalked: ((lineRate: number) => void)[] = [];

  constructor(peer: Peer, context: SourceClientContext) {
    const { tell, lost, expected, streams, clock } = context;
    this.streams = streams;
    this.#peer = peer;
    this.#tell = tell;
    this.#carriers = new Carriers(peer, expected, lost);
    this.#busy = new BusyEnd(clock);
  }

  /** Takes one more connection, for content. */
  join(board: Switchboard): void {
    this.#carriers.join(board);
  }

  /** Content waits for this connection, and then goes over it alone; undefined = it cannot be had. */
  awaitPreferred(coming: Promise<Switchboard | undefined>): void {
    this.#carriers.awaitPreferred();
    void coming.then((board) => this.#carriers.prefer(board));
  }

  get carriers(): number {
    return this.#carriers.count;
  }

  /** Begins a walk; `quiet` is one before the real one. */
  walk(quiet: boolean, how: { lastName: ByteString | undefined; isLone: boolean }): void {
    for (const [key, listing] of this.#arrived) this.#leave(key, listing);
    this.flush(); // Numbers of directories are given out anew.
    this.#skipped.clear();
    this.#skippedDirectories.clear();
    this.#lineRate = undefined;
    this.#send({ kind: "walk", walk: ++this.#walk, quiet, ...how });
  }

  get slabs(): Slabs {
    return this.#peer.slabs;
  }

  listing(node: TreeNode, then: (listing: FarListing) => void): void {
    const { parent, index } = node.known;
    const key = parent === undefined ? top : keyOf(parent.far, index);
    const arrived = this.#arrived.get(key);
    if (arrived === undefined) {
      this.#awaited.set(key, then);
      return;
    }
    this.#leave(key, arrived);
    setImmediate(() => then(arrived));
  }

  content(
    node: TreeNode,
    { body, bytes }: { body: Uint8Array; bytes: number },
    then: (content: Uint8Array, applied: () => void) => void,
  ): void {
    const wish = { directory: node.far, body, bytes, signature: undefined };
    this.#carriers.ask({
      request: (id) => ({ kind: "fetch", id, ...wish }),
      bytes: wishCost(bytes, body.length),
      isHeldBack: true,
      isOnce: false,
      signature: undefined,
      answered: then,
    });
  }

  remove(
    directory: number,
    { rows, copies }: Pick<MovedFiles, "rows" | "copies">,
    then: (events: readonly ProgressEvent[]) => void,
  ): void {
    this.#carriers.ask({
      request: (id) => ({ kind: "remove", id, directory, rows, copies, machine: machineMark() }),
      bytes: wishCost(0, rows.length * removalBytes),
      isHeldBack: true,
      isOnce: true,
      signature: undefined,
      answered: (answer, applied) => {
        then(decodeRemoved(answer));
        applied();
      },
    });
  }

  piece(
    node: TreeNode,
    wish: { body: Uint8Array; bytes: number; signature: number | undefined },
    then: (content: Uint8Array, applied: () => void) => void,
  ): void {
    const directory = node.far;
    const { body, bytes, signature } = wish;
    this.#carriers.ask({
      request: (id) => ({ kind: "fetch", id, directory, ...wish }),
      bytes: wishCost(bytes, body.length),
      isHeldBack: false,
      isOnce: false,
      signature,
      answered: then,
    });
  }

  signature(id: number, record: Uint8Array): void {
    this.#carriers.keepSignature(id, record);
  }

  drop(id: number): void {
    this.#carriers.dropSignature(id);
  }

  walked(then: (lineRate: number) => void): void {
    const lineRate = this.#lineRate;
    if (lineRate === undefined) this.#onWalked.push(then);
    else setImmediate(() => then(lineRate));
  }

  skip(node: TreeNode, index: number): void {
    const key = keyOf(node.far, index);
    const arrived = this.#arrived.get(key);
    if (arrived === undefined) {
      this.#skipped.add(key);
      return;
    }
    this.#leave(key, arrived);
    if (arrived !== "closed") this.#skipDirectory(arrived);
  }

  release(node: TreeNode): void {
    this.#release(node.far);
  }

  /** Tells the source's end which directories it may forget. */
  flush(): void {
    if (this.#released.length === 0) return;
    this.#send({ kind: "release", directories: this.#released });
    this.#released = [];
  }

  /** Takes a message of the listing lane. Throws a protocol-data error. */
  takeListing(message: Uint8Array): void {
    const heard = decodeListingMessage(message);
    const isOld = heard.walk !== this.#walk;
    if (heard.kind === "walked") {
      if (isOld) return;
      for (const event of heard.events) this.#tell(event);
      this.#lineRate = heard.lineRate;
      for (const then of this.#onWalked.splice(0)) then(heard.lineRate);
      return;
    }
    if (isOld) {
      this.#took(listingOf(heard));
      return;
    }
    const isTop = heard.kind === "directory" && heard.parent === heard.directory;
    const key = isTop ? top : keyOf(heard.parent, heard.index);
    const listing = listingOf(heard);
    if (this.#skipped.delete(key) || this.#skippedDirectories.has(heard.parent)) {
      this.#took(listing);
      if (listing !== "closed") this.#skipDirectory(listing);
      return;
    }
    const then = this.#awaited.get(key);
    if (then === undefined) {
      this.#keep(key, listing);
      return;
    }
    this.#awaited.delete(key);
    this.#took(listing);
    then(listing);
  }

  /** Takes a message of the first connection's content lane. Throws a protocol-data error. */
  takeContent(message: Uint8Array): void {
    if (this.#busy.tells(message.length)) this.#send({ kind: "busy" });
    this.#carriers.takeContent(message);
  }

  /** Keeps what comes before it is wanted: no more than a source's end may send. */
  #keep(key: string, listing: FarListing): void {
    if (this.#arrived.has(key)) throw outOfTurn("a directory");
    const isTooMuch = this.#arrivedBytes > untakenBytesAtMost;
    if (isTooMuch || this.#arrived.size >= untakenDirectoriesAtMost) {
      throw outOfTurn("more directories than were taken,");
    }
    this.#arrived.set(key, listing);
    this.#arrivedBytes += lengthOf(listing);
  }

  #leave(key: string, listing: FarListing): void {
    this.#arrived.delete(key);
    this.#arrivedBytes -= lengthOf(listing);
    this.#took(listing);
  }

  /** The source's end goes on below it, and is not waited for. */
  #skipDirectory(listing: Arrived): void {
    this.#skippedDirectories.add(listing.directory);
    this.#release(listing.directory);
  }

  #took(listing: FarListing): void {
    this.#takenDirectories++;
    this.#takenBytes += lengthOf(listing);
    if (this.#takenDirectories < takenAtOnce && this.#takenBytes < takenBytesAtOnce) return;
    const [directories, bytes] = [this.#takenDirectories, this.#takenBytes];
    this.#takenDirectories = this.#takenBytes = 0;
    this.#send({ kind: "taken", directories, bytes });
  }

  #release(directory: number): void {
    this.#released.push(directory);
    if (this.#released.length >= releasesPerMessage) this.flush();
  }

  #send(message: RequestMessage): void {
    this.#peer.send(lane.request, encodeRequest(message));
  }
}

const top = "top";

function keyOf(parent: number, index: number): string {
  return `${parent}:${index}`;
}

function listingOf(
  message: ListingMessage & { readonly kind: "directory" | "closed" },
): FarListing {
  if (message.kind === "closed") return "closed";
  return { directory: message.directory, record: message.body };
}

function lengthOf(listing: FarListing): number {
  return listing === "closed" ? 0 : listing.record.length;
}
