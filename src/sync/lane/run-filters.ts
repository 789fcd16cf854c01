// The filter rules of a run, parsed once, with what -C finds in the surroundings.

import type { ByteString } from "../../base/index.ts";
import type { FileSystem } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { type FilterRuleSet, parseFilterRules } from "../../tree/index.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { readFileAt } from "./lane-filters.ts";
import { readNamedRules } from "./named-rules.ts";

/** Parsed rules, and who hears of what is wrong with them. */
export interface RunFilters {
  /** Undefined = there are none. */
  readonly rules: FilterRuleSet | undefined;
  readonly warn: (message: ByteString) => void;
}

/** Parses the rules; undefined = there are none. Throws ManifoldError; what only deserves a warning is told. */
export function parseRunFilters(
  fs: FileSystem,
  options: Options,
  { readStandardInput, cvsIgnore, home, confinement }: Surroundings,
  warn: (message: ByteString) => void,
): FilterRuleSet | undefined {
  if (options.filterRules.length === 0) return undefined;
  const homeFile = home === undefined ? undefined : readFileAt(fs, `${home}/.cvsignore`);
  const rules = parseFilterRules(options.filterRules, {
    from0: options.walk.from0,
    deleteExcluded: options.delete.excluded,
    cvs: {
      ...(cvsIgnore === undefined ? {} : { environment: cvsIgnore }),
      ...(homeFile instanceof Uint8Array ? { homeFile } : {}),
    },
    // What is hidden from a client looks like what is not there.
    skipsMissing: confinement !== undefined,
    readFile: (path) => {
      if (path === "-") return readStandardInput();
      return confinement === undefined ? readNamedRules(path, options.links) : readFileAt(fs, path);
    },
  });
  for (const problem of rules.problems) warn(problem.message);
  return rules;
}
