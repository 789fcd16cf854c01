// What is known of one source: how fast it is, how long it takes to begin, whether it is well, and how
// many connections are worth it.

import type { Random } from "../../base/index.ts";
import {
  backoffSeconds,
  backoffSecondsMax,
  backoffShare,
  bytesForLook,
  climbSecondsMax,
  climbSecondsMin,
  connectionGain,
  connectionsFirst,
  failuresMax,
  latencyGrowth,
  latencyUnknown,
  longestLook,
  rateMemory,
  rateUnknown,
  shortestLook,
  wrongFilesMax,
} from "./limits.ts";

/** What an earlier run has learnt of a source, and this one will leave behind. */
export interface SourceProfile {
  /** Bytes a second, all connections together; seconds to the first byte. */
  readonly rate: number;
  readonly latency: number;
  /** It is not believed for long: the first look counts for more. */
  readonly isOld?: boolean;
}

/** What is given of a source. */
export interface SourceSettings {
  /** Connections at the same time, at most; at least 1. */
  readonly connectionsMax: number;
  /** Requests that one connection can have under way; 1 = every file waits for its own round trip. */
  readonly depth: number;
  /** Parts of files can be asked for. */
  readonly ranges: boolean;
  /** Bytes a second that may be taken of it; undefined = what it gives. */
  readonly rateMax?: number;
  /** Whoever has a larger number than others brings what these cannot; undefined = 1. */
  readonly priority?: number | undefined;
  readonly profile?: SourceProfile;
}

/** One source. Times in seconds. */
export class SourceState {
  readonly settings: SourceSettings;
  #rate: number;
  #isMeasured: boolean;
  #latency: number;
  #hasBegun = false;
  #latencyBefore = 0;
  /** Bytes since the last look. */
  #fresh = 0;
  #connections: number;
  /** Pieces under way, since when, and the time before that since the last look. */
  #working = 0;
  #workingSince = 0;
  #workedSeconds = 0;
  #climbedAt = 0;
  #climbSeconds = climbSecondsMin;
  #bytesBefore = 0;
  #rateBefore = 0;
  #isClimbing = false;
  #failures = 0;
  /** When the first of them was. */
  #failedAt = 0;
  #pausedUntil = 0;
  /** One piece is out to find out whether it is well again. */
  isProbing = false;
  /** It has work, and nothing comes. */
  isSilent = false;
  /** What it had last was taken from it because nothing came, and nothing has come since. */
  wasSilent = false;
  #wrongFiles = 0;
  /** Nothing is asked of it any more. */
  isDistrusted = false;
  /** Bytes of it that were of use, and failures, for people to see. */
  bytes = 0;
  errors = 0;

  constructor(settings: SourceSettings) {
    this.settings = settings;
    this.#rate = settings.profile?.rate ?? rateUnknown;
    this.#latency = settings.profile?.latency ?? latencyUnknown;
    this.#isMeasured = settings.profile !== undefined && settings.profile.isOld !== true;
    this.#connections = Math.min(connectionsFirst, settings.connectionsMax);
  }

  /** Bytes a second; at least 1. */
  get rate(): number {
    return Math.max(1, Math.min(this.#rate, this.settings.rateMax ?? this.#rate));
  }

  /** Says whether the rate is more than a guess. */
  get isMeasured(): boolean {
    return this.#isMeasured;
  }

  get priority(): number {
    return this.settings.priority ?? 1;
  }

  get latency(): number {
    return this.#latency;
  }

  /** Something has come of it: its latency is more than a guess. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** How many connections are wanted now. */
  get connections(): number {
    return this.#failures > 0 ? 1 : this.#connections;
  }

  get profile(): SourceProfile {
    return { rate: this.rate, latency: this.#latency };
  }

  /** Bytes have come. */
  arrived(bytes: number): void {
    this.#fresh += bytes;
    if (bytes === 0) return;
    this.#failures = 0;
    this.wasSilent = false;
    this.isProbing = false;
  }

  /** The first byte of a piece came after so long. */
  began(seconds: number): void {
    this.#latency = this.#hasBegun ? this.#latency + (seconds - this.#latency) / 4 : seconds;
    this.#hasBegun = true;
  }

  get isWorking(): boolean {
    return this.#working > 0;
  }

  /** It was given something to do. */
  work(now: number): void {
    if (this.#working++ === 0) this.#workingSince = now;
  }

  /** It is through with one thing, or has failed at it. */
  rest(now: number): void {
    this.#working--;
    if (this.#working === 0) this.#workedSeconds += now - this.#workingSince;
  }

  /** Looks at what came since the last look, while it had work. */
  measure(now: number): void {
    const worked = this.#workedSeconds + (this.#working > 0 ? now - this.#workingSince : 0);
    // A few small files say how far away a source is, not how fast.
    const isLittle = this.#fresh > 0 && this.#fresh < bytesForLook && worked < longestLook;
    if (worked < shortestLook || (isLittle && !this.#isMeasured)) return;
    const rate = this.#fresh / worked;
    this.#workedSeconds = 0;
    this.#workingSince = now;
    this.#fresh = 0;
    // Silence is no rate: whoever goes on after it is as fast as before, until it shows otherwise.
    if (rate === 0) return;
    // The first look at a source that nobody knew tells more than the guess.
    const weight = this.#isMeasured ? 1 - Math.exp(-worked / rateMemory) : 1;
    this.#rate += weight * (rate - this.#rate);
    this.#isMeasured = true;
  }

  /** One more connection, if the last one was of use; one fewer, if it was not. */
  climb(now: number, isBusy: boolean): void {
    const seconds = now - this.#climbedAt;
    if (!isBusy || !this.#isMeasured) {
      this.#climbedAt = now;
      this.#bytesBefore = this.bytes;
      return;
    }
    if (seconds < Math.max(this.#climbSeconds, 4 * this.#latency)) return;
    const rate = (this.bytes - this.#bytesBefore) / seconds;
    const isSlower = this.#latency > latencyGrowth * Math.max(this.#latencyBefore, shortestLook);
    const hasGrown = rate >= this.#rateBefore * (1 + connectionGain);
    if (this.#isClimbing && (isSlower || !hasGrown)) {
      this.#connections = Math.max(1, this.#connections - 1);
      this.#isClimbing = false;
      // It is worth trying again when something else has changed, but not soon.
      this.#climbSeconds = climbSecondsMax;
    } else if (this.#connections < this.settings.connectionsMax) {
      this.#connections++;
      this.#latencyBefore = this.#latency;
      this.#isClimbing = true;
    }
    this.#rateBefore = rate;
    this.#climbedAt = now;
    this.#bytesBefore = this.bytes;
  }

  /** It lets in no more connections than it has: one more is tried again some time later. */
  isFull(now: number): void {
    this.errors++;
    this.isProbing = false;
    this.#connections = Math.max(1, this.#working);
    this.#isClimbing = false;
    this.#climbSeconds = climbSecondsMax;
    this.#climbedAt = now;
    this.#bytesBefore = this.bytes;
  }

  /** A connection failed: it rests for a while, longer the longer it has failed. */
  failed(now: number, random: Random): void {
    this.errors++;
    this.isProbing = false;
    if (this.#failures++ === 0) this.#failedAt = now;
    const share = (now - this.#failedAt) * backoffShare;
    const longest = Math.min(backoffSecondsMax, Math.max(backoffSeconds, share));
    this.pause(now + longest * (0.5 + random.uint32() / 2 ** 33));
  }

  /** It asked to be left alone until then. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /** Content of a file was wrong. */
  wasWrong(): void {
    this.errors++;
    this.#wrongFiles++;
    if (this.#wrongFiles >= wrongFilesMax) this.isDistrusted = true;
  }

  /** When it may be asked again. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** It has failed so often that one small piece is tried first. */
  get needsProbe(): boolean {
    return this.#failures >= failuresMax;
  }

  /** Says whether something may be asked of it now. */
  isWell(now: number): boolean {
    return !this.isDistrusted && now >= this.#pausedUntil;
  }

  /** The rate that others may count on: nothing while it rests, or is silent. */
  expected(now: number): number {
    return this.isWell(now) && !this.isSilent ? this.rate : 0;
  }
}
