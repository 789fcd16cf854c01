// A source that is many (--mirror, 'A|B'), or one that is no end of ours (a web server): listed and read, not spoken with.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { MirrorOptions, MirrorPlace } from "../mirror-options.ts";
import { notYet } from "../not-yet.ts";
import type { Personality } from "../options.ts";
import type { FarPlaces } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { remotePlace } from "../values/host.ts";
import { parseMirrorPlace } from "../values/mirror-place.ts";
import { daemonPlaces } from "./daemon-places.ts";
import type { Places } from "./places.ts";

type MirrorSettings = Pick<
  Settings,
  "mirrors" | "mirrorFiles" | "reference" | "stages" | "cooperate"
>;

/** What comes of the arguments of such a run. */
export interface MirroredPlaces extends Places {
  readonly mirrors: MirrorOptions;
}

/** Returns the places of a run from many sources; undefined = it is none. Throws usage and not-yet errors. */
export function mirroredPlaces(
  places: readonly ByteString[],
  settings: MirrorSettings,
  personality: Personality,
): MirroredPlaces | undefined {
  if (personality !== "manifold") return undefined;
  const [first = ""] = places;
  const group = groupOf(first);
  const isMany = settings.mirrors.length > 0 || settings.mirrorFiles.length > 0;
  const isAsked = isMany || settings.stages.length > 0 || settings.cooperate;
  if (!isAsked && group.length === 1 && remotePlace(first, true)?.kind !== "web") return undefined;
  const [source, target, ...more] = places;
  // Of processes that cooperate each has one at least.
  if (settings.reference !== undefined && !isMany && !settings.cooperate && group.length === 1) {
    throw new ManifoldError("usage", "--reference chooses among sources: there is only one");
  }
  if (source === undefined || target === undefined || more.length > 0) {
    throw new ManifoldError("usage", "Many sources of one tree: one SRC and one DEST are needed.");
  }
  if (remotePlace(target, true) !== undefined) {
    throw notYet("Many sources for a target on another machine", "targets on other machines");
  }
  return {
    sources: [group[0] ?? source],
    target: target === "" ? "." : target,
    far: undefined,
    mirrors: {
      places: unique([...group.map(parseMirrorPlace), ...settings.mirrors]),
      files: settings.mirrorFiles,
      reference: settings.reference ?? "first",
      stages: settings.stages,
    },
  };
}

/** Returns what `manifold sources` is to look at. Throws a usage error. */
export function namedSources(
  places: readonly ByteString[],
  settings: MirrorSettings,
): MirroredPlaces {
  const sources = places.flatMap(groupOf);
  if (sources.length === 0 && settings.mirrorFiles.length === 0) {
    throw new ManifoldError("usage", "manifold sources takes the URLs of sources");
  }
  return {
    ...{ sources, target: undefined, far: undefined },
    mirrors: {
      places: unique([...sources.map(parseMirrorPlace), ...settings.mirrors]),
      files: settings.mirrorFiles,
      reference: settings.reference ?? "first",
      stages: settings.stages,
    },
  };
}

/** Returns the machine and path that one of many sources means; undefined = it is on this machine, or on the web. Throws a usage error. */
export function farSource(
  written: ByteString,
  connectProgram: ByteString | undefined,
): FarPlaces | undefined {
  const place = remotePlace(written, true);
  if (place === undefined || place.kind === "web") return undefined;
  const role = "source";
  if (place.kind === "shell") {
    const { kind, host, port, path } = place;
    return { role, kind, host, port, paths: [path || "."], list: undefined };
  }
  const isConnected = place.kind === "rsync-daemon" && connectProgram !== undefined;
  return {
    ...daemonPlaces(role, [place], isConnected ? connectProgram : undefined),
    list: undefined,
  };
}

/** 'A|B|C' is three places if each of them is on another machine. */
function groupOf(source: ByteString): readonly ByteString[] {
  const parts = source.split("|");
  const isGroup = parts.length > 1 && parts.every((part) => remotePlace(part, true) !== undefined);
  return isGroup ? parts : [source];
}

/** What is said of a place later adds to what was said of it before. */
export function unique(places: readonly MirrorPlace[]): MirrorPlace[] {
  const known = new Map<ByteString, MirrorPlace>();
  for (const place of places) {
    const { url, role, adopts, connectionsMax, rateMax, priority } = place;
    const before = known.get(url);
    known.set(url, {
      url,
      role: role === "all" ? (before?.role ?? role) : role,
      adopts: adopts && (before?.adopts ?? true),
      connectionsMax: connectionsMax ?? before?.connectionsMax,
      rateMax: rateMax ?? before?.rateMax,
      priority: priority ?? before?.priority,
    });
  }
  return [...known.values()];
}
