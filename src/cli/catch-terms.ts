// What whoever casts to this machine may do here: write below one place, and what the command line of `manifold catch` says.

import type { ByteString } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import type { AgentTerms, Surroundings } from "../sync/index.ts";

/** Returns what a master may, and what it is told for this end. */
export function catchTerms({ own, limits }: Options): AgentTerms {
  const { discard, interfaceName } = own.catch;
  return {
    ...{ timeoutMs: limits.timeout, mayRead: false, mayWrite: true, refusedOptions: [] },
    words: [
      ...(discard ? ["--discard"] : []),
      ...(interfaceName === undefined ? [] : [`--mcast-interface=${interfaceName}`]),
    ],
    began: () => undefined,
  };
}

/** Returns what a cast knows of the world: nothing but the place. */
export function insideOf(around: Surroundings, path: ByteString): Surroundings {
  return {
    ...around,
    ...{ workingDirectory: "/", home: undefined, cvsIgnore: undefined, cache: undefined },
    confinement: { root: path, readOnly: false, munge: false, rules: undefined },
  };
}
