// A target's side of one stream: datagrams and pulled blocks go into its copy, reports and wishes go back over the
// control channel.

import { type Clock, ManifoldError } from "../../base/index.ts";
import { type BlockRange, BlockReceiver, Epochs, secretLength } from "../../datagram/index.ts";
import {
  type CastAnswer,
  type CastArrival,
  type CastOrder,
  decodeCastBlocks,
  encodeCastAnswer,
  lane,
} from "../../session/index.ts";
import {
  type DatagramSocket,
  interfaceAddress,
  openDatagramSocket,
} from "../../transport/index.ts";
import type { Switchboard } from "../far/switchboard.ts";
import { BlockFile } from "./block-file.ts";
import { QuietWatch } from "./quiet-watch.ts";
import { StreamCheck } from "./stream-check.ts";
import type { StreamCopy } from "./stream-copy.ts";

type StreamOrder = CastOrder & { readonly kind: "stream" };
type SumsOrder = CastOrder & { readonly kind: "sums" };
type RekeyOrder = CastOrder & { readonly kind: "rekey" };

/** A changeset ends in the digest of all before. */
const digestBytes = 32;

/** What it works with. */
export interface CatchGround {
  readonly board: Switchboard;
  readonly clock: Clock;
  /** Where its bytes go; asked for when there are any. */
  readonly place: { readonly copy: StreamCopy };
  /** Every byte is here. */
  readonly whole: () => void;
  /** The interface that it joins groups on; undefined = the system chooses. */
  readonly interfaceName: string | undefined;
  /** Free bytes where the target is; 0 = nobody knows. */
  readonly room: () => number;
  /** It cannot go on. */
  readonly failed: (error: unknown) => void;
  readonly openSocket?: typeof openDatagramSocket;
}

/** One stream on its way here. */
export class CatchStream {
  #file: BlockFile | undefined;
  readonly #ground: CatchGround;
  readonly #order: StreamOrder;
  readonly #receiver: BlockReceiver;
  readonly #epochs: Epochs;
  readonly #check: StreamCheck;
  #isLookingSoon = false;
  #socket: DatagramSocket | undefined;
  #bytes: number | undefined;
  #isOver = false;
  #disarm: () => void = () => undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  readonly #quiet: QuietWatch;

  constructor(order: StreamOrder, ground: CatchGround) {
    if (order.secret.length !== secretLength || order.blockBytes < 1 || order.everyMs < 1) {
      throw new ManifoldError("protocol-data", "The master announced a stream that cannot be");
    }
    this.#order = order;
    this.#ground = ground;
    const { everyMs, phaseMs } = order;
    this.#receiver = new BlockReceiver({ everyMs, phaseMs }, ground.clock.now());
    this.#quiet = new QuietWatch(everyMs, ground.clock.now());
    this.#epochs = new Epochs(order.secret, order.session, order.epoch);
    this.#check = new StreamCheck(() => {
      this.#file?.flush();
      return ground.place.copy;
    });
  }

  /** Joins the group, if there is one, and says so. */
  async begin(): Promise<void> {
    const { address, port, source } = this.#order;
    const ipVersion = address?.includes(":") === true ? 6 : 4;
    if (address === undefined) this.#receiver.beginPulling();
    else {
      try {
        const { interfaceName, openSocket = openDatagramSocket } = this.#ground;
        const at = interfaceName && interfaceAddress(interfaceName, ipVersion);
        this.#socket = await openSocket({
          ipVersion,
          port,
          member: { address, source, interfaceAddress: at },
        });
      } catch (error) {
        // No multicast on this machine: the channel brings it.
        if (!(error instanceof ManifoldError)) throw error;
        this.#receiver.beginPulling();
      }
    }
    if (this.#isOver) this.#leave();
    this.#socket?.listen((datagram) => this.#guard(() => this.#datagram(datagram)));
    const receiveBytes = this.#socket?.receiveBytes ?? 0;
    const isMember = this.#socket !== undefined;
    const { clock, room } = this.#ground;
    this.#say({ kind: "joined", isMember, receiveBytes, room: room(), time: clock.wallTime() });
    this.#goOn();
  }

  /** The master has told how long the stream is. */
  length(bytes: number): void {
    this.#bytes = bytes;
    this.#receiver.want(0, Math.ceil(bytes / this.#order.blockBytes));
    this.#goOn();
  }

  /** What is missing before this block does not come as datagrams; undefined = nothing does any more. */
  pullBefore(block: number | undefined): void {
    this.#receiver.beginPulling(block);
    if (block === undefined) this.#leave();
    this.#goOn();
  }

  /** These blocks are here from an earlier cast. */
  held(range: BlockRange): void {
    if (this.#isOver) return;
    this.#receiver.recall(range);
    this.#goOn();
  }

  /** What its next stretches should be. */
  sums({ sums, digest }: SumsOrder): void {
    this.#check.tell(sums, digest);
    this.#goOn();
  }

  /** Datagrams will be sealed under another secret. */
  rekey({ secret, epoch }: RekeyOrder): void {
    if (secret.length !== secretLength) {
      throw new ManifoldError("protocol-data", "The master told a secret that cannot be");
    }
    this.#epochs.add(secret, epoch);
  }

  /** It was whole, and does not verify. Says whether datagrams may be why: then it will be whole again. */
  recheck(): boolean {
    if (this.#check.isThorough || this.#receiver.datagrams === 0) return false;
    this.#isOver = false;
    this.#distrust();
    this.#goOn();
    return true;
  }

  /** How it came, once it is whole. */
  get arrival(): CastArrival {
    const { datagrams, bytes, missed, pulled } = this.#receiver;
    const digest = new Uint8Array(Math.min(digestBytes, this.#bytes ?? 0));
    this.#ground.place.copy.read(digest, (this.#bytes ?? 0) - digest.length);
    return { datagrams, bytes, missed, pulled, digest };
  }

  /** Takes blocks that were pulled. */
  pulled(message: Uint8Array): void {
    if (this.#isOver) return;
    const { block, bytes } = decodeCastBlocks(message);
    const { blockBytes } = this.#order;
    if (bytes.length === 0 || bytes.length % blockBytes !== 0) {
      throw new ManifoldError("protocol-data", "The master sent a part of a block");
    }
    const count = bytes.length / blockBytes;
    for (let i = 0; i < count; i++) this.#put(block + i, bytes, i * blockBytes);
    this.#receiver.answered(block, count);
    this.#goOn();
  }

  /** Lets everything go. */
  close(): void {
    this.#isOver = true;
    this.#disarm();
    this.#leave();
    this.#file?.flush();
  }

  #datagram(datagram: Uint8Array): void {
    const payload = this.#epochs.open(datagram);
    if (payload === undefined || this.#isOver) return;
    const { head } = this.#epochs;
    this.#receiver.take(head, datagram.length, this.#ground.clock.now());
    const { blockBytes } = this.#order;
    if (payload.length === head.count * blockBytes) {
      for (let i = 0; i < head.count; i++) this.#put(head.block + i, payload, i * blockBytes);
    }
    this.#goOn();
  }

  #put(block: number, bytes: Uint8Array, at: number): void {
    const { blockBytes } = this.#order;
    if (!this.#receiver.put(block)) return;
    this.#fileOf().put(block, bytes.subarray(at, at + blockBytes));
  }

  #fileOf(): BlockFile {
    this.#file ??= new BlockFile(this.#order.blockBytes, this.#ground.place.copy);
    return this.#file;
  }

  #goOn(): void {
    if (this.#isOver) return;
    const isRight = this.#isRight();
    if (isRight && this.#bytes !== undefined && this.#receiver.isComplete) {
      this.#isOver = true;
      this.#disarm();
      // So that nobody waits for it while it is verified.
      this.#report();
      this.#leave();
      this.#fileOf().finish(this.#bytes);
      this.#ground.whole();
      return;
    }
    for (let pull = this.#receiver.nextPull(); pull; pull = this.#receiver.nextPull()) {
      this.#say({ kind: "pull", ...pull });
    }
    if (this.#socket !== undefined) this.#arm();
  }

  /** Looks at what has come; false = it is not to be taken for right yet. */
  #isRight(): boolean {
    const check = this.#check;
    // What a connection brought is the master's.
    if (this.#socket === undefined && !check.isThorough) return true;
    const { wrong, isUnfinished } = check.look(this.#receiver.floor, this.#bytes);
    if (wrong !== undefined && check.isThorough) this.#receiver.discard(wrong);
    else if (wrong !== undefined) this.#distrust();
    if (isUnfinished && !this.#isLookingSoon) {
      this.#isLookingSoon = true;
      this.#ground.clock.after(0, () => {
        this.#isLookingSoon = false;
        this.#guard(() => this.#goOn());
      });
    }
    return !check.isThorough || !isUnfinished;
  }

  /** Somebody else knows the secret: datagrams are not taken any more, and everything that came is looked at. */
  #distrust(): void {
    this.#check.beThorough();
    this.#say({ kind: "poisoned" });
    this.#leave();
    this.#receiver.beginPulling();
  }

  #arm(): void {
    const at = this.#receiver.reportAt;
    const { clock } = this.#ground;
    if (at >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = at;
    this.#disarm = clock.after(Math.max(0, at - clock.now()), () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      if (this.#isOver || this.#socket === undefined) return;
      if (this.#quiet.isQuiet(this.#receiver.datagrams, clock.now())) this.#socket.rejoin();
      this.#report();
      this.#arm();
    });
  }

  #report(): void {
    if (this.#socket === undefined) return;
    this.#say({ kind: "report", report: this.#receiver.report(this.#ground.clock.now()) });
  }

  #leave(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #say(answer: CastAnswer): void {
    this.#ground.board.peer.send(lane.request, encodeCastAnswer(answer));
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#ground.failed(error);
    }
  }
}
