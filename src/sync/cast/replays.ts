// The targets of a stream that lack what is not kept any more, each with a replay of its own.

import { ManifoldError } from "../../base/index.ts";
import type { BlockRange } from "../../datagram/index.ts";
import { type Records, Replay } from "./replay.ts";
import type { StreamFile } from "./stream-file.ts";
import type { TargetLink } from "./target-link.ts";

/** Such targets. */
export class Replays {
  readonly #file: StreamFile;
  readonly #record: Records;
  readonly #replays = new Map<number, Replay>();
  readonly #turns = new Map<number, Promise<void>>();
  #isOver = false;

  constructor(file: StreamFile, record: Records) {
    this.#file = file;
    this.#record = record;
  }

  /** Answers a pull, after those before it. */
  answer(link: TargetLink, range: BlockRange): void {
    const before = this.#turns.get(link.id) ?? Promise.resolve();
    const answered = before.then(() => this.#answer(link, range));
    this.#turns.set(
      link.id,
      answered.catch((error: unknown) => {
        if (!(error instanceof ManifoldError)) throw error;
        link.fail(error);
      }),
    );
  }

  /** A target needs nothing more. */
  leave(link: TargetLink): void {
    this.#replays.get(link.id)?.close();
    this.#replays.delete(link.id);
  }

  close(): void {
    this.#isOver = true;
    for (const replay of this.#replays.values()) replay.close();
    this.#replays.clear();
  }

  async #answer(link: TargetLink, { block, count }: BlockRange): Promise<void> {
    if (this.#isOver || link.isOver) return;
    const { blockBytes } = this.#file;
    const at = block * blockBytes;
    const bytes = new Uint8Array(count * blockBytes);
    await this.#replayFor(link, at).read(at, bytes);
    if (!this.#isOver) link.blocks(block, bytes);
  }

  #replayFor(link: TargetLink, at: number): Replay {
    const known = this.#replays.get(link.id);
    if (known !== undefined && known.start <= at) return known;
    known?.close();
    const replay = new Replay(this.#file, this.#record);
    this.#replays.set(link.id, replay);
    return replay;
  }
}
