// One stream on its way to the targets that have the same: the datagram engine joined with a socket, the
// stream's file and the targets' control channels.

import type { Clock } from "../../base/index.ts";
import {
  BlockSender,
  blockBytesUsual,
  type RateRules,
  type Sending,
} from "../../datagram/index.ts";
import { addressOf, type BroadcastRoute, noGroup, portOf } from "./broadcast-route.ts";
import { DatagramOutlet } from "./datagram-outlet.ts";
import { PullAnswers } from "./pull-answers.ts";
import { releaseReasons } from "./release-reasons.ts";
import type { Records } from "./replay.ts";
import { StreamFile } from "./stream-file.ts";
import { StreamKeys } from "./stream-keys.ts";
import { stretchBlocks } from "./stream-sums.ts";
import type { TargetLink } from "./target-link.ts";

const lookMs = 50;
/** Targets have so long for joining the group before the others begin. */
const joinMs = 1500;
/** Probes of long datagrams, the time that they have beside two reports, and between two looks for them. */
const probes = 3;
const probeMs = 500;
const probeLookMs = 5;

/** What is known of a stream before it begins. */
export interface BroadcastSettings {
  readonly clock: Clock;
  readonly rules: RateRules;
  /** A target is slower than the others: undefined = they go on without it. */
  readonly slow: ((link: TargetLink) => void) | undefined;
  /** Begins to record the stream again, for whoever lacks what is not kept any more. */
  readonly record: Records;
  /** Hears of every datagram. */
  readonly sent?: (what: Sending) => void;
  /** Bytes of the stream that are kept; undefined = the usual. */
  readonly keptBytes?: number;
}

/** Such a stream. */
export class Broadcast {
  readonly file: StreamFile;
  readonly sender: BlockSender;
  readonly #clock: Clock;
  readonly #links = new Map<number, TargetLink>();
  readonly #pulls: PullAnswers;
  readonly #keys: StreamKeys;
  #outlet: DatagramOutlet | undefined;
  #disarm: () => void = () => undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #stopLooking: () => void = () => undefined;
  #hasLength = false;
  #moved: () => void = () => undefined;
  readonly #slow: BroadcastSettings["slow"];
  readonly #sent: BroadcastSettings["sent"];
  /** Who has not joined yet; nothing is sent before all have, or the time is over. */
  readonly #expected = new Set<number>();
  #isOpening = false;
  #isOpen = false;
  /** Somebody may have some of it: what goes out is known by its sum. */
  #isHeld = false;
  /** Blocks before this one may go out. */
  #ready = 0;
  #group = noGroup;
  #isOver = false;

  constructor({ clock, rules, slow, record, sent, keptBytes }: BroadcastSettings) {
    this.#sent = sent;
    this.#clock = clock;
    this.#keys = new StreamKeys(clock);
    this.file = new StreamFile(blockBytesUsual, keptBytes);
    this.#slow = slow;
    this.sender = new BlockSender({ blockBytes: blockBytesUsual, rules });
    const { file, sender } = this;
    this.#pulls = new PullAnswers({ clock, file, sender, links: this.#links, record });
  }

  /** Tells the targets of the stream; the group's socket is there before they are. `route`: undefined = no datagrams. */
  async begin(links: readonly TargetLink[], route: BroadcastRoute | undefined): Promise<void> {
    const { session, newest } = this.#keys;
    const port = portOf(route, session);
    const address = route && addressOf(route, session);
    let source: string | undefined;
    if (route !== undefined && address !== undefined) {
      const group = { address, port, source };
      this.#outlet = await DatagramOutlet.open(route, group, newest.secret, session);
      if (this.#sent !== undefined) this.#outlet.sent = this.#sent;
      source = route.sourceSpecific ? this.#outlet.address : undefined;
    }
    this.#group = { address, port, source };
    this.#isHeld = links.some(({ held }) => !held.isEmpty);
    const there = links.filter(({ isOver }) => !isOver);
    for (const link of there) this.#expected.add(link.id);
    for (const [turn, link] of there.entries()) this.#announce(link, turn / there.length);
    this.#clock.after(joinMs, () => this.#open());
    this.#look();
  }

  /** Takes in a target that has come late. */
  admit(link: TargetLink): void {
    this.#expected.add(link.id);
    this.#announce(link, (link.id % 16) / 16);
  }

  /** Finds out what more of the stream a target has from an earlier cast. */
  #compare(link: TargetLink): void {
    if (!this.#isOpen) return;
    for (const range of link.held.compare(this.file.sums)) {
      link.order({ kind: "held", ...range });
      this.sender.hold(link.id, range);
      this.#pulls.drop(link, range);
    }
  }

  /** Tells a target of the stream, as soon as it knows what there is beside it. `phase`: when it reports, as a share of the time between two reports. */
  #announce(link: TargetLink, phase: number): void {
    const everyMs = Math.min(1000, Math.max(25, 2 * (this.#links.size + this.#expected.size)));
    const announce = (): void => {
      if (this.#isOver || link.isOver) return;
      this.#links.set(link.id, link);
      link.order({
        ...{ kind: "stream", session: this.#keys.session, ...this.#keys.newest, ...this.#group },
        ...{ blockBytes: blockBytesUsual, everyMs, phaseMs: Math.floor(everyMs * phase) },
      });
      this.#compare(link);
      if (this.#outlet !== undefined) link.tellSums(this.file.sums);
      if (this.#hasLength) link.order({ kind: "length", bytes: this.file.length });
    };
    void link.prepared.then(announce);
  }

  /** A target has joined the group, or has not been able to. */
  joined(link: TargetLink): void {
    if (link.isMember && this.#outlet !== undefined) {
      const { frontier } = this.sender;
      this.sender.join(link.id, this.#clock.now());
      this.#compare(link);
      if (frontier > 0) link.order({ kind: "early", block: frontier });
      if (this.#hasLength) this.sender.endsAt(link.id, this.file.blocks);
      this.sender.probe(1);
      this.#wake(this.#clock.now());
    } else if (this.#outlet !== undefined) link.reason = "it cannot join a multicast group";
    this.#arrived(link);
    this.#moved();
  }

  /** Whoever is expected has joined, or will not. */
  #arrived({ id }: TargetLink): void {
    this.#expected.delete(id);
    if (this.#expected.size === 0) this.#open();
  }

  /** Finds out whether long datagrams reach everybody, and begins. */
  #open(): void {
    if (this.#isOpening || this.#isOver) return;
    this.#isOpening = true;
    const { sender } = this;
    const largest = sender.receivers > 0 ? (this.#outlet?.largest ?? 1) : 1;
    const bytes = largest * blockBytesUsual;
    const until = this.#clock.now() + (largest > 1 ? probeMs + 2 * sender.reportMs : 0);
    const look = (): void => {
      const isLong = largest > 1 && sender.haveAllGot(bytes);
      if (this.#isOver) return;
      if (!isLong && this.#clock.now() < until) {
        this.#clock.after(probeLookMs, look);
        return;
      }
      if (isLong) sender.blocksPerDatagram = largest;
      this.#isOpen = true;
      this.extended();
    };
    if (largest > 1) sender.probe(probes, bytes);
    this.#wake(this.#clock.now());
    look();
  }

  /** More of the stream is there. */
  extended(): void {
    const { blocks, isWhole, sums } = this.file;
    this.#ready = this.#isHeld && !isWhole ? sums.count * stretchBlocks : blocks;
    if (this.#isOpen) this.sender.extend(this.#ready);
    for (const link of this.#links.values()) {
      this.#compare(link);
      if (this.#outlet !== undefined) link.tellSums(sums);
    }
    if (this.file.isWhole && !this.#hasLength) {
      this.#hasLength = true;
      for (const link of this.#links.values()) {
        this.sender.endsAt(link.id, this.file.blocks);
        link.order({ kind: "length", bytes: this.file.length });
      }
    }
    this.#wake(this.#clock.now());
    this.#serve();
  }

  /** Somebody still needs something. */
  get isWanted(): boolean {
    return this.#expected.size > 0 || [...this.#links.values()].some(({ isOver }) => !isOver);
  }

  /** Bytes that are there and have not been sent: whoever makes more may wait while there are many. */
  get ahead(): number {
    const sent = this.sender.receivers === 0 ? this.#pulls.furthest : this.sender.frontier;
    return (this.file.blocks - sent) * blockBytesUsual;
  }

  /** Resolves when something has moved on. */
  moved(): Promise<void> {
    return new Promise((resolve) => {
      this.#moved = resolve;
    });
  }

  report(link: TargetLink, report: Uint8Array): void {
    this.sender.take(link.id, report, this.#clock.now());
    this.#wake(this.#clock.now());
  }

  pull(link: TargetLink, block: number, count: number): void {
    this.#pulls.ask(link, block, count);
    this.#serve();
  }

  /** Datagrams that were not ours came to a target, which takes none any more. */
  poisoned(link: TargetLink): void {
    if (link.reason !== undefined) return;
    link.reason = "datagrams of somebody else who knows the key came to it";
    this.sender.leave(link.id);
    this.#renewKeys();
  }

  /** A target has all of it, or will have nothing more. */
  leave(link: TargetLink): void {
    this.#arrived(link);
    this.sender.leave(link.id);
    this.#pulls.leave(link);
    // Who breaks the protocol is not trusted with anything.
    if (link.failure?.code === "protocol-data") this.#renewKeys();
    this.#moved();
  }

  close(): void {
    this.#isOver = true;
    this.#disarm();
    this.#stopLooking();
    this.#outlet?.close();
    this.#pulls.close();
    this.file.close();
    this.#moved();
  }

  #look(): void {
    if (this.#isOver) return;
    for (const { id, reason } of this.sender.release(this.#clock.now())) {
      const link = this.#links.get(id);
      if (link === undefined) continue;
      link.reason = releaseReasons[reason];
      if (reason === "slow" && this.#slow !== undefined) this.#slow(link);
      else link.order({ kind: "unicast" });
      if (reason === "untrue") this.#renewKeys();
    }
    this.#serve();
    this.#moved();
    this.#stopLooking = this.#clock.after(lookMs, () => this.#look());
  }

  #wake(at: number): void {
    if (at >= this.#wakesAt || this.#isOver || this.#outlet === undefined) return;
    this.#disarm();
    this.#wakesAt = at;
    this.#disarm = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#send();
    });
  }

  #send(): void {
    if (this.#isOver || this.#outlet === undefined) return;
    const now = this.#clock.now();
    const isThrough = this.#outlet.send(this.sender, this.file, now);
    this.#wake(isThrough ? Math.max(now + 1, this.sender.wakeAt(now)) : now + 1);
    if (this.ahead === 0 || !this.file.isWhole) this.#moved();
  }

  #serve(): void {
    if (!this.#isOver) this.#pulls.serve(this.#ready);
  }

  /** Somebody who knows the secret is not to be trusted: those who are left get a new one. */
  #renewKeys(): void {
    if (this.#outlet === undefined || this.#isOver) return;
    const links = [...this.#links.values()];
    const left = links.filter(({ isOver, reason }) => !isOver && reason === undefined);
    this.#keys.renew(left, this.#outlet);
  }
}
