// Digests that earlier runs took, as a lane has them.

import { RootDigests } from "../../cache/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import { sourceRoot } from "./origin-content.ts";

/** The caches of one lane. */
export class LaneDigests {
  readonly #sources: readonly (RootDigests | undefined)[];
  /** Of the target's files; undefined = none. */
  readonly target: RootDigests | undefined;

  constructor({ digests }: LaneSettings) {
    const open = (shared: ConstructorParameters<typeof RootDigests>[0] | undefined) =>
      shared && new RootDigests(shared);
    this.#sources = digests?.sources.map(open) ?? [];
    this.target = open(digests?.target);
  }

  /** There are some. */
  get isOpen(): boolean {
    return this.target !== undefined || this.#sources.some((digests) => digests !== undefined);
  }

  /** Of a source root's files; undefined = none. */
  source(root: number): RootDigests | undefined {
    return this.#sources[root];
  }

  /** Of the root that entries from `place` lie in. */
  sourceAt(
    origins: readonly Origin[],
    named: readonly NamedGroup[],
    place: number,
  ): RootDigests | undefined {
    return this.#sources[sourceRoot(origins, named, place)];
  }

  /** Writes what was remembered. */
  close(): void {
    for (const digests of this.#sources) digests?.flush();
    this.target?.flush();
  }
}
