// The source's end of a run as the target's end sees it over a session: asks for a walk, keeps the
// directories that have come until the conductor wants them, and asks for content within a window.

import type { ByteString, Clock, ManifoldError } from "../../base/index.ts";
import { machineMark } from "../../fs/index.ts";
import {
  decodeContent,
  decodeListingMessage,
  decodeRemoved,
  encodeRequest,
  isDirectorySum,
  lane,
  type Peer,
  type RequestMessage,
  type Slabs,
} from "../../session/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { ContentWish, FarDirectory, FarListing, FarSource } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import type { BelowRecord, Looked, MovedFiles } from "../tasks/far-tasks.ts";
import { ArrivedListings, type HeardListing } from "./arrived-listings.ts";
import { Carriers } from "./carriers.ts";
import { DigestChoice } from "./digest-choice.ts";
import { BusyEnd } from "./idle-watch.ts";
import { outOfTurn } from "./out-of-turn.ts";
import { SumChoice } from "./sum-choice.ts";
import type { Switchboard } from "./switchboard.ts";
import { aheadBytesAtMost, removalBytes, untakenDirectoriesAtMost, wishCost } from "./windows.ts";

/** The window for listings is much larger than what is told at once. */
const [takenAtOnce, takenBytesAtOnce] = [16, 1024 * 1024];
const releasesPerMessage = 64;

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
  readonly #arrived = new ArrivedListings({
    took: (bytes) => this.#took(1, bytes),
    release: (directory) => this.#release(directory),
  });
  /** Directories whose content is on its way, by its number. */
  readonly #incomplete = new Map<number, HeardListing>();
  #takesAhead = false;
  /** Content that has come with directories and is not written yet. */
  #aheadBytes = 0;
  readonly #carriers: Carriers;
  readonly #busy: BusyEnd;
  #digests = new DigestChoice();
  #sums = new SumChoice(0);
  /** Directories whose record was asked for, since their sum was of something else. */
  readonly #unlisted = new Set<number>();
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
  walk(
    quiet: boolean,
    how: { lastName: ByteString | undefined; isLone: boolean },
    ahead = false,
    sums = 0,
  ): void {
    this.#arrived.clear();
    this.flush(); // Numbers of directories are given out anew.
    this.#lineRate = undefined;
    this.#takesAhead = ahead;
    this.#digests = new DigestChoice();
    this.#sums = new SumChoice(sums);
    this.#unlisted.clear();
    this.#send({ kind: "walk", walk: ++this.#walk, quiet, ...how, ahead, sums });
  }

  get slabs(): Slabs {
    return this.#peer.slabs;
  }

  listing(node: TreeNode, then: (listing: FarListing) => void): void {
    this.#arrived.listing(node, then);
  }

  below(directory: number): readonly BelowRecord[] {
    return this.#arrived.below(directory);
  }

  surveyedBelow(read: readonly BelowRecord[], quiet: readonly BelowRecord[]): void {
    for (const record of read) this.#arrived.surveyed(record);
    for (const { directory } of quiet) this.#release(directory);
  }

  content(
    node: TreeNode,
    { body, bytes, isMore }: ContentWish,
    then: (content: Uint8Array, applied: () => void) => void,
  ): void {
    const wish = { directory: node.far, body, bytes, signature: undefined };
    this.#carriers.ask({
      request: (id) => ({ kind: "fetch", id, ...wish }),
      bytes: wishCost(bytes, body.length),
      isHeldBack: isMore !== true,
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

  looked(looked: Looked): void {
    const wanted = this.#digests.looked(looked);
    if (wanted !== undefined) this.#send({ kind: "digests", wanted });
    const columns = this.#sums.looked(looked);
    if (columns !== undefined) this.#send({ kind: "sums", columns });
  }

  relist(directories: readonly number[]): void {
    for (const directory of directories) {
      this.#unlisted.add(directory);
      this.#send({ kind: "list", directory });
    }
  }

  walked(then: (lineRate: number) => void): void {
    const lineRate = this.#lineRate;
    if (lineRate === undefined) this.#onWalked.push(then);
    else setImmediate(() => then(lineRate));
  }

  skip(node: TreeNode, index: number): void {
    this.#arrived.skip(node, index);
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
    if (heard.kind === "walked") {
      if (heard.walk !== this.#walk) return;
      for (const event of heard.events) this.#tell(event);
      this.#lineRate = heard.lineRate;
      for (const then of this.#onWalked.splice(0)) then(heard.lineRate);
      return;
    }
    if (heard.kind === "directory" && heard.walk === this.#walk) {
      // A sum is not answered by a sum: that could go on for ever.
      const isListed = this.#unlisted.delete(heard.directory);
      if (isListed && isDirectorySum(heard.body)) throw outOfTurn("a sum once more,");
    }
    if (heard.kind === "directory" && heard.ahead !== undefined)
      this.#awaitContent(heard.ahead, heard);
    else this.#take(heard, undefined);
  }

  /** Content comes behind the directory that it belongs to. */
  #awaitContent(id: number, heard: HeardListing): void {
    const isTooMuch = this.#incomplete.size >= untakenDirectoriesAtMost;
    if (!this.#takesAhead || isTooMuch || this.#incomplete.has(id)) throw outOfTurn("content");
    this.#incomplete.set(id, heard);
  }

  /** Takes a message of the first connection's content lane. Throws a protocol-data error. */
  takeContent(message: Uint8Array): void {
    if (this.#busy.tells(message.length)) this.#send({ kind: "busy" });
    const { id, body } = decodeContent(message);
    const heard = this.#incomplete.get(id);
    if (heard === undefined) {
      this.#carriers.takeContent(message);
      return;
    }
    this.#incomplete.delete(id);
    this.#aheadBytes += body.length;
    if (this.#aheadBytes > aheadBytesAtMost) throw outOfTurn("more content than was taken,");
    const applied = (): void => {
      this.#aheadBytes -= body.length;
      this.#peer.slabs.give(message);
      this.#took(0, body.length);
    };
    this.#take(heard, { content: body, applied });
  }

  #take(heard: HeardListing, ahead: FarDirectory["ahead"]): void {
    if (heard.walk === this.#walk) {
      this.#arrived.take(heard, ahead);
      return;
    }
    this.#took(1, heard.kind === "closed" ? 0 : heard.body.length);
    ahead?.applied();
  }

  #took(directories: number, bytes: number): void {
    this.#takenDirectories += directories;
    this.#takenBytes += bytes;
    if (this.#takenDirectories < takenAtOnce && this.#takenBytes < takenBytesAtOnce) return;
    const taken = { directories: this.#takenDirectories, bytes: this.#takenBytes };
    this.#takenDirectories = this.#takenBytes = 0;
    this.#send({ kind: "taken", ...taken });
  }

  #release(directory: number): void {
    this.#released.push(directory);
    if (this.#released.length >= releasesPerMessage) this.flush();
  }

  #send(message: RequestMessage): void {
    this.#peer.send(lane.request, encodeRequest(message));
  }
}
