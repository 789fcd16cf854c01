// What one process knows of the job: it reads the files of lines of all others and adds what it writes itself. Nobody's word is
// believed but about himself, and that of conductors about what is wanted; of two conductors the later one counts.

import type { ByteString, Clock } from "../../base/index.ts";
import type { Holder } from "./claims.ts";
import { type JobFolder, textOf } from "./job-folder.ts";
import { type Member, newMember } from "./member.ts";
import { formatLine, type MemberLine, parseLine } from "./member-line.ts";
import { whatOf } from "./order-record.ts";
import { type Brought, OrderFacts, OrderState } from "./order-state.ts";

/** What a board needs. */
export interface BoardSettings {
  readonly folder: JobFolder;
  readonly self: ByteString;
  readonly clock: Clock;
  /** Says whether a process is certainly gone. */
  readonly isGone: (member: ByteString) => boolean;
}

/** Whoever has not written for so long is taken for gone: many pulses, and more than a file server's hiccup. */
const leaseSeconds = 30;
/** Between two looks at who takes part. */
const lookSeconds = 0.5;
/** A line that gets longer is none. */
const lineBytesMax = 4 * 1024 * 1024;

/** Such a board. */
export class Board {
  readonly members = new Map<ByteString, Member>();
  readonly orders = new Map<string, OrderState>();
  readonly #settings: BoardSettings;
  readonly #facts = new Map<string, OrderFacts>();
  /** What of this process's was refused, and has not been looked at: its claims are to be let go. */
  #ownRefused: { readonly key: string; readonly from: number; readonly to: number }[] = [];
  /** The last key of what is not over, and all that are over: files of lines are read in any order. */
  readonly #keys = new Map<string, string>();
  readonly #over = new Set<string>();
  /** Lines that were refused, some of them before they were read. */
  readonly #refused = new Set<string>();
  #term = -1;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The file system's time when we last wrote, and ours. */
  #wroteAt = { time: 0, now: 0 };
  /** When anything came last, by our clock, in seconds. */
  heardAt: number;

  constructor(settings: BoardSettings) {
    this.#settings = settings;
    this.heardAt = this.now;
    this.#memberOf(settings.self);
  }

  get now(): number {
    return this.#settings.clock.now() / 1000;
  }

  /** The file system's time, in seconds, as of what this process wrote last. */
  get fileNow(): number {
    return this.#wroteAt.time + this.now - this.#wroteAt.now;
  }

  /** This process. */
  get self(): Member {
    return this.#memberOf(this.#settings.self);
  }

  /** Says something. Throws FsError. */
  say(line: MemberLine): void {
    const { at, time } = this.#settings.folder.append(formatLine(line));
    this.#wroteAt = { time, now: this.now };
    this.#take(this.self, at, line);
  }

  /** Reads what is new; says whether anything is. `looks`: also at who is gone, however short ago that was done. Throws FsError. */
  poll(looks = false): boolean {
    if (looks || this.now - this.#lookedAt >= lookSeconds) this.#look();
    let isNew = false;
    for (const member of this.members.values()) {
      if (member.name !== this.#settings.self && !member.isOver)
        isNew = this.#read(member) || isNew;
    }
    return isNew;
  }

  /** Gives what of this process's has been refused since the last call. */
  takeRefused(): { readonly key: string; readonly from: number; readonly to: number }[] {
    return this.#ownRefused.splice(0);
  }

  /** Those that may still bring something, this process among them. */
  living(): Member[] {
    return [...this.members.values()].filter(({ isGone }) => !isGone);
  }

  /** Bytes that are wanted and have not come. */
  get left(): number {
    let left = 0;
    for (const order of this.orders.values()) left += order.left;
    return left;
  }

  /** Returns the key under which something was wanted before; undefined = it was not, or that is over. */
  keyOf(what: string): string | undefined {
    return this.#keys.get(what);
  }

  /** Says whether a claim binds nobody any more: its owner is gone, or has let it go. */
  isVoid(claim: ByteString, { owner, turn }: Holder): boolean {
    const known = this.members.get(owner) ?? this.#lookFor(owner);
    return known === undefined || known.isGone || known.freed.has(`${claim}.${turn}`);
  }

  #lookFor(owner: ByteString): Member | undefined {
    this.#look();
    const member = this.members.get(owner);
    if (member !== undefined) this.#read(member);
    return member;
  }

  /** Looks at who takes part, and who is gone. */
  #look(): void {
    const { folder, isGone, self } = this.#settings;
    this.#lookedAt = this.now;
    for (const name of folder.members()) this.#memberOf(name);
    const { fileNow } = this;
    for (const member of this.members.values()) {
      if (member.name === self || member.isOver) continue;
      // What it said last is heard before it is taken for gone.
      const isOver = isGone(member.name);
      this.#read(member);
      const hasLapsed = fileNow - member.writtenAt > leaseSeconds;
      if (isOver || (hasLapsed && !member.isGone)) this.#lose(member, isOver);
      // It was only held up.
      else if (!hasLapsed && !member.isOver) member.isGone = false;
    }
  }

  #read(member: Member): boolean {
    let isNew = false;
    for (;;) {
      const read = this.#settings.folder.readLog(member.name, member.position);
      if (read === undefined) {
        this.#lose(member, true);
        return true;
      }
      member.writtenAt = read.writtenAt;
      if (read.bytes.length === 0) return isNew;
      isNew = true;
      this.#hear(member, read.bytes);
    }
  }

  #hear(member: Member, bytes: Uint8Array): void {
    let begin = member.position - member.rest.length;
    member.position += bytes.length;
    const lines = (member.rest + textOf(bytes)).split("\n");
    member.rest = lines.pop() ?? "";
    for (const text of lines) {
      const line = parseLine(text);
      if (line !== undefined) this.#take(member, begin, line);
      begin += text.length + 1;
    }
    if (member.rest.length > lineBytesMax) this.#lose(member, true);
  }

  #take(member: Member, at: number, line: MemberLine): void {
    switch (line.is) {
      case "source":
        member.url = line.url;
        return;
      case "came":
        member.cameAt = line.time;
        member.state = line.state;
        return;
      case "pulse":
        member.rate = line.rate;
        member.left = line.left;
        member.pulsedAt = this.now;
        return;
      case "gone":
        this.#lose(member, true);
        return;
      case "brought":
        this.heardAt = this.now;
        if (this.#over.has(line.key)) return;
        this.#bring({ ...line, member: member.name, at, isRefused: false }, line.key);
        return;
      case "lacks":
        if (this.#over.has(line.key)) return;
        this.#factsOf(line.key).addLack(member.name, line.from, line.to);
        return;
      case "freed":
        this.#free(member, line.claim, line.turn);
        return;
      case "wants":
        this.#want(line);
        return;
      case "over":
        this.#end(line.key, line.term);
        return;
      case "refused":
        this.#refuse(line);
    }
  }

  #bring(brought: Brought, key: string): void {
    brought.isRefused = this.#refused.has(`${brought.member} ${brought.at}`);
    this.#factsOf(key).brought.push(brought);
    this.orders.get(key)?.add(brought);
  }

  #free(member: Member, claim: string, turn: number): void {
    member.freed.add(`${claim}.${turn}`);
    const [key = "", index = ""] = claim.split("-");
    const order = this.orders.get(key);
    const holder = order?.holders[Number(index)];
    if (holder?.owner === member.name && holder.turn === turn) order?.free(Number(index));
  }

  #want({ term, order }: Extract<MemberLine, { is: "wants" }>): void {
    if (term < this.#term || this.#over.has(order.key)) return;
    if (term > this.#term) this.#replaceConductor(term);
    this.heardAt = this.now;
    const known = this.orders.get(order.key);
    if (known !== undefined) known.term = term;
    else this.orders.set(order.key, new OrderState(order, term, this.#factsOf(order.key)));
  }

  /**
   * Bundles of the conductor before are made anew, with what is still missing; large files stay what they are. What has been
   * said of any of them is kept: the same may be wanted again.
   */
  #replaceConductor(term: number): void {
    this.#term = term;
    for (const [key, { record }] of this.orders) {
      if (record.files.length > 1) this.orders.delete(key);
    }
  }

  #end(key: string, term: number): void {
    if ((this.orders.get(key)?.term ?? term) > term) return;
    this.#over.add(key);
    this.orders.delete(key);
    this.#facts.delete(key);
    if (this.#keys.get(whatOf(key)) === key) this.#keys.delete(whatOf(key));
  }

  #refuse({ member, at, isBlamed }: Extract<MemberLine, { is: "refused" }>): void {
    this.#refused.add(`${member} ${at}`);
    for (const [key, facts] of this.#facts) {
      const brought = facts.brought.find((one) => one.member === member && one.at === at);
      if (brought === undefined) continue;
      brought.isRefused = true;
      if (isBlamed) facts.addLack(member, brought.from, brought.to);
      if (member === this.#settings.self) this.#ownRefused.push({ key, ...brought });
      this.orders.get(key)?.recount();
      return;
    }
  }

  /** Whatever it was at is free. */
  #lose(member: Member, isOver: boolean): void {
    if (member.name === this.#settings.self) return;
    member.isGone = true;
    member.isOver = isOver;
    member.rate = 0;
    for (const order of this.orders.values()) {
      for (const [i, holder] of order.holders.entries()) {
        if (holder?.owner === member.name) order.free(i);
      }
    }
  }

  #factsOf(key: string): OrderFacts {
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    const facts = new OrderFacts();
    this.#facts.set(key, facts);
    this.#keys.set(whatOf(key), key);
    return facts;
  }

  #memberOf(name: ByteString): Member {
    const known = this.members.get(name);
    if (known !== undefined) return known;
    const member = newMember(name, this.now);
    this.members.set(name, member);
    return member;
  }
}
