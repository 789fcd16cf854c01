// What targets of a stream ask for over their connections, and the answers: from what is kept of the stream, or from what is
// recorded again.

import { type Clock, ManifoldError } from "../../base/index.ts";
import {
  type BlockRange,
  type BlockSender,
  blockBytesUsual,
  PullServer,
} from "../../datagram/index.ts";
import type { Records } from "./replay.ts";
import { Replays } from "./replays.ts";
import type { StreamFile } from "./stream-file.ts";
import type { TargetLink } from "./target-link.ts";

/** What it works with. */
export interface PullGround {
  readonly clock: Clock;
  readonly file: StreamFile;
  readonly sender: BlockSender;
  readonly links: ReadonlyMap<number, TargetLink>;
  /** Begins to record the stream again. */
  readonly record: Records;
}

/** Such answers. */
export class PullAnswers {
  readonly #ground: PullGround;
  readonly #pulls = new PullServer(blockBytesUsual);
  readonly #replays: Replays;
  /** The block that whoever has come furthest over a connection has asked for. */
  furthest = 0;

  constructor(ground: PullGround) {
    this.#ground = ground;
    this.#replays = new Replays(ground.file, ground.record);
  }

  /** Takes a wish; of nothing: the connection has room again. */
  ask(link: TargetLink, block: number, count: number): void {
    this.furthest = Math.max(this.furthest, block + count);
    const isWanted = count > 0 && !link.held.has({ block, count });
    if (isWanted && !this.#pulls.ask(link.id, { block, count })) {
      link.fail(new ManifoldError("protocol-data", `${link.name} asks for too much at once`));
    }
  }

  /** A target turned out to have these. */
  drop(link: TargetLink, range: BlockRange): void {
    this.#pulls.drop(link.id, range);
  }

  /** A target needs nothing more. */
  leave(link: TargetLink): void {
    this.#pulls.leave(link.id);
    this.#replays.leave(link);
  }

  /** Answers what may be answered now. `ready`: blocks before this one may go out. */
  serve(ready: number): void {
    const { sender, file, links, clock } = this.#ground;
    const isShared = sender.receivers > 0 && sender.frontier < file.blocks;
    for (;;) {
      const range = this.#pulls.next(
        ready,
        isShared ? sender.rate : undefined,
        (id) => links.get(id)?.isFull ?? true,
        clock.now(),
      );
      if (range === undefined) return;
      const link = links.get(range.id);
      if (link === undefined) continue;
      if (!file.has(range.block)) {
        this.#replays.answer(link, range);
        continue;
      }
      const bytes = new Uint8Array(range.count * blockBytesUsual);
      file.read(range.block, bytes);
      link.blocks(range.block, bytes);
    }
  }

  close(): void {
    this.#replays.close();
  }
}
