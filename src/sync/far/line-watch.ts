// How fast a line takes what waits to be sent: known only from times when something waited all along, and
// neither end was what it waited for; and whether this machine has a processor to spare for it.

import type { Clock } from "../../base/index.ts";
import type { MachineTime } from "../../schedule/index.ts";
import type { Peer } from "../../session/index.ts";
import { IdleWatch } from "./idle-watch.ts";

/** Above this share of its processors' time a machine has none to spare. */
const crowdedShare = 0.9;
/** Of a line that takes so many bytes a millisecond all the same, nothing is known then. Arbitrary. */
const crowdedRate = 4000;
/** How long the line is watched at a time, in milliseconds. */
const watchMs = 250;

/** Watches a line, each time that it is told to look. */
export class LineWatch {
  /** Bytes a millisecond when it was last busy; undefined = it has not been, for long enough. */
  rate: number | undefined;
  /** What the machine had done when somebody last asked, and when: asking costs as much as sending a directory. */
  #machine: (MachineTime & { readonly at: number }) | undefined;
  readonly #machineTime: (() => MachineTime) | undefined;
  readonly #peer: Pick<Peer, "bytesSent" | "backlog">;
  readonly #clock: Pick<Clock, "now" | "idleMs">;
  /** Since when, and from which byte on, something has waited to be sent all the time; undefined = it has not. */
  #busy: { readonly at: number; readonly bytes: number; readonly idle: IdleWatch } | undefined;

  constructor(
    peer: Pick<Peer, "bytesSent" | "backlog">,
    clock: Pick<Clock, "now" | "idleMs">,
    machineTime?: () => MachineTime,
  ) {
    this.#machineTime = machineTime;
    this.#peer = peer;
    this.#clock = clock;
  }

  /** Looks how fast what waits is leaving. */
  look(): void {
    const { bytesSent: bytes, backlog } = this.#peer;
    if (backlog === 0) {
      this.#busy = undefined;
      return;
    }
    const now = this.#clock.now();
    if (this.#busy === undefined) {
      this.#busy = { at: now, bytes, idle: new IdleWatch(this.#clock) };
      this.#lookAtMachine(now);
    }
    const { at, bytes: before, idle } = this.#busy;
    const elapsed = now - at;
    if (elapsed < watchMs) return;
    const rate = (bytes - before) / elapsed;
    // A thread that is busy gives the line nothing in the meantime; one that waits for a processor seems to be idle.
    const isBusy = idle.isBusy();
    const isCrowded = this.#isCrowded(now);
    this.rate = isBusy || (isCrowded && rate >= crowdedRate) ? undefined : rate;
    this.#busy = { at: now, bytes, idle };
  }

  /** Says whether all processors of the machine have been busy. */
  #isCrowded(now: number): boolean {
    const before = this.#machine;
    this.#lookAtMachine(now);
    const machine = this.#machine;
    if (machine === undefined || before === undefined) return false;
    const total = machine.totalMs - before.totalMs;
    return total > 0 && machine.busyMs - before.busyMs > crowdedShare * total;
  }

  #lookAtMachine(now: number): void {
    if (this.#machine !== undefined && now - this.#machine.at < watchMs) return;
    const machine = this.#machineTime?.();
    this.#machine = machine && { ...machine, at: now };
  }

  /** The other end has no time to take what comes: that something waits is not the line's doing. */
  acquit(): void {
    this.rate = undefined;
    this.#busy = undefined;
  }
}
