// What one end of a session is made with.

import type { Clock, ManifoldError } from "../base/index.ts";
import type { Hello } from "./hello.ts";
import type { Negotiated } from "./negotiate.ts";

/** What a session is made with. */
export interface SessionParts {
  readonly hello: Hello;
  readonly clock: Clock;
  readonly messageLimits: readonly number[];
  /** Silence during the handshake, and the time a hello may take. */
  readonly handshakeTimeoutMs: number;
  /** Called when the other end's hello has come, or with the error that came instead. */
  readonly greeted: (result: Negotiated | ManifoldError) => void;
}
