// The digest caches of a run: one for each root on this machine, open as long as the lanes work.

import { type ByteString, fromText } from "../../base/index.ts";
import {
  cacheFile,
  type DigestFile,
  openDigestFile,
  type SharedDigests,
} from "../../cache/index.ts";
import type { Options } from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { absolutePath } from "./absolute-path.ts";
import type { DigestSettings, RootSetting } from "./lane-settings.ts";
import type { Surroundings } from "./surroundings.ts";

/** Longer than any tick of the kernel's clock, and than writing takes that began before that clock was read. */
const settledMs = 2000;

/** The roots that a run has on this machine. */
export interface RunRoots {
  readonly sources: readonly RootSetting[];
  readonly target: RootSetting | undefined;
}

/** The caches of one run. */
export class RunDigests {
  /** Undefined = there are none. */
  readonly settings: DigestSettings | undefined;
  /** To be told: caches that cannot be used. */
  readonly notes: ProgressEvent[] = [];
  readonly #files: DigestFile[] = [];

  constructor(options: Options, surroundings: Surroundings, roots: RunRoots) {
    const { cache, workingDirectory, clock } = surroundings;
    // A device's content changes and leaves no trace in its times.
    const { copyDevices, writeDevices } = options.transfer;
    if (!options.own.cache || cache === undefined || copyDevices || writeDevices) return;
    const open = (root: RootSetting): SharedDigests | undefined => {
      const path = absolutePath(workingDirectory, root.path);
      const opened = openDigestFile({
        path: cacheFile(cache.directory, path),
        root: path,
        wallTime: clock.wallTime(),
        settledMs: cache.settledMs ?? settledMs,
      });
      const note = typeof opened === "string" ? opened : opened.note;
      if (note !== undefined) this.notes.push(noteOf(path, note));
      if (typeof opened === "string") return undefined;
      this.#files.push(opened);
      return opened.shared;
    };
    this.settings = {
      sources: roots.sources.map(open),
      target: roots.target && open(roots.target),
    };
  }

  /** Closes them, after the lanes. */
  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

function noteOf(root: ByteString, why: string): ProgressEvent {
  const text = `digests of files in ${root} are not kept: ${fromText(why)}`;
  return { type: "note", topic: "misc", level: 1, text };
}
