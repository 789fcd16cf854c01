// Directories on their way to the target's end: as many as it takes beforehand. Where a sum went in the place of a record, it may be
// asked for.

import { decodeDirectorySum, encodeListingHead, lane, type Peer } from "../../session/index.ts";
import { outOfTurn } from "./out-of-turn.ts";
import {
  triedDirectoriesMax,
  triedInAll,
  untakenBytesMax,
  untakenDirectoriesMax,
} from "./windows.ts";

/** Where a directory stands among those of its walk. */
interface ListingPlace {
  readonly directory: number;
  readonly parent: number;
  /** Which of the parent's subdirectories it is. */
  readonly index: number;
}

/** A directory of which there was a sum. */
interface Sum {
  readonly place: ListingPlace;
  readonly topBytes: number;
}

/** Sends those of one walk after the other. */
export class SentListings {
  readonly #peer: Peer;
  #walk = 0;
  #directories = 0;
  #directoriesMax = untakenDirectoriesMax;
  #takenInAll = 0;
  #bytes = 0;
  /** Of which directories there went a sum. */
  readonly #sums = new Map<number, Sum>();

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Another walk begins; `triesSums`: few directories are sent before the other end has said what it makes of sums. */
  begin(walk: number, triesSums: boolean): void {
    this.#walk = walk;
    this.#takenInAll = 0;
    this.#directoriesMax = triesSums ? triedDirectoriesMax : untakenDirectoriesMax;
    this.#sums.clear();
  }

  /** The other end has made up its mind about sums. */
  endTrial(): void {
    this.#directoriesMax = untakenDirectoriesMax;
  }

  /** Says whether the other end has as much as it takes. */
  get isFull(): boolean {
    return this.#directories >= this.#directoriesMax || this.#bytes >= untakenBytesMax;
  }

  /** Keeps room for so many directories; negative = gives it back. */
  reserve(directories: number): void {
    this.#directories += directories;
  }

  /** So many bytes go with a directory. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The other end has begun with so much. */
  taken({ directories, bytes }: { readonly directories: number; readonly bytes: number }): void {
    this.#directories = Math.max(0, this.#directories - directories);
    this.#bytes = Math.max(0, this.#bytes - bytes);
    this.#takenInAll += directories;
    // Where few directories have sums, nothing is said of them.
    if (this.#takenInAll >= triedInAll) this.endTrial();
  }

  /** Sends a directory; `ahead`: the number of content that goes with it. */
  send(
    { directory, parent, index }: ListingPlace,
    { record, isSum }: { readonly record: Uint8Array; readonly isSum: boolean },
    ahead: number | undefined,
  ): void {
    const place = { directory, parent, index };
    if (isSum) this.#sums.set(directory, { place, topBytes: decodeDirectorySum(record).topBytes });
    this.#send(place, record, ahead);
  }

  /** There is nothing inside of subdirectory `index` of a directory. */
  closed(parent: number, index: number): void {
    this.#directories++;
    const message = { kind: "closed", walk: this.#walk, parent, index } as const;
    this.#peer.send(lane.listing, encodeListingHead(message));
  }

  /** Sends the record of a directory of which there was a sum; `recordOf` makes it. Throws a protocol-data error. */
  list(directory: number, recordOf: (topBytes: number) => Uint8Array): void {
    const sum = this.#sums.get(directory);
    if (sum === undefined) throw outOfTurn("a wish for a directory that it has");
    this.#sums.delete(directory);
    this.#send(sum.place, recordOf(sum.topBytes), undefined);
  }

  /** Nothing will be asked about it. */
  release(directory: number): void {
    this.#sums.delete(directory);
  }

  #send(place: ListingPlace, body: Uint8Array, ahead: number | undefined): void {
    this.#directories++;
    this.#bytes += body.length;
    const head = { kind: "directory", walk: this.#walk, ...place, ahead } as const;
    this.#peer.send(lane.listing, encodeListingHead({ ...head, bodyBytes: body.length }), body);
  }
}
