// What a run in stages has done, for the next one: a file in the target's state directory that says for which state of which source,
// and which stages are complete. Written before a stage begins; gone before the last one, whose end removes the state directory.

import { type ByteString, fromBytes, joinPath, toBytes } from "../../base/index.ts";
import {
  FsError,
  makePrivateDirectory,
  readSmallFile,
  removeSmallFile,
  replaceSmallFile,
} from "../../fs/index.ts";
import { digestOf } from "../../hash/index.ts";
import type { StageRules } from "../../options/index.ts";
import { stateDirectory } from "../../tree/index.ts";
import { stagesName } from "../state/run-job.ts";

/** What stages are about. */
export interface StagedTree {
  /** The reference, and its state. */
  readonly url: string;
  readonly mark: string;
  readonly stages: readonly StageRules[];
}

const version = 1;
const journalBytesMax = 4096;
const lineForm = /^stages (\d{1,9}) ([0-9a-f]{64}) (\d{1,4})\n$/;

/** Such a journal. `target`: the path of the target. */
export class StageJournal {
  readonly #path: ByteString;
  readonly #key: string;

  constructor(target: ByteString, tree: StagedTree) {
    this.#path = joinPath(joinPath(target, stateDirectory), stagesName);
    const text = JSON.stringify([tree.url, tree.mark, tree.stages]);
    this.#key = Buffer.from(digestOf("blake3", toBytes(text))).toString("hex");
  }

  /** Returns how many stages an earlier run completed for the very same tree; 0 also for what makes no sense. */
  get done(): number {
    try {
      const bytes = readSmallFile(this.#path, journalBytesMax)?.bytes ?? new Uint8Array(0);
      const [, written, key, done] = lineForm.exec(fromBytes(bytes, 0, bytes.length)) ?? [];
      return Number(written) === version && key === this.#key ? Number(done) : 0;
    } catch (error) {
      if (error instanceof FsError) return 0;
      throw error;
    }
  }

  /** Notes that so many are complete. Throws FsError. */
  write(done: number): void {
    makePrivateDirectory(this.#path.slice(0, -stagesName.length - 1));
    replaceSmallFile(this.#path, `stages ${version} ${this.#key} ${done}\n`, 0o600);
  }

  /** There is nothing to go on with. Throws FsError. */
  remove(): void {
    removeSmallFile(this.#path);
  }
}
