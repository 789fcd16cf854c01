// `manifold cast --probe`: what the way to each target is like. Probes of several lengths go to the group, everybody reports them at
// once, then they try how fast they write, and nobody is sent anything else.

import { type ByteString, type Clock, systemRandom } from "../../base/index.ts";
import {
  blockBytesUsual,
  decodeReport,
  flagPoll,
  kinds,
  newSecret,
  overheadBytes,
  Sealer,
} from "../../datagram/index.ts";
import type { CastAnswer, WriteTrial } from "../../session/index.ts";
import { type DatagramSocket, openDatagramSocket } from "../../transport/index.ts";
import { addressOf, type BroadcastRoute, portOf } from "./broadcast-route.ts";
import type { TargetLink } from "./target-link.ts";

/** Probes of the usual length, by which the round trip and losses are known, and the time between two. */
const shortProbes = 40;
const everyMs = 25;
/** Lengths that are tried: what fits into 1500 bytes, into 9000, and into what UDP carries. */
const lengths = [
  blockBytesUsual + overheadBytes,
  6 * blockBytesUsual + overheadBytes,
  32_768,
  65_000,
];
/** Of each so many. */
const longProbes = 3;
/** What is under way has so long to come. */
const patienceMs = 500;
const joinMs = 3000;
const writeMs = 10_000;

/** What the way to a target is like. */
export interface ProbeFigures {
  readonly name: ByteString;
  /** It is in the group. */
  readonly isMember: boolean;
  /** Probes that were sent, and that came. */
  readonly sent: number;
  readonly came: number;
  /** A datagram and the word of it: the least, the middle and 99 of 100, in milliseconds; empty = none has come. */
  readonly roundTripsMs: readonly number[];
  /** The longest datagram of which one has come; 0 = none. */
  readonly longest: number;
  /** Bytes of datagrams that its kernel holds, and free bytes where it writes; 0 = it does not tell. */
  readonly receiveBytes: number;
  readonly roomBytes: number;
  /** How writing went; undefined = it has not told. */
  readonly writing: WriteTrial | undefined;
  /** By how much its clock is ahead of ours. */
  readonly clockMs: number;
}

interface Probed {
  readonly link: TargetLink;
  joined: (CastAnswer & { readonly kind: "joined" }) | undefined;
  clockMs: number;
  came: number;
  bytes: number;
  longest: number;
  writing: WriteTrial | undefined;
  readonly roundTripsMs: number[];
}

/** Such a round. */
export class ProbeRound {
  readonly #clock: Clock;
  readonly #session = systemRandom.uint32();
  readonly #secret = newSecret();
  readonly #sealer = new Sealer(this.#secret, this.#session, 0);
  readonly #probed = new Map<number, Probed>();
  readonly #sentAt: number[] = [];
  readonly #bytes = new Uint8Array(70_000);

  constructor(links: readonly TargetLink[], clock: Clock) {
    this.#clock = clock;
    for (const link of links) {
      const none = {
        joined: undefined,
        clockMs: 0,
        came: 0,
        bytes: 0,
        longest: 0,
        writing: undefined,
      };
      this.#probed.set(link.id, { link, ...none, roundTripsMs: [] });
    }
  }

  /** Runs it, and sends the targets home. Rejects with ManifoldError. */
  async run(route: BroadcastRoute): Promise<readonly ProbeFigures[]> {
    const { ipVersion, interfaceAddress, hops, loopback, sourceSpecific } = route;
    const to = { address: addressOf(route, this.#session), port: portOf(route, this.#session) };
    const way = { ipVersion, to, interfaceAddress, hops, loopback };
    const socket = await openDatagramSocket(way);
    try {
      const group = { ...to, source: sourceSpecific ? socket.address : undefined };
      for (const { link } of this.#all) {
        link.order({
          ...{ kind: "stream", session: this.#session, secret: this.#secret, epoch: 0, ...group },
          ...{ blockBytes: blockBytesUsual, everyMs, phaseMs: 0 },
        });
      }
      await this.#until(joinMs, () => this.#all.every(({ joined }) => joined !== undefined));
      // A switch takes a moment to learn who is in the group.
      await this.#until(patienceMs, () => false);
      await this.#send(socket);
      // Afterwards: a target that waits for its disk hears nothing.
      for (const { link } of this.#all) link.order({ kind: "try" });
      await this.#until(writeMs, () => this.#all.every(({ writing }) => writing !== undefined));
    } finally {
      socket.close();
      for (const { link } of this.#all) link.dismiss();
    }
    return [...this.#probed.values()].map((each) => this.#figures(each));
  }

  /** Those that are still there. */
  get #all(): Probed[] {
    return [...this.#probed.values()].filter(({ link }) => !link.isOver);
  }

  async #send(socket: DatagramSocket): Promise<void> {
    const [usual = 0] = lengths;
    for (let i = 0; i < shortProbes; i++) {
      this.#probe(socket, usual);
      await this.#until(everyMs, () => false);
    }
    for (const length of lengths) {
      await this.#until(patienceMs, () =>
        this.#all.every(({ came }) => came >= this.#sentAt.length),
      );
      const before = new Map([...this.#probed].map(([id, { bytes }]) => [id, bytes]));
      for (let i = 0; i < longProbes; i++) this.#probe(socket, length);
      const hasGot = ({ link, bytes }: Probed) => bytes - (before.get(link.id) ?? 0) >= length;
      await this.#until(patienceMs, () => this.#all.every(hasGot));
      for (const each of this.#all) if (hasGot(each)) each.longest = length;
    }
  }

  #probe(socket: DatagramSocket, length: number): void {
    const counter = this.#sentAt.length;
    const what = { kind: kinds.probe, flags: flagPoll, counter, block: 0, count: 0 };
    this.#sealer.seal(this.#bytes, what, new Uint8Array(length - overheadBytes));
    this.#sentAt.push(this.#clock.now());
    // What the kernel has no room for is one that did not come.
    socket.send(this.#bytes.subarray(0, length), length);
  }

  /** A target has joined, or has not been able to. */
  joined(link: TargetLink, answer: CastAnswer & { readonly kind: "joined" }): void {
    const probed = this.#probed.get(link.id);
    if (probed === undefined) return;
    probed.joined = answer;
    probed.clockMs = answer.time - this.#clock.wallTime();
  }

  /** A target has tried to write. */
  tried(link: TargetLink, trial: WriteTrial): void {
    const probed = this.#probed.get(link.id);
    if (probed !== undefined) probed.writing = trial;
  }

  /** Takes what a target says of datagrams. Throws a protocol-data error. */
  report(link: TargetLink, bytes: Uint8Array): void {
    const probed = this.#probed.get(link.id);
    const report = decodeReport(bytes);
    const sentAt = this.#sentAt[report.counter];
    if (probed === undefined || sentAt === undefined || report.datagrams <= probed.came) return;
    probed.came = report.datagrams;
    probed.bytes = report.bytes;
    probed.roundTripsMs.push(Math.max(0, this.#clock.now() - sentAt - report.held / 1000));
  }

  #figures({ link, joined, came, longest, writing, clockMs, roundTripsMs }: Probed): ProbeFigures {
    const sorted = roundTripsMs.sort((one, other) => one - other);
    const at = (share: number): number[] =>
      sorted.slice(Math.floor(share * (sorted.length - 1))).slice(0, 1);
    return {
      ...{ name: link.name, isMember: joined?.isMember === true, sent: this.#sentAt.length, came },
      ...{ longest, writing, roundTripsMs: [...at(0), ...at(0.5), ...at(0.99)] },
      ...{ receiveBytes: joined?.receiveBytes ?? 0, roomBytes: joined?.room ?? 0, clockMs },
    };
  }

  /** Waits until it is so, or the time is over. */
  async #until(limitMs: number, isSo: () => boolean): Promise<void> {
    const end = this.#clock.now() + limitMs;
    while (!isSo() && this.#clock.now() < end) {
      await new Promise<void>((resolve) => void this.#clock.after(1, resolve));
    }
  }
}
