// Many datagrams in one call: sendmmsg(2), each of its messages cut into datagrams by the kernel (UDP_SEGMENT,
// udp(7)), and recvmmsg(2). Structures are laid out for 64-bit Linux (struct mmsghdr, socket(2)).

import { errno } from "../../base/index.ts";
import type { SystemCalls } from "../../native/index.ts";
import type { DatagramListener } from "./datagram-socket.ts";

const solSocket = 1;
const rcvBufForce = 33;
const sndBufForce = 32;
const solIp = 0;
const ipMtuDiscover = 10;
const ipMtu = 14;
const solIpv6 = 41;
const ipv6MtuDiscover = 23;
const ipv6Mtu = 24;
const solUdp = 17;
const udpSegment = 103;
const dontWait = 0x40;

/** struct mmsghdr: where the vector's address and length lie, and the length of what came. */
const headerBytes = 64;
const vectorAt = 16;
const vectorCountAt = 24;
const lengthAt = 56;
const vectorBytes = 16;

/** Messages of one call. */
const messagesMax = 32;
/** The kernel cuts a message into so many datagrams at the most (UDP_MAX_SEGMENTS, in old kernels). */
const segmentsMax = 64;
/** Bytes of a message that is to be cut: less than a packet of IP may have, headers included. */
const messageBytesMax = 65_000;
/** Longest datagram there is. */
const datagramBytesMax = 65_536;
/** Datagrams that are received before others get a turn. */
const receivedAtOnce = 256;

/** The traffic of one socket. */
export class FastTraffic {
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #headers = Buffer.alloc(messagesMax * (headerBytes + vectorBytes));
  readonly #headersAddress: number;
  readonly #option = Buffer.alloc(8);
  readonly #optionAddress: number;
  /** Made when something is to be received. */
  #arrived: Uint8Array | undefined;
  #arrivedAddress = 0;
  #segment = 0;
  #canSegment = true;

  constructor(calls: SystemCalls, fd: number, receiveBytes: number, sendBytes: number) {
    this.#calls = calls;
    this.#fd = fd;
    this.#headersAddress = calls.address(this.#headers);
    this.#optionAddress = calls.address(this.#option);
    // Refused to whoever may not: then it stays at what the system allows everybody.
    this.#set(solSocket, rcvBufForce, receiveBytes);
    this.#set(solSocket, sndBufForce, sendBytes);
    // A datagram that is longer than what the line takes goes in fragments, rather than not at all. One of the two is refused.
    this.#set(solIp, ipMtuDiscover, 0);
    this.#set(solIpv6, ipv6MtuDiscover, 0);
  }

  /** As DatagramSocket.packetBytes. */
  get packetBytes(): number | undefined {
    for (const [level, option] of [
      [solIp, ipMtu],
      [solIpv6, ipv6Mtu],
    ] as const) {
      this.#option.writeInt32LE(4, 4);
      const { getsockopt } = this.#calls.call;
      const at = this.#optionAddress;
      if (getsockopt(this.#fd, level, option, at, at + 4) === 0) return this.#option.readInt32LE(0);
    }
    return undefined;
  }

  /** As DatagramSocket.send. */
  send(bytes: Uint8Array, each: number): number {
    const base = this.#calls.address(bytes);
    let sent = 0;
    for (let at = 0, tries = 0; at < bytes.length; ) {
      const perMessage = this.#perMessage(each);
      const count = this.#layOut(base + at, bytes.length - at, perMessage * each);
      const done = this.#calls.call.sendmmsg(this.#fd, this.#headersAddress, count, dontWait);
      if (done < 0) {
        // Word of an earlier datagram that nobody took comes with the next call, which sends nothing.
        if (tries++ < 2 && this.#retries(this.#calls.errno())) continue;
        break;
      }
      const went = Math.min(bytes.length - at, done * perMessage * each);
      at += went;
      sent += Math.ceil(went / each);
      if (done < count) break;
    }
    return sent;
  }

  /** Hands over what has come. */
  receive(listener: DatagramListener): void {
    const arrived = this.#arrived ?? this.#makeRoom();
    for (let taken = 0; taken < receivedAtOnce; ) {
      const count = this.#layOut(
        this.#arrivedAddress,
        messagesMax * datagramBytesMax,
        datagramBytesMax,
      );
      const { recvmmsg } = this.#calls.call;
      const came = recvmmsg(this.#fd, this.#headersAddress, count, dontWait, 0);
      for (let i = 0; i < came; i++) {
        const length = this.#headers.readUInt32LE(i * headerBytes + lengthAt);
        const start = i * datagramBytesMax;
        listener(arrived.subarray(start, start + length));
      }
      if (came < count) return;
      taken += came;
    }
  }

  #makeRoom(): Uint8Array {
    const arrived = new Uint8Array(messagesMax * datagramBytesMax);
    this.#arrived = arrived;
    this.#arrivedAddress = this.#calls.address(arrived);
    return arrived;
  }

  /** Returns how many datagrams of this length go into a message, and tells the kernel where to cut it. */
  #perMessage(each: number): number {
    const fit = Math.min(segmentsMax, Math.floor(messageBytesMax / each));
    if (!this.#canSegment || fit < 2) return 1;
    if (this.#segment !== each) {
      this.#canSegment = this.#set(solUdp, udpSegment, each);
      this.#segment = this.#canSegment ? each : 0;
    }
    return this.#canSegment ? fit : 1;
  }

  #retries(number: number): boolean {
    if (number === errno.ECONNREFUSED || number === errno.EINTR) return true;
    const cannot = [errno.EIO, errno.EINVAL, errno.EMSGSIZE];
    if (this.#segment === 0 || !cannot.includes(number)) return false;
    // A device that cannot do it, or takes only shorter packets.
    this.#canSegment = false;
    this.#segment = 0;
    return this.#set(solUdp, udpSegment, 0);
  }

  /** Writes messages of `each` bytes, and returns how many. */
  #layOut(address: number, length: number, each: number): number {
    const count = Math.min(messagesMax, Math.ceil(length / each));
    const vectors = messagesMax * headerBytes;
    for (let i = 0; i < count; i++) {
      const header = i * headerBytes;
      const vector = vectors + i * vectorBytes;
      this.#headers.fill(0, header, header + headerBytes);
      this.#headers.writeBigUInt64LE(BigInt(this.#headersAddress + vector), header + vectorAt);
      this.#headers.writeUInt32LE(1, header + vectorCountAt);
      this.#headers.writeBigUInt64LE(BigInt(address + i * each), vector);
      this.#headers.writeUInt32LE(Math.min(each, length - i * each), vector + 8);
      this.#headers.writeUInt32LE(0, vector + 12);
    }
    return count;
  }

  #set(level: number, option: number, value: number): boolean {
    this.#option.writeInt32LE(value);
    const { setsockopt } = this.#calls.call;
    return setsockopt(this.#fd, level, option, this.#optionAddress, 4) === 0;
  }
}
