// One conversation with an rsync that sends: a list of the tree, of its top, or of files that are named; then content of some of
// them, as many as are wanted one behind the other. Whoever has enough breaks it off.

import { type ByteString, ManifoldError, toBytes, toText } from "../../base/index.ts";
import { equalDigests } from "../../hash/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import {
  brokenProtocol,
  type Checksums,
  type FileSink,
  fileChecksum,
  type IdNames,
  type ItemHeader,
  type PulledList,
  Puller,
  type PullListener,
  type TextKind,
  type WireEntry,
} from "../../rsync/index.ts";
import { during, SourceError } from "../../source/index.ts";
import { pullArguments } from "../far/rsync-arguments.ts";
import { type RsyncPeer, reachRsync } from "../far/rsync-reach.ts";
import { isAboutVanished } from "../far/rsync-texts.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { rsyncTrouble } from "./rsync-trouble.ts";
import { type VisitWish, visitOptions } from "./visit-options.ts";

/** Where to. */
export interface VisitPlace {
  readonly options: Options;
  /** A daemon and a module, and in it the top of the tree as the only path. */
  readonly far: FarPlaces;
  readonly surroundings: Surroundings;
  /** Aborted when nothing is wanted of it any more: with it ends what is still being reached. */
  readonly closing: AbortSignal;
}

/** A file that is wanted from an offset on: by its number in `entries`. */
export interface VisitOrder {
  readonly index: number;
  readonly offset: number;
}

type Arrival =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly isRight: boolean }
  | { readonly kind: "none"; readonly isVanished: boolean };

/** Bytes that lie here before reading stops. */
const heldBytesMax = 1024 * 1024;

/** Such a conversation. */
export class RsyncVisit implements PullListener {
  entries: readonly WireEntry[] = [];
  users: IdNames = new Map();
  groups: IdNames = new Map();
  /** Something could not be read there. */
  hasErrors = false;
  readonly #peer: RsyncPeer;
  readonly #puller: Puller;
  readonly #said: ByteString[] = [];
  readonly #arrived: Arrival[] = [];
  #heldBytes = 0;
  #isPaused = false;
  #failure: SourceError | undefined;
  #isListed = false;
  #isVanishing = false;
  #indices: Map<ByteString, number> | undefined;
  #wake: () => void = () => undefined;

  private constructor(peer: RsyncPeer, names: readonly ByteString[] | undefined) {
    this.#peer = peer;
    this.#puller = new Puller(peer.reader, peer.terms, [], this);
    if (names === undefined) return;
    const text = toBytes(names.map((name) => `${name}\0`).join(""));
    this.#puller.out.names(text, peer.terms.protocol);
  }

  /** Begins one; the list has come then. Rejects with SourceError. */
  static async open(place: VisitPlace, wish: VisitWish, signal: AbortSignal): Promise<RsyncVisit> {
    const options = visitOptions(place.options, wish);
    const words = pullArguments(options, false);
    const asked = { words, text: () => undefined, signal: place.closing };
    const reaching = reachRsync(options, place.far, place.surroundings, asked);
    let peer: RsyncPeer;
    try {
      peer = await during(signal, reaching);
    } catch (error) {
      // It may be reached in the same moment, and nobody else would let it go.
      void reaching.then(
        (late) => late.destroy(),
        () => undefined,
      );
      signal.throwIfAborted();
      throw rsyncTrouble(error, []);
    }
    const names = typeof wish.what === "string" ? undefined : wish.what;
    const visit = new RsyncVisit(peer, names);
    try {
      while (!visit.#isListed) await visit.#news(signal);
    } catch (error) {
      visit.destroy();
      throw error;
    }
    return visit;
  }

  /** Returns the number of an entry; undefined = it was not listed. */
  indexOf(path: ByteString): number | undefined {
    this.#indices ??= new Map(this.entries.map(({ name }, index) => [name, index]));
    return this.#indices.get(path);
  }

  get protocol(): number {
    return this.#peer.terms.protocol;
  }

  /** Brings content, in the order of what is wanted; the last bytes of a file come when its checksum has proven right. Rejects with SourceError. */
  async *bring(
    orders: readonly VisitOrder[],
    signal: AbortSignal,
  ): AsyncIterable<{
    readonly order: number;
    readonly bytes: Uint8Array;
    readonly isEnd: boolean;
  }> {
    for (const { index, offset } of orders) this.#puller.out.requestFrom(index, 0, offset);
    for (const order of orders.keys()) {
      let held: Uint8Array = new Uint8Array(0);
      for (;;) {
        const arrival = this.#take() ?? (await this.#news(signal));
        if (arrival === undefined) continue;
        if (arrival.kind === "bytes") {
          if (held.length > 0) yield { order, bytes: held, isEnd: false };
          held = arrival.bytes;
        } else if (arrival.kind === "none") throw notSent(arrival.isVanished, this.#said);
        else if (!arrival.isRight) {
          throw new SourceError(
            "changed",
            "What rsync sent does not have the checksum that it told",
          );
        } else break;
      }
      yield { order, bytes: held, isEnd: true };
    }
  }

  /** Breaks it off. */
  destroy(): void {
    this.#failure ??= new SourceError("connection", "The conversation is over");
    this.#puller.destroy();
    this.#peer.destroy();
  }

  #take(): Arrival | undefined {
    const arrival = this.#arrived.shift();
    if (arrival?.kind === "bytes") this.#heldBytes -= arrival.bytes.length;
    if (this.#isPaused && this.#heldBytes < heldBytesMax / 2) {
      this.#isPaused = false;
      this.#puller.flow.resume();
    }
    return arrival;
  }

  /** Waits until something has happened. */
  #news(signal: AbortSignal): Promise<undefined> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        signal.removeEventListener("abort", abandon);
        this.#wake = () => undefined;
        if (this.#failure !== undefined && this.#arrived.length === 0) reject(this.#failure);
        else resolve(undefined);
      };
      const abandon = (): void => reject(signal.reason);
      this.#wake = settle;
      if (signal.aborted) abandon();
      else if (this.#failure !== undefined) settle();
      else signal.addEventListener("abort", abandon, { once: true });
    });
  }

  #arrive(arrival: Arrival): void {
    this.#arrived.push(arrival);
    if (arrival.kind === "bytes") this.#heldBytes += arrival.bytes.length;
    if (!this.#isPaused && this.#heldBytes >= heldBytesMax) {
      this.#isPaused = true;
      this.#puller.flow.pause();
    }
    this.#wake();
  }

  // What the other end says.

  names(users: IdNames, groups: IdNames): void {
    this.users = users;
    this.groups = groups;
  }

  list({ entries, errors }: PulledList): void {
    if (errors !== 0) this.hasErrors = true;
    this.entries = entries;
    if (entries.length === 0 && this.#said.length > 0) {
      this.failed(new ManifoldError("start-client", toText(this.#said.join(" "))));
    }
    this.#isListed = true;
    this.#wake();
  }

  listsEnd(): void {
    // There is one.
  }

  answer(_header: ItemHeader): FileSink {
    this.#isVanishing = false;
    const checksums: Checksums = this.#peer.terms.checksums;
    const sum = fileChecksum(checksums);
    return {
      literal: (bytes) => {
        sum.update(bytes);
        this.#arrive({ kind: "bytes", bytes: bytes.slice() });
      },
      block: () => {
        throw brokenProtocol("it sends blocks of a file that nobody told it of");
      },
      end: (told) => this.#arrive({ kind: "end", isRight: equalDigests(sum.digest(), told) }),
    };
  }

  noSend(): void {
    this.#arrive({ kind: "none", isVanished: this.#isVanishing });
    this.#isVanishing = false;
  }

  ioError(): void {
    this.hasErrors = true;
  }

  text(kind: TextKind, text: ByteString): void {
    if (isAboutVanished(text)) this.#isVanishing = true;
    if (kind === "error" || kind === "transfer-error") this.#said.push(text.trim());
  }

  ended(_statistics: unknown, error: ManifoldError | undefined): void {
    const message = "rsync has ended the conversation";
    this.failed(error ?? new ManifoldError("connection-lost", message));
  }

  failed(error: ManifoldError): void {
    this.#failure ??= rsyncTrouble(error, this.#said);
    this.#wake();
  }
}

function notSent(isVanished: boolean, said: readonly ByteString[]): SourceError {
  const why = toText(said.at(-1) ?? "rsync does not send it");
  return new SourceError(isVanished ? "absent" : "unreadable", why);
}
