// What a run in stages has done, for the next one: a file in the target's state directory that says for which state of which source,
// and which stages are complete. Written before a stage begins; gone before the last one, whose end removes the state directory.

import { type ByteString, fromBytes, toBytes } from "../../base/index.ts";
import { type DirHandle, type FileSystem, FsError } from "../../fs/index.ts";
import { digestOf } from "../../hash/index.ts";
import type { StageRules } from "../../options/index.ts";
import { stagesName } from "../state/run-job.ts";
import { openState, removeStateFile } from "../state/state-directory.ts";

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

/** Such a journal. `target`: the whole path of the target. */
export class StageJournal {
  readonly #fs: FileSystem;
  readonly #target: ByteString;
  readonly #key: string;

  constructor(fs: FileSystem, target: ByteString, tree: StagedTree) {
    this.#fs = fs;
    this.#target = target;
    const text = JSON.stringify([tree.url, tree.mark, tree.stages]);
    this.#key = Buffer.from(digestOf("blake3", toBytes(text))).toString("hex");
  }

  /** Returns how many stages an earlier run completed for the very same tree; 0 also for what makes no sense. */
  get done(): number {
    try {
      const [, written, key, done] = lineForm.exec(this.#read()) ?? [];
      return Number(written) === version && key === this.#key ? Number(done) : 0;
    } catch (error) {
      if (error instanceof FsError) return 0;
      throw error;
    }
  }

  /** Notes that so many are complete. What is killed in here leaves no whole journal, and the next run begins anew. Throws FsError. */
  write(done: number): void {
    const fs = this.#fs;
    const bytes = toBytes(`stages ${version} ${this.#key} ${done}\n`);
    this.remove();
    this.#inState(true, (state) => {
      const file = fs.createFile(state, stagesName, 0o600);
      try {
        fs.write(file, bytes, 0, bytes.length, 0);
      } finally {
        fs.closeFile(file);
      }
    });
  }

  /** There is nothing to go on with. Throws FsError. */
  remove(): void {
    this.#inTarget((root) => removeStateFile(this.#fs, root, stagesName));
  }

  #read(): ByteString {
    return this.#inState(false, (state) => {
      const file = this.#fs.openRead(state, stagesName);
      try {
        const bytes = new Uint8Array(journalBytesMax);
        return fromBytes(bytes, 0, this.#fs.read(file, bytes, 0, bytes.length, 0));
      } finally {
        this.#fs.closeFile(file);
      }
    });
  }

  #inState<T>(make: boolean, action: (state: DirHandle) => T): T {
    return this.#inTarget((root) => {
      const state = openState(this.#fs, root, make);
      try {
        return action(state);
      } finally {
        this.#fs.closeDirectory(state);
      }
    });
  }

  #inTarget<T>(action: (root: DirHandle) => T): T {
    const root = this.#fs.openRoot(this.#target);
    try {
      return action(root);
    } finally {
      this.#fs.closeDirectory(root);
    }
  }
}
