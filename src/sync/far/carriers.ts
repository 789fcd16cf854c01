// The connections over which the target's end asks for content. A wish goes to whichever has the fewest bytes
// to answer; when one breaks off, what it owes is asked for on another. What has to stay in order goes over the
// first, and the run ends with that one.

import type { ManifoldError } from "../../base/index.ts";
import {
  decodeContent,
  encodeRequest,
  lane,
  type Peer,
  type RequestMessage,
} from "../../session/index.ts";
import { outOfTurn } from "./out-of-turn.ts";
import type { Switchboard } from "./switchboard.ts";
import { contentBytesMax } from "./windows.ts";

/** Numbers of wishes lie far apart (Knuth's multiplicative hashing): a damaged one is nobody's. Odd, so that none comes twice. */
const scattering = 0x9e3779b1;

function scattered(count: number): number {
  return Math.imul(count, scattering) >>> 0;
}

/** Returns the number of content that comes with a directory: none that a wish has. */
export function aheadNumber(directory: number): number {
  return scattered(2 ** 31 + directory);
}

/** What is asked of the source's end, and answered over the same connection. */
export interface Wish {
  /** What is sent, under the number that the answer has. */
  readonly request: (id: number) => RequestMessage;
  /** Bytes that the answer is likely to have. */
  readonly bytes: number;
  /** It waits for room in the window. */
  readonly isHeldBack: boolean;
  /** Asking twice would do harm: it goes over the first connection. */
  readonly isOnce: boolean;
  /** What must be known of the target's file first: the signature's number. */
  readonly signature: number | undefined;
  readonly answered: (content: Uint8Array, applied: () => void) => void;
}

interface Carrier {
  readonly peer: Peer;
  readonly asked: Map<number, Wish>;
  /** Bytes that were asked for and have not come. */
  owed: number;
  /** Bytes that were asked for in all. */
  total: number;
  /** Signatures that its other end has. */
  readonly signatures: Set<number>;
}

/** Asks over all of them. */
export class Carriers {
  readonly #first: Carrier;
  /** Bytes that one may owe before what can wait does. */
  readonly #share: number;
  readonly #lost: (peer: Peer, error: ManifoldError) => void;
  #carriers: Carrier[];
  readonly #queue: Wish[] = [];
  readonly #signatures = new Map<number, Uint8Array>();
  #outBytes = 0;
  #nextWish = 0;
  /** The one that carries all content as long as it is there; "awaited" = wishes wait until it is, or cannot be had. */
  #preferred: Carrier | "awaited" | undefined;

  /** `expected`: how many there are to be. `lost` hears that a connection that joined broke off. */
  constructor(first: Peer, expected: number, lost: (peer: Peer, error: ManifoldError) => void) {
    this.#share = contentBytesMax / expected;
    this.#first = carrierOf(first);
    this.#carriers = [this.#first];
    this.#lost = lost;
  }

  /** How many there are. */
  get count(): number {
    return this.#carriers.length;
  }

  /** Wishes wait for a connection that is to carry all content. */
  awaitPreferred(): void {
    this.#preferred = "awaited";
  }

  /** There it is; undefined = it cannot be had. */
  prefer(board: Switchboard | undefined): void {
    this.#preferred = undefined;
    if (board !== undefined) this.join(board, true);
    this.#askMore();
  }

  /** Takes one more. */
  join(board: Switchboard, isPreferred = false): void {
    const carrier = carrierOf(board.peer);
    this.#carriers.push(carrier);
    if (isPreferred) this.#preferred = carrier;
    board.onControl(({ kind }) => {
      throw outOfTurn(`a ${kind} message`);
    });
    board.on(lane.content, (message) => this.#take(carrier, message));
    board.onBroken((error) => this.#lose(carrier, error));
    this.#askMore();
  }

  /** Asks as soon as there is room. */
  ask(wish: Wish): void {
    if (wish.isHeldBack || this.#preferred === "awaited") {
      this.#queue.push(wish);
      this.#askMore();
    } else this.#request(wish);
  }

  /** Keeps what the target has of a file for wishes that name it. */
  keepSignature(id: number, record: Uint8Array): void {
    this.#signatures.set(id, record);
  }

  /** No wish names it any more. */
  dropSignature(id: number): void {
    this.#signatures.delete(id);
    for (const { peer, signatures } of this.#carriers) {
      if (signatures.delete(id)) send(peer, { kind: "drop", id });
    }
  }

  /** Takes a message of the first one's content lane. Throws a protocol-data error. */
  takeContent(message: Uint8Array): void {
    this.#take(this.#first, message);
  }

  #take(carrier: Carrier, message: Uint8Array): void {
    const { id, body } = decodeContent(message);
    const wish = carrier.asked.get(id);
    if (wish === undefined) throw outOfTurn("content that nobody asked for");
    carrier.asked.delete(id);
    carrier.owed -= wish.bytes;
    wish.answered(body, () => {
      if (wish.isHeldBack) this.#outBytes -= wish.bytes;
      carrier.peer.slabs.give(message);
      this.#askMore();
    });
    this.#askMore();
  }

  #lose(carrier: Carrier, error: ManifoldError): void {
    const { peer, asked } = carrier;
    this.#carriers = this.#carriers.filter((one) => one !== carrier);
    if (this.#preferred === carrier) this.#preferred = undefined;
    this.#lost(peer, error);
    peer.end();
    const owed = [...asked.values()];
    asked.clear();
    for (const wish of owed) this.#send(wish);
  }

  #askMore(): void {
    if (this.#preferred === "awaited") return;
    const share = this.#preferred === undefined ? this.#share : contentBytesMax;
    const hasRoom = (): boolean =>
      this.#outBytes < contentBytesMax && this.#leastBusy().owed < share;
    while (this.#queue.length > 0 && hasRoom()) {
      this.#request(this.#queue.shift() as Wish);
    }
  }

  #request(wish: Wish): void {
    if (wish.isHeldBack) this.#outBytes += wish.bytes;
    this.#send(wish);
  }

  #send(wish: Wish): void {
    const { signature } = wish;
    const carrier = wish.isOnce ? this.#first : this.#leastBusy();
    if (signature !== undefined && !carrier.signatures.has(signature)) {
      const record = this.#signatures.get(signature);
      // A file that was finished meanwhile wants nothing.
      if (record === undefined) return;
      carrier.signatures.add(signature);
      send(carrier.peer, { kind: "signature", id: signature, body: record });
    }
    const id = scattered(this.#nextWish++);
    carrier.asked.set(id, wish);
    carrier.owed += wish.bytes;
    carrier.total += wish.bytes;
    send(carrier.peer, wish.request(id));
  }

  #leastBusy(): Carrier {
    if (this.#preferred !== undefined && this.#preferred !== "awaited") return this.#preferred;
    let least = this.#first;
    for (const carrier of this.#carriers) {
      // Of those that are free, whichever had least to do: none grows cold.
      const ahead = carrier.owed - least.owed || carrier.total - least.total;
      if (ahead < 0) least = carrier;
    }
    return least;
  }
}

function carrierOf(peer: Peer): Carrier {
  return { peer, asked: new Map(), owed: 0, total: 0, signatures: new Set() };
}

function send(peer: Peer, message: RequestMessage): void {
  peer.send(lane.request, encodeRequest(message));
}
