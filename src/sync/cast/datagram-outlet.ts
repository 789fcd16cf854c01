// Where a stream's datagrams leave: sealed, many handed to the kernel at once, as long as the way takes them.

import {
  type BlockSender,
  blockBytesUsual,
  DatagramBatch,
  largestCount,
  overheadBytes,
  payloadBytesMax,
  Sealer,
  type Sending,
} from "../../datagram/index.ts";
import { type DatagramSocket, openDatagramSocket } from "../../transport/index.ts";
import type { BroadcastRoute, Group } from "./broadcast-route.ts";
import type { StreamFile } from "./stream-file.ts";

/** Bytes that are handed to the kernel together. */
const batchBytes = 64 * (blockBytesUsual + overheadBytes);

/** Such a place. */
export class DatagramOutlet {
  /** Blocks that go into a datagram which nobody on the way should have to divide. */
  readonly largest: number;
  readonly #socket: DatagramSocket;
  #sealer: Sealer;
  readonly #session: number;
  readonly #batch: DatagramBatch;
  readonly #plain = new Uint8Array(payloadBytesMax);
  /** Hears of every datagram. */
  sent: (what: Sending) => void = () => undefined;

  private constructor(socket: DatagramSocket, secret: Uint8Array, session: number) {
    this.#socket = socket;
    this.#sealer = new Sealer(secret, session, 0);
    this.#session = session;
    this.largest = largestCount(socket.packetBytes, blockBytesUsual);
    const longest = this.largest * blockBytesUsual + overheadBytes;
    const transmit = (bytes: Uint8Array, each: number): number => socket.send(bytes, each);
    this.#batch = new DatagramBatch(transmit, longest, Math.ceil(batchBytes / longest));
  }

  /** Opens one to a group. Rejects with ManifoldError. */
  static async open(
    route: BroadcastRoute,
    { address, port }: Group & { readonly address: string },
    secret: Uint8Array,
    session: number,
  ): Promise<DatagramOutlet> {
    const { ipVersion, interfaceAddress, hops, loopback } = route;
    const to = { address, port };
    const way = { ipVersion, to, interfaceAddress, hops, loopback };
    return new DatagramOutlet(await openDatagramSocket(way), secret, session);
  }

  /** The address that it sends from. */
  get address(): string {
    return this.#socket.address;
  }

  /** From here on datagrams are sealed under this secret. */
  sealUnder(secret: Uint8Array, epoch: number): void {
    this.#sealer = new Sealer(secret, this.#session, epoch);
  }

  /** Sends what is to be sent now; false = the kernel has no room for more. */
  send(sender: BlockSender, file: StreamFile, now: number): boolean {
    const batch = this.#batch;
    while (!batch.isFull || batch.flush()) {
      const what = sender.next(now);
      if (what === undefined) return batch.flush();
      this.#seal(what, file);
    }
    return false;
  }

  #seal(what: Sending, file: StreamFile): void {
    // What is lost for so long goes another way.
    if (what.count > 0 && !file.has(what.block)) return;
    this.sent(what);
    const payload = this.#plain.subarray(0, what.count * blockBytesUsual + what.padding);
    if (what.count > 0) file.read(what.block, payload);
    this.#batch.add(payload.length + overheadBytes, (target) =>
      this.#sealer.seal(target, what, payload),
    );
  }

  close(): void {
    this.#socket.close();
  }
}
