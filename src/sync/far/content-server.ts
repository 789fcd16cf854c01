// What the source's end does about wishes: it has files read and removed that were listed, and answers over the
// connection that asked. Each connection has a queue of its own, so that none waits for another.

import { assert, type ByteString, type Clock, ManifoldError } from "../../base/index.ts";
import { machineMark } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { MachineTime } from "../../schedule/index.ts";
import {
  decodeRequest,
  encodeContentHead,
  encodeRemoved,
  lane,
  type Peer,
  type RequestMessage,
} from "../../session/index.ts";
import type { FrozenDirectory } from "../../tree/index.ts";
import type {
  ReadBytes,
  ReadResult,
  ReadTask,
  RemovedResult,
  RemoveTask,
} from "../tasks/far-tasks.ts";
import { Compression } from "./compression.ts";
import { LineWatch } from "./line-watch.ts";
import { outOfTurn } from "./out-of-turn.ts";
import { Signatures } from "./signatures.ts";
import type { Switchboard } from "./switchboard.ts";
import { type WaitingRead, type WaitingWish, WishQueue } from "./wish-queue.ts";

const costBytes = 65_536;
/** What the other end says of sizes is believed up to here; a lane takes more when it has seen the files. */
const roomBytesMax = 4 * 1024 * 1024;

/** A directory that wishes may be about. */
export interface KeptDirectory {
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  readonly listing: FrozenDirectory;
}

/** What serving content needs. */
export interface ContentServerContext {
  readonly options: Options;
  readonly clock: Clock;
  readonly machineTime: (() => MachineTime) | undefined;
  /** The run's first connection. */
  readonly peer: Peer;
  /** Gives a lane something to do. */
  readonly submit: (task: ReadTask | RemoveTask, cost: number) => void;
  /** There is work for all lanes. */
  readonly spread: () => void;
}

/** A request that content answers, or that is about such requests. */
export type ContentRequest = RequestMessage & {
  readonly kind: "fetch" | "remove" | "signature" | "drop";
};

interface Carrier {
  readonly peer: Peer;
  readonly wishes: WishQueue;
}

/** Serves one run. */
export class ContentServer {
  readonly #context: ContentServerContext;
  readonly #first: Carrier;
  readonly #carriers = new Set<Carrier>();
  readonly #kept = new Map<number, KeptDirectory>();
  readonly #signatures = new Signatures();
  readonly #compression: Compression;
  /** All connections together. */
  readonly line: LineWatch;
  /** Who asked for what lanes read, and under which number. */
  readonly #reading = new Map<number, { readonly carrier: Carrier; readonly id: number }>();
  #nextRead = 0;

  constructor(context: ContentServerContext) {
    this.#context = context;
    this.#first = this.#carrierOf(context.peer);
    const { options, clock, machineTime } = context;
    this.line = new LineWatch(asOne(this.#carriers), clock, machineTime);
    this.#compression = new Compression(options.transfer.compress, this.line);
  }

  /** Wishes may be about a directory from here on. */
  keep(directory: number, kept: KeptDirectory): void {
    this.#kept.set(directory, kept);
  }

  /** What is kept of a directory. */
  kept(directory: number): KeptDirectory {
    const kept = this.#kept.get(directory);
    assert(kept !== undefined, "It is kept as long as something may be asked about it.");
    return kept;
  }

  /** No wish is about it any more. */
  release(directory: number): void {
    this.#kept.delete(directory);
  }

  /** Takes one more connection. What breaks the protocol there ends that one. */
  join(board: Switchboard): void {
    const carrier = this.#carrierOf(board.peer);
    board.onControl(({ kind }) => {
      throw outOfTurn(`a ${kind} message`);
    });
    board.on(lane.request, (message) => {
      const request = decodeRequest(message);
      const { kind } = request;
      if (kind !== "fetch" && kind !== "signature" && kind !== "drop") {
        throw outOfTurn(`a ${kind} message`);
      }
      this.#take(carrier, request);
    });
    board.onDrained(() => carrier.wishes.goOn());
    // What it owes is asked for on another one; the target's end tells of it.
    board.onBroken(() => {
      this.#carriers.delete(carrier);
      this.#signatures.forget(carrier);
      carrier.wishes.clear();
      board.peer.end();
    });
  }

  /** Takes a request of the first connection. Throws a protocol-data error. */
  take(request: ContentRequest): void {
    this.#take(this.#first, request);
  }

  /** There is room for more on the first connection. */
  goOn(): void {
    this.#first.wishes.goOn();
  }

  /** A lane is done with something. */
  answered(result: ReadResult | RemovedResult): void {
    const asked = this.#reading.get(result.id);
    this.#reading.delete(result.id);
    if (asked === undefined) return;
    const { carrier, id } = asked;
    if (result.kind === "read") this.#sendContent(carrier, id, result);
    else {
      const body = encodeRemoved(result.events);
      carrier.peer.send(lane.content, encodeContentHead(id, body.length), body);
    }
    carrier.wishes.done();
  }

  /** Says whether all content is compressed. */
  get compresses(): boolean {
    return this.#compression.wanted === "all";
  }

  /** Sends what goes with a directory. */
  sendAhead(id: number, content: ReadBytes): void {
    this.#sendContent(this.#first, id, content);
  }

  #sendContent({ peer }: Carrier, id: number, { head, body, room, spare }: ReadBytes): void {
    const { slabs } = this.#context.peer;
    if (spare !== undefined) slabs.give(spare);
    this.#compression.sent(body.length);
    const front = encodeContentHead(id, head.length + body.length);
    peer.sendThen(lane.content, [front, head, body], () => slabs.give(room));
  }

  #carrierOf(peer: Peer): Carrier {
    const carrier: Carrier = {
      peer,
      wishes: new WishQueue(
        () => peer.backlog,
        (wish) => this.#submit(carrier, wish),
      ),
    };
    this.#carriers.add(carrier);
    return carrier;
  }

  #submit(carrier: Carrier, wish: WaitingWish): void {
    const { submit, peer } = this.#context;
    const id = this.#nextRead++;
    this.#reading.set(id, { carrier, id: wish.id });
    if (wish.kind === "remove") submit({ ...wish, id }, wish.rows.length + 1);
    else {
      const room = peer.slabs.take(Math.min(wish.bytes, roomBytesMax));
      submit({ ...wish, id, room }, readCost(wish));
    }
  }

  #take(carrier: Carrier, request: ContentRequest): void {
    switch (request.kind) {
      case "fetch":
        this.#fetch(carrier, request);
        return;
      case "remove":
        this.#remove(carrier, request);
        return;
      case "signature":
        this.#signatures.keep(carrier, request.id, request.body);
        return;
      case "drop":
        this.#signatures.drop(carrier, request.id);
        return;
    }
  }

  #fetch(carrier: Carrier, request: RequestMessage & { readonly kind: "fetch" }): void {
    const { id, directory, bytes, body } = request;
    const kept = this.#kept.get(directory);
    if (kept === undefined) throw badWish(`a wish about directory ${directory}, which is done`);
    const signature = this.#signatures.find(carrier, request.signature);
    // Matching keeps a processor busy for longer than a thread takes to start.
    if (signature !== undefined) this.#context.spread();
    const read = { kind: "read", id, ...kept, body, bytes, signature } as const;
    carrier.wishes.add({ ...read, compresses: this.#compression.wanted });
  }

  #remove(carrier: Carrier, request: RequestMessage & { readonly kind: "remove" }): void {
    const { id, directory, rows, copies, machine } = request;
    const { removeSourceFiles, dryRun } = this.#context.options.transfer;
    const kept = this.#kept.get(directory);
    if (!removeSourceFiles || dryRun || kept === undefined) {
      throw badWish(`a wish to remove files of directory ${directory}`);
    }
    const own = machineMark();
    const isSameMachine = machine === undefined || own === undefined || machine === own;
    carrier.wishes.add({ kind: "remove", id, ...kept, rows, copies, isSameMachine });
  }
}

/** Returns several connections as one line. */
function asOne(carriers: ReadonlySet<Carrier>): Pick<Peer, "bytesSent" | "backlog"> {
  const sum = (of: (peer: Peer) => number): number => {
    let total = 0;
    for (const { peer } of carriers) total += of(peer);
    return total;
  };
  return {
    get bytesSent() {
      return sum((peer) => peer.bytesSent);
    },
    get backlog() {
      return sum((peer) => peer.backlog);
    },
  };
}

function readCost({ body, bytes }: WaitingRead): number {
  return Math.ceil((body.length + bytes) / costBytes) + 16;
}

function badWish(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what}`);
}
