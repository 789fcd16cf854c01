// When targets apply what they have: each by itself, or only if enough of them have everything.

import { ManifoldError } from "../../base/index.ts";
import type { TargetLink } from "./target-link.ts";

/** With --slow=fail. */
export function failSlow(link: TargetLink): void {
  link.fail(new ManifoldError("timeout", "it is slower than the others"));
}

/** Such a policy. */
export class CommitPolicy {
  readonly #quorum: number;
  readonly #ordered = new Set<number>();
  #isDecided: boolean;

  /** `quorum`: the share of the targets that have to have everything; 0 = each applies when it has. */
  constructor(quorum: number) {
    this.#quorum = quorum;
    this.#isDecided = quorum === 0;
  }

  /** Tells targets what is decided. `absent`: others that were expected. `isSettled`: no target is still on its way. */
  decide(links: readonly TargetLink[], absent: number, isSettled: () => boolean): void {
    const staged = links.filter((link) => link.isStaged && !link.isOver);
    if (!this.#isDecided) {
      if (!isSettled()) return;
      const all = links.length + absent;
      if (staged.length < this.#quorum * all) {
        const refusal = this.#refusal(staged.length, all);
        for (const link of staged) link.fail(refusal);
        return;
      }
      this.#isDecided = true;
    }
    for (const link of staged) {
      if (this.#ordered.has(link.id)) continue;
      this.#ordered.add(link.id);
      link.order({ kind: "commit" });
    }
  }

  #refusal(staged: number, all: number): ManifoldError {
    const wanted = Math.ceil(this.#quorum * all);
    const message = `not applied: ${staged} of ${all} targets have everything, and --commit wants ${wanted}`;
    return new ManifoldError("partial", message);
  }
}
