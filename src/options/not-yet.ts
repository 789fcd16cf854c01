// The one sentence for what manifold understands but cannot do yet (exit status 4).
import { ManifoldError } from "../base/index.ts";

/** Returns the error: `what` names the option or verb, `waitsFor` the capability it comes with. */
export function notYet(what: string, waitsFor: string): ManifoldError {
  return new ManifoldError("not-yet", `${what} is not available yet: it comes with ${waitsFor}`);
}
