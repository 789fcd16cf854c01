// What the far end of somebody's run lets the other end do.

import { type ByteString, ManifoldError } from "../../base/index.ts";

/** Conditions of a run that somebody else started. */
export interface AgentTerms {
  /** Silence that is tolerated; 0 = any. */
  readonly timeoutMs: number;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** Options that the other end may not give, as "refuse options" has them; undefined = it may give any. */
  readonly refusedOptions: readonly ByteString[] | undefined;
  /** Options that hold whatever the other end gave. */
  readonly words: readonly ByteString[];
  /** Hears which end this becomes. */
  began(role: "source" | "target"): void;
}

/** For whoever could do it all without us. */
export const noTerms: AgentTerms = {
  timeoutMs: 0,
  mayRead: true,
  mayWrite: true,
  refusedOptions: undefined,
  words: [],
  began: () => undefined,
};

/** Throws ManifoldError when this end may not be the run's source, or target. */
export function checkTerms({ mayRead, mayWrite }: AgentTerms, role: "source" | "target"): void {
  if (role === "target" && !mayWrite) throw refusal("the module is read only");
  if (role === "source" && !mayRead) throw refusal("the module is write only");
}

function refusal(message: string): ManifoldError {
  return new ManifoldError("start-client", message);
}
