// The ordinary arguments: sources and target, and whether they are places that can be reached.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { notYet } from "../not-yet.ts";
import type { Personality } from "../options.ts";
import type { FarPlaces } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { type RemotePlace, remotePlace } from "../values/host.ts";
import { daemonPlaces } from "./daemon-places.ts";

/** Sources and target as written; an empty target is "." where that is allowed. */
export interface Places {
  readonly sources: readonly ByteString[];
  readonly target: ByteString | undefined;
  /** What of them is on another machine; undefined = nothing. */
  readonly far: FarPlaces | undefined;
  /** Where the target is, when the sources are elsewhere, too. */
  readonly onward?: FarPlaces;
}

/** Splits the ordinary arguments (at least one); throws when they make no sense together. */
export function resolvePlaces(
  places: readonly ByteString[],
  settings: Settings,
  personality: Personality,
  connectProgram?: ByteString,
): Places {
  const urls = personality === "manifold";
  const sources = places.length === 1 ? places : places.slice(0, -1);
  const target = places.length === 1 ? undefined : (places.at(-1) ?? "");
  const remoteSource = remotePlace(sources[0] ?? "", urls);
  const remoteTarget = target === undefined ? undefined : remotePlace(target, urls);
  if (target === "" && remoteSource === undefined && !settings.oldArgs) {
    throw usage('Empty destination arg specified (use "." or see --old-args).');
  }
  const remote = remoteSource ?? remoteTarget;
  if (remote === undefined) checkFilesFrom(settings.filesFrom);
  if (remoteSource === undefined) checkLocalSources(sources, urls);
  else checkRemoteSources(sources, { first: remoteSource, urls });
  if (remoteSource !== undefined && remoteTarget !== undefined && !urls) {
    throw usage("The source and destination cannot both be remote.");
  }
  if (remote !== undefined) {
    const list = farList(settings.filesFrom, remote);
    return farPlaces(
      { sources, target },
      {
        ...{ remoteSource, remoteTarget, urls, list, connectProgram },
        byShell: settings.rsh !== undefined,
      },
    );
  }
  checkDaemonOptions(settings);
  return { sources, target: target === "" ? "." : target, far: undefined };
}

/** One of the ends is on another machine. */
function farPlaces(
  { sources, target }: Pick<Places, "sources" | "target">,
  ends: {
    readonly remoteSource: RemotePlace | undefined;
    readonly remoteTarget: RemotePlace | undefined;
    readonly urls: boolean;
    readonly list: ByteString | undefined;
    readonly connectProgram: ByteString | undefined;
    /** A remote shell starts the daemon. */
    readonly byShell: boolean;
  },
): Places {
  const { remoteSource, remoteTarget, urls, list, connectProgram, byShell } = ends;
  const placesOf = (
    role: FarPlaces["role"],
    [place, written]: readonly [RemotePlace, readonly ByteString[]],
  ): Omit<FarPlaces, "list"> => {
    const named = written.map((argument) => remotePlace(argument, urls) ?? place);
    const { kind, host, port } = place;
    if (kind === "rsync-daemon") {
      const program = byShell ? undefined : connectProgram;
      return { ...daemonPlaces(role, named, program), ...(byShell && { byShell: true as const }) };
    }
    if (kind === "manifold-daemon") return daemonPlaces(role, named, undefined);
    if (kind !== "shell") throw placeNotYet(place, written[0]);
    return { role, kind, host, port, paths: named.map(({ path }) => path || ".") };
  };
  const atTarget = remoteTarget && placesOf("target", [remoteTarget, [target ?? ""]]);
  const there = target === "" ? "." : target;
  if (remoteSource === undefined) {
    const far = atTarget && { ...atTarget, list };
    return { sources, target: there, far };
  }
  const far = { ...placesOf("source", [remoteSource, sources]), list };
  if (atTarget === undefined) return { sources, target: there, far };
  // What is between two other machines goes through here by manifold's protocol.
  const speaksRsync = [far, atTarget].some(
    ({ kind, program }) => kind === "rsync-daemon" && program === undefined,
  );
  if (speaksRsync) throw placeNotYet(remoteSource, sources[0]);
  return { sources, target: there, far, onward: { ...atTarget, list: undefined } };
}

function checkLocalSources(sources: readonly ByteString[], urls: boolean): void {
  for (const source of sources) {
    if (source === "") throw usage("Empty source arg specified.");
    if (remotePlace(source, urls) !== undefined) throw usage(`Unexpected remote arg: ${source}`);
  }
}

function checkRemoteSources(
  sources: readonly ByteString[],
  { first, urls }: { readonly first: RemotePlace; readonly urls: boolean },
): void {
  for (const source of sources.slice(1)) {
    const place = remotePlace(source, urls);
    if (place === undefined) {
      throw usage(
        `Unexpected local arg: ${source}\nIf arg is a remote file/dir, prefix it with a colon (:).`,
      );
    }
    if (place.host !== "" && place.host !== first.host) {
      throw usage("All source args must come from the same machine.");
    }
  }
}

/** A list on another machine only makes sense when that machine takes part. */
function checkFilesFrom(filesFrom: ByteString | undefined): void {
  if (filesFrom === undefined || filesFrom === "-") return;
  const list = remotePlace(filesFrom, false);
  if (list?.path === "-") throw usage("Invalid --files-from remote filename");
  if (list !== undefined) throw usage("--files-from cannot be remote when the transfer is local");
}

/** Returns where the list is on the other machine; undefined = it is on this one, or there is none. */
function farList(filesFrom: ByteString | undefined, far: RemotePlace): ByteString | undefined {
  const list = filesFrom === undefined ? undefined : remotePlace(filesFrom, false);
  if (list?.path === "-") throw usage("Invalid --files-from remote filename");
  if (list !== undefined && list.host !== "" && list.host !== far.host) {
    throw usage("--files-from hostname is not the same as the transfer hostname");
  }
  return list?.path;
}

/** What only makes sense with a daemon. */
function checkDaemonOptions(settings: Settings): void {
  if (settings.passwordFile !== undefined) {
    throw usage("The --password-file option may only be used when accessing an rsync daemon.");
  }
  if (settings.connectTimeout !== 0) {
    throw usage("The --contimeout option may only be used when connecting to an rsync daemon.");
  }
}

/** Returns the error for a place that cannot be reached yet. */
function placeNotYet(place: RemotePlace, written: ByteString | undefined): ManifoldError {
  const comesWith = {
    shell: "remote ends over ssh",
    "rsync-daemon": "the rest of rsync's wire protocol",
    "manifold-daemon": "stages on other machines",
    web: "transfers from many sources",
  };
  return notYet(`Reaching another machine (${written})`, comesWith[place.kind]);
}

function usage(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}
