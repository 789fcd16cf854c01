// What another machine is told first: what it is to be in the run, where, and how.

import type { FarPlaces, Options } from "../../options/index.ts";
import type { Expansion, StartMessage } from "../../session/index.ts";
import { formatFilterRules, type ProgressEvent } from "../../tree/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { ruleWarning } from "../plan/run-problems.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { readFileList } from "./read-file-list.ts";

/** Returns the message. `tell` hears what is odd about filter rules. `asked`: what a source elsewhere was told. Throws ManifoldError. */
export function startMessage(
  options: Options,
  far: FarPlaces,
  surroundings: Surroundings,
  tell: (event: ProgressEvent) => void,
  asked?: StartMessage["asked"],
): StartMessage {
  const fs = openDoor(surroundings);
  const rules = parseRunFilters(fs, options, surroundings, (message) =>
    tell(ruleWarning(message, "source")),
  );
  return {
    kind: "start",
    role: far.role,
    personality: options.personality,
    options: options.remote.words,
    places: far.paths,
    expansion: expansionOf(options, far),
    rules: rules === undefined ? [] : formatFilterRules(rules),
    list: listOf(options, far, surroundings),
    asked: options.remote.trustSender ? undefined : asked,
  };
}

/** What the other end is told of a list: where it has it itself, what this end has, or that there is one. */
function listOf(
  { walk }: Options,
  { role, list }: FarPlaces,
  surroundings: Surroundings,
): StartMessage["list"] {
  if (walk.filesFrom === undefined) return undefined;
  if (list !== undefined) return { path: list, from0: walk.from0 };
  return role === "source" ? readFileList({ walk }, surroundings) : new Uint8Array(0);
}

/** --old-args left it to the other machine's shell to make what it likes of the places, --secluded-args leaves ~ alone. */
function expansionOf({ remote }: Options, { kind }: FarPlaces): Expansion {
  // No shell is between us and a daemon, and nobody has a home there.
  if (kind !== "shell") return "wildcards";
  if (remote.oldArgs > 0) return "command-line";
  return remote.secludedArgs ? "wildcards" : "home";
}
