// The ordinary arguments of the stage verbs: roots, listings, changesets; always of this machine.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { remotePlace } from "../values/host.ts";
import type { VerbRow } from "../verbs.ts";
import type { Places } from "./places.ts";

/** Splits the arguments of a stage verb; throws when there are too few or too many, or one is elsewhere. */
export function stagePlaces(verb: VerbRow, places: readonly ByteString[]): Places {
  const { min, max, endsInTarget } = verb.places ?? { min: 0, max: 0, endsInTarget: false };
  if (places.length < min || places.length > max) {
    const counts = min === max ? `${min}` : `${min} to ${max}`;
    throw new ManifoldError(
      "usage",
      `manifold ${verb.name} takes ${counts} argument${max === 1 ? "" : "s"}, not ${places.length}: manifold ${verb.name} ${verb.usage}`,
    );
  }
  for (const place of places) {
    if (place === "") throw new ManifoldError("usage", "Empty argument specified.");
    const remote = remotePlace(place, true);
    if (remote !== undefined) throw elsewhere(verb, place);
  }
  return endsInTarget
    ? { sources: places.slice(0, -1), target: places.at(-1), far: undefined }
    : { sources: places, target: undefined, far: undefined };
}

/** What travels between stages is a stream of bytes: whatever joins pipes to another machine joins stages to it. */
function elsewhere({ name }: VerbRow, place: ByteString): ManifoldError {
  const message = `manifold ${name} works on this machine, and ${place} is on another one: run it there, and join them by a pipe (ssh HOST manifold ${name} ...)`;
  return new ManifoldError("usage", message);
}
