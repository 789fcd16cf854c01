// Opens UDP sockets by Node's own door; where system calls can be had they take over the traffic
// (fast-traffic.ts). Node keeps watch on the socket in both cases.

import { createSocket, type Socket } from "node:dgram";
import { ManifoldError } from "../../base/index.ts";
import { loadSystemCalls } from "../../native/index.ts";
import type {
  DatagramListener,
  DatagramSocket,
  DatagramSocketOptions,
  MulticastGroup,
} from "./datagram-socket.ts";
import { FastTraffic } from "./fast-traffic.ts";

/** What is on its way out of here at 1 Gbit/s for 30 ms. */
const sendBufferBytes = 4 * 1024 * 1024;
/** What comes at 1 Gbit/s while this process gets no processor for 130 ms, at 100 Mbit/s for more than a second. */
const receiveBufferBytes = 16 * 1024 * 1024;
/** Datagrams that Node may hold for a busy kernel. */
const heldMax = 256;

/** Opens one. Rejects with ManifoldError "socket-io". */
export async function openDatagramSocket(options: DatagramSocketOptions): Promise<DatagramSocket> {
  const type = options.ipVersion === 6 ? "udp6" : "udp4";
  const socket = createSocket({ type, reuseAddr: options.member !== undefined });
  try {
    await prepare(socket, options);
  } catch (error) {
    socket.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ManifoldError("socket-io", `Cannot open a UDP socket: ${reason}`, { cause: error });
  }
  return new NodeSocket(socket, options.member, fastTraffic(socket, options));
}

async function prepare(socket: Socket, options: DatagramSocketOptions): Promise<void> {
  const { port = 0, address, member, to, interfaceAddress, hops, loopback } = options;
  // Bound to the group's own address a socket gets nothing that was sent elsewhere.
  const at = address ?? member?.address;
  await settled(socket, (done) =>
    socket.bind({ port, ...(at !== undefined && { address: at }) }, done),
  );
  socket.setRecvBufferSize(options.bufferBytes ?? receiveBufferBytes);
  socket.setSendBufferSize(options.bufferBytes ?? sendBufferBytes);
  if (member !== undefined) join(socket, member);
  if (interfaceAddress !== undefined) socket.setMulticastInterface(interfaceAddress);
  if (hops !== undefined) socket.setMulticastTTL(hops);
  if (loopback !== undefined) socket.setMulticastLoopback(loopback);
  if (to !== undefined) await settled(socket, (done) => socket.connect(to.port, to.address, done));
}

function join(socket: Socket, { address, source, interfaceAddress }: MulticastGroup): void {
  if (source === undefined) socket.addMembership(address, interfaceAddress);
  else socket.addSourceSpecificMembership(source, address, interfaceAddress);
}

function leave(socket: Socket, { address, source, interfaceAddress }: MulticastGroup): void {
  if (source === undefined) socket.dropMembership(address, interfaceAddress);
  else socket.dropSourceSpecificMembership(source, address, interfaceAddress);
}

/** Waits for what Node tells by a callback, or by an error event if it fails. */
function settled(socket: Socket, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    begin(() => {
      socket.off("error", reject);
      resolve();
    });
  });
}

/** Returns the traffic by system calls, undefined where there are none. */
function fastTraffic(
  socket: Socket,
  { portable = false, bufferBytes }: DatagramSocketOptions,
): FastTraffic | undefined {
  const calls = portable ? undefined : loadSystemCalls();
  const fd = descriptorOf(socket);
  return calls && fd !== undefined
    ? new FastTraffic(calls, fd, bufferBytes ?? receiveBufferBytes, bufferBytes ?? sendBufferBytes)
    : undefined;
}

/** Node does not tell descriptors of sockets, but has them, behind a symbol; where that is no more, Node does the traffic. */
function descriptorOf(socket: Socket): number | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === "state symbol",
  );
  if (symbol === undefined) return undefined;
  const fd = propertyOf(propertyOf(Reflect.get(socket, symbol), "handle"), "fd");
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

class NodeSocket implements DatagramSocket {
  readonly #socket: Socket;
  readonly #group: MulticastGroup | undefined;
  readonly #fast: FastTraffic | undefined;
  #held = 0;
  /** Nobody is there yet to send to. */
  #isAlone = false;
  readonly port: number;

  constructor(socket: Socket, group: MulticastGroup | undefined, fast: FastTraffic | undefined) {
    this.#socket = socket;
    this.#group = group;
    this.#fast = fast;
    this.port = socket.address().port;
    // Word that nobody listens at the other end: so it is with datagrams.
    socket.on("error", () => undefined);
  }

  get address(): string {
    return this.#socket.address().address;
  }

  get receiveBytes(): number {
    return this.#socket.getRecvBufferSize();
  }

  get packetBytes(): number | undefined {
    return this.#fast?.packetBytes;
  }

  get isFast(): boolean {
    return this.#fast !== undefined;
  }

  listen(listener: DatagramListener): void {
    this.#socket.on("message", (datagram) => {
      listener(datagram);
      this.#fast?.receive(listener);
    });
  }

  meet(isPeer: (datagram: Uint8Array) => boolean): void {
    const socket = this.#socket;
    this.#isAlone = true;
    let isMet = false;
    socket.on("message", (datagram, { address, port }) => {
      if (isMet && !this.#isAlone) {
        isPeer(datagram);
        this.#fast?.receive(isPeer);
      } else if (!isMet && isPeer(datagram)) {
        isMet = true;
        socket.connect(port, address, () => {
          this.#isAlone = false;
        });
      }
    });
  }

  send(bytes: Uint8Array, each: number): number {
    if (this.#isAlone) return 0;
    if (this.#fast !== undefined) return this.#fast.send(bytes, each);
    let sent = 0;
    for (let at = 0; at < bytes.length && this.#held < heldMax; at += each) {
      this.#held++;
      sent++;
      // Node reads it later, when the caller's memory has other things in it.
      this.#socket.send(Buffer.from(bytes.subarray(at, at + each)), () => this.#held--);
    }
    return sent;
  }

  rejoin(): void {
    if (this.#group === undefined) return;
    try {
      leave(this.#socket, this.#group);
      join(this.#socket, this.#group);
    } catch {
      // The interface has gone: nothing comes by it, which is noticed elsewhere.
    }
  }

  close(): void {
    this.#socket.close();
  }
}
