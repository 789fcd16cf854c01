// Final attributes of directories: each gets them when everything in it is done, in batches that go out to all
// lanes. Permissions of directories that were opened to their owner wait for the end of the run, the
// root's attributes for everything else.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { closingDirectory } from "../apply/close-directories.ts";
import { isNarrow } from "../apply/narrow-directories.ts";
import type { ClosingDirectory, SurveyResult } from "../tasks/tasks.ts";
import type { TreeNode } from "./tree-node.ts";

const closingsPerTask = 64;

/** What closing needs. */
export interface ClosingsContext {
  readonly options: Options;
  /** Directories that lock their owner out are opened while the run works in them. */
  readonly opensDirectories: boolean;
  readonly submit: (directories: readonly ClosingDirectory[]) => void;
  /** Something is still to come in the directory, and who brings it closes it then. */
  readonly isWaiting: (node: TreeNode) => boolean;
}

/** Collects what is left to be set. */
export class Closings {
  readonly #context: ClosingsContext;
  #closings: ClosingDirectory[] = [];
  /** Directories that were opened to their owner, in the order in which they were done. */
  readonly #narrow = new Map<ByteString, ClosingDirectory>();
  #root: ClosingDirectory | undefined;
  #rootTouched = false;

  constructor(context: ClosingsContext) {
    this.#context = context;
  }

  /** Takes what a survey found out about the root's own entry. */
  setRoot({ closing, mustClose }: NonNullable<SurveyResult["self"]>): void {
    this.#root = closing;
    this.#rootTouched ||= mustClose;
  }

  /** A directory is done; `needed` = its times have to be set. */
  close(node: TreeNode, needed: boolean): void {
    const { parent, entry, path } = node.known;
    if (parent === undefined) {
      this.#rootTouched ||= needed;
      return;
    }
    const { options, opensDirectories, isWaiting } = this.#context;
    if (entry === undefined || options.transfer.dryRun) return;
    const { listing } = entry.list;
    if (!needed && !isNarrow(listing.mode[entry.index] as number)) return;
    if (isWaiting(node)) return;
    const closing = closingDirectory(options, listing, entry.index, path);
    if (closing.setMode && opensDirectories) {
      this.#narrow.set(closing.path, { ...closing, setTimes: false });
    }
    if (!closing.setTimes || !needed) return;
    this.#closings.push({ ...closing, setMode: false });
    if (this.#closings.length >= closingsPerTask) this.flush();
  }

  /** Gives out what has come together. */
  flush(): void {
    if (this.#closings.length === 0) return;
    this.#context.submit(this.#closings);
    this.#closings = [];
  }

  /** Gives out the directories that were opened to their owner, those inside of others first. */
  narrow(): void {
    if (this.#narrow.size > 0) this.#context.submit([...this.#narrow.values()]);
  }

  /** What the root needs; undefined = nothing. `staged` = the staging directory changed its time. */
  root(staged: boolean): ClosingDirectory | undefined {
    const closing = this.#root;
    if (closing === undefined) return undefined;
    const setMode = closing.setMode && this.#context.opensDirectories;
    const setTimes = closing.setTimes && (this.#rootTouched || staged);
    return setMode || setTimes ? { ...closing, setMode, setTimes } : undefined;
  }
}
