// All links of a cast with its targets, those that are no more included: whom it reaches, and who comes by himself.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import { type CastTarget, catcherPlace, type Options } from "../../options/index.ts";
import type { Channel, LineChannel } from "../../transport/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { reachFar } from "../far/reach.ts";
import { startMessage } from "../far/start-message.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import type { Reached } from "./muster.ts";
import { type LinkListener, TargetLink } from "./target-link.ts";
import { comeLine } from "./visit-master.ts";

/** What links are made with. */
export interface LinksGround {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly listener: LinkListener;
  readonly tell: (event: ProgressEvent) => void;
}

/** Such links. */
export class TargetLinks {
  readonly #ground: LinksGround;
  readonly #links: TargetLink[] = [];

  constructor(ground: LinksGround) {
    this.#ground = ground;
  }

  /** Begins to reach a target. */
  reach(target: CastTarget, id: number): Reached {
    const { options, surroundings } = this.#ground;
    return this.#open(target, id, () => reachFar(options, target.far, surroundings));
  }

  /** Begins to talk to one that has come by itself, and tells it so. */
  meet(lines: LineChannel, name: ByteString, id: number): Reached {
    return this.#open({ name, far: catcherPlace, comes: true }, id, () => {
      lines.send(Buffer.from(`${comeLine}\n`));
      return Promise.resolve(lines);
    });
  }

  /** Nobody waits for more. */
  fail(error: ManifoldError): void {
    for (const link of this.#links) link.fail(error);
  }

  /** Lets go of what was kept of them. */
  close(): void {
    for (const link of this.#links) link.kept.close();
  }

  /** Bytes over all connections. */
  get bytesSent(): number {
    return this.#links.reduce((all, { bytesSent }) => all + bytesSent, 0);
  }

  get bytesReceived(): number {
    return this.#links.reduce((all, { bytesReceived }) => all + bytesReceived, 0);
  }

  #open(
    target: CastTarget & { readonly comes?: boolean },
    id: number,
    reach: () => Promise<Channel>,
  ): Reached {
    const { options, surroundings, listener, tell } = this.#ground;
    const link = new TargetLink(id, target, listener, surroundings.clock);
    this.#links.push(link);
    const start = {
      ...startMessage(options, target.far, surroundings, tell),
      role: "catch",
    } as const;
    return { link, told: link.open(reach, start, surroundings, options.limits.timeout) };
  }
}
