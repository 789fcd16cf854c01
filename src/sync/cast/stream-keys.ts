// The secrets that a stream's datagrams are sealed under, one after the other: whoever is not to be trusted any more knows those before.

import { type Clock, systemRandom } from "../../base/index.ts";
import { newSecret } from "../../datagram/index.ts";
import type { DatagramOutlet } from "./datagram-outlet.ts";
import type { TargetLink } from "./target-link.ts";

/** Targets have so long to hear of a new secret before it is used. What comes to one that has not is lost for it, and sent again. */
const renewMs = 200;
/** As the header of a datagram has it. */
const epochMax = 2 ** 16 - 1;

/** Such secrets. */
export class StreamKeys {
  readonly session = systemRandom.uint32();
  readonly #clock: Clock;
  #secret = newSecret();
  #epoch = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest, and its number. */
  get newest(): { readonly secret: Uint8Array; readonly epoch: number } {
    return { secret: this.#secret, epoch: this.#epoch };
  }

  /** Makes a new one, tells it to these targets, and has it used soon. */
  renew(links: Iterable<TargetLink>, outlet: DatagramOutlet): void {
    if (this.#epoch === epochMax) return;
    this.#secret = newSecret();
    this.#epoch++;
    const { newest } = this;
    for (const link of links) link.order({ kind: "rekey", ...newest });
    this.#clock.after(renewMs, () => outlet.sealUnder(newest.secret, newest.epoch));
  }
}
