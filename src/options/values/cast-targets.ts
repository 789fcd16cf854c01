// The targets of a cast: places on other machines, in a list or a file.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { daemonPlaces } from "../resolve/daemon-places.ts";
import type { FarPlaces } from "../run-options.ts";
import { remotePlace } from "./host.ts";

/** Machines of one cast. What they say has to be listened to by one process. */
const targetsMax = 1000;

/** The module that manifold catch serves. */
export const catchModule = "catch";

/** The module at which a cast meets targets that come by themselves. */
export const castModule = "cast";

/** The place of a target that does not say where it is: the root of what it is confined to. */
export const catcherPlace: FarPlaces = {
  ...{ role: "target", kind: "manifold-daemon", host: "", port: undefined, module: catchModule },
  ...{ paths: ["."], list: undefined },
};

/** One target: how it was written, and where it is. */
export interface CastTarget {
  readonly name: ByteString;
  readonly far: FarPlaces;
}

/** Reads "HOST1,HOST2:/PATH,...": a host without a path has that of the next one that has one. Throws usage errors. */
export function parseCastTargets(words: readonly ByteString[]): CastTarget[] {
  const targets: CastTarget[] = [];
  let path: ByteString | undefined;
  for (const word of [...words].reverse()) {
    const hasPlace = word.includes(":");
    const catcher = /^[^/]+$/.test(word) ? `manifold://${word}` : word;
    const name = hasPlace ? word : path === undefined ? catcher : `${word}:${path}`;
    const place = remotePlace(name, true);
    if (place === undefined || (place.kind !== "shell" && place.kind !== "manifold-daemon")) {
      throw usage(
        `${word} is no target of a cast: those are HOST:PATH, HOST or manifold://HOST[:PORT][/MODULE]`,
      );
    }
    if (hasPlace && place.kind === "shell") path = place.path;
    targets.push({ name, far: farOf(place) });
  }
  if (targets.length === 0) throw usage("A cast needs targets, and there is none.");
  if (targets.length > targetsMax) throw usage(`A cast has at most ${targetsMax} targets.`);
  const names = new Set(targets.map(({ name }) => name));
  if (names.size < targets.length) throw usage("A target is named twice.");
  return targets.reverse();
}

/** Splits a list at commas, or a file at lines, where what follows a # is for people. */
export function splitTargets(text: ByteString, isFile: boolean): ByteString[] {
  const words = isFile
    ? text.split("\n").map((line) => line.replace(/(^|\s)#.*/, "").trim())
    : text.split(",");
  return words.filter((word) => word !== "");
}

function farOf(place: NonNullable<ReturnType<typeof remotePlace>>): FarPlaces {
  if (place.kind === "manifold-daemon") {
    const module = place.path === "" ? { ...place, path: catchModule } : place;
    return { ...daemonPlaces("target", [module], undefined), list: undefined };
  }
  const { host, port, path } = place;
  return { role: "target", kind: "shell", host, port, paths: [path || "."], list: undefined };
}

function usage(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}
