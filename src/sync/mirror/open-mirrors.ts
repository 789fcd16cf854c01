// From what the user wrote to sources that answer: opened by their kind, and asked what they can do.

import {
  type ByteString,
  fromText,
  ManifoldError,
  systemRandom,
  toText,
} from "../../base/index.ts";
import {
  type FarPlaces,
  farSource,
  type MirrorOptions,
  type MirrorPlace,
  type Options,
  parseMirrorLines,
  uniqueMirrors,
} from "../../options/index.ts";
import {
  openLocal,
  openSourceAt,
  type PullSource,
  SftpSource,
  type Source,
  type SourceAbilities,
  SourceError,
} from "../../source/index.ts";
import type { Channel } from "../../transport/index.ts";
import type { ProblemEvent } from "../../tree/index.ts";
import { reachFar } from "../far/reach.ts";
import { speaksRsync } from "../far/rsync-choice.ts";
import { splitCommand } from "../far/shell-command.ts";
import { readFileAt } from "../lane/lane-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { AgentMirror } from "./agent-mirror.ts";
import { ComingMirrors, type LateMirror, type Opened } from "./coming-mirrors.ts";
import { HostSource } from "./host-source.ts";
import { readRates } from "./known-rates.ts";
import { saidOf } from "./mirror-warning.ts";
import { pause } from "./pause.ts";
import { RsyncMirror } from "./rsync-mirror.ts";

const sourcesMax = 31;
/** Of what a server names. Arbitrary: lists of mirrors have hundreds, and a handful fills any line. */
const announcedMax = 6;
/** How often a source is asked that lets nobody in for the moment: nothing begins without the reference. */
const knocksOfReference = 5;
const knocksOfMirror = 2;
/** Whoever asks to be left alone for longer is left alone. */
const pauseSecondsMax = 30;

/** The sources of a run, the reference first. */
export interface OpenMirrors {
  readonly sources: readonly PullSource[];
  /** Why some are missing. */
  readonly events: readonly ProblemEvent[];
  /** Those that have not answered yet. */
  readonly late: readonly LateMirror[];
  /** Nobody waits for these any more. */
  readonly letGo: () => void;
}

/** Returns all places that are meant. Throws a usage error. */
export function mirrorPlaces(
  mirrors: Pick<MirrorOptions, "places" | "files">,
  surroundings: Surroundings,
): MirrorPlace[] {
  const fs = openDoor(surroundings);
  const listed = mirrors.files.flatMap((path) => {
    const content = readFileAt(fs, path);
    if (content instanceof Uint8Array) {
      return parseMirrorLines(Buffer.from(content).toString("latin1"));
    }
    const reason = content?.reason ?? "No such file or directory";
    throw new ManifoldError("usage", `cannot open the mirrors file ${toText(path)}: ${reason}`);
  });
  const places = uniqueMirrors([...mirrors.places, ...listed]);
  if (places.length <= sourcesMax) return places;
  throw new ManifoldError("usage", `${places.length} sources; there can be ${sourcesMax}`);
}

/** Opens sources and asks what they can do. Rejects with ManifoldError when the reference does not answer. */
export async function openMirrors(
  places: readonly MirrorPlace[],
  ground: { readonly surroundings: Surroundings; readonly options: Options },
  signal: AbortSignal,
): Promise<OpenMirrors> {
  const stopping = new AbortController();
  const until = AbortSignal.any([signal, stopping.signal]);
  const letGo = (): void => stopping.abort(new ManifoldError("signal", "Nobody waits any more"));
  const open = (place: MirrorPlace, isMirror: boolean): Promise<Opened> =>
    openOne(place, { ...ground, isMirror }, until);
  const [first, ...others] = places;
  const coming = new ComingMirrors();
  for (const place of others) coming.add(toText(place.url), true, open(place, true));
  try {
    const reference = first === undefined ? undefined : await open(first, false);
    if (reference === undefined || "error" in reference) {
      const why =
        reference === undefined
          ? "There is no source"
          : saidOf(reference.url, reference.error.message);
      throw new ManifoldError("file-select", why);
    }
    // Nobody has asked for them: those that do not answer are not missed.
    for (const place of announcedPlaces(places, reference)) {
      coming.add(toText(place.url), false, open(place, true));
    }
    // Where the reference only lists, somebody has to be there who brings.
    await coming.wait(ground.surroundings.clock, !reference.bringsContent);
    const { sources, events, late } = coming.sorted();
    return { sources: [reference, ...sources], events, late, letGo };
  } catch (error) {
    letGo();
    coming.close();
    throw error;
  }
}

async function openOne(
  place: MirrorPlace,
  ground: Omit<OpeningGround, "shell">,
  signal: AbortSignal,
): Promise<Opened> {
  const shell = splitCommand(ground.options.remote.rsh ?? "ssh");
  const source = openSource(place.url, { ...ground, shell });
  try {
    const abilities = await probe(source, ground, signal);
    return pullSource(source, place, abilities, readRates(ground.surroundings));
  } catch (error) {
    await source.close();
    if (error instanceof SourceError) return { url: source.url, error };
    throw error;
  }
}

/** Asks what a source can do; one that is busy again, a second later, two, four... Rejects with SourceError. */
async function probe(
  source: Source,
  { surroundings: { clock }, isMirror }: Omit<OpeningGround, "shell">,
  signal: AbortSignal,
): Promise<SourceAbilities> {
  const knocks = isMirror ? knocksOfMirror : knocksOfReference;
  for (let knock = 1; ; knock++) {
    try {
      return await source.probe(signal);
    } catch (error) {
      const isBusy = error instanceof SourceError && error.trouble === "busy";
      const seconds = (isBusy ? error.seconds : undefined) ?? 2 ** (knock - 1);
      if (!isBusy || knock === knocks || seconds > pauseSecondsMax) throw error;
      const share = 0.5 + systemRandom.uint32() / 2 ** 33;
      await pause(clock, seconds * share * 1000, signal);
    }
  }
}

/** Returns the places that the reference itself names, as far as they are on the web, as safe as itself, and new. */
function announcedPlaces(
  places: readonly MirrorPlace[],
  { source, abilities }: PullSource,
): MirrorPlace[] {
  if (places[0]?.adopts === false) return [];
  const slashed = (url: string): string => url.replace(/\/*$/, "/");
  const known = new Set([source.url, ...places.map(({ url }) => toText(url))].map(slashed));
  const form = source.url.startsWith("https:") ? /^https:/i : /^https?:/i;
  const found: MirrorPlace[] = [];
  for (const { url } of abilities.mirrors ?? []) {
    const isWanted = form.test(url) && !known.has(slashed(url));
    if (!isWanted || found.length >= announcedMax || places.length + found.length >= sourcesMax) {
      continue;
    }
    known.add(slashed(url));
    const fresh = { role: "data", adopts: false, connectionsMax: undefined } as const;
    found.push({ url: fromText(url), ...fresh, rateMax: undefined, priority: undefined });
  }
  return found;
}

/** What sources are opened with. */
export interface OpeningGround {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** The remote shell and its options. */
  readonly shell: readonly ByteString[];
  /** Another source says what the tree is. */
  readonly isMirror: boolean;
}

/** Opens one source by its kind. Throws ManifoldError. */
export function openSource(
  url: ByteString,
  { options, surroundings, shell, isMirror }: OpeningGround,
): Source {
  const { clock, umask, environment = {} } = surroundings;
  const netrc = readNetrc(surroundings);
  const web = openSourceAt(url, { clock, environment, netrc, shell, umask, isMirror });
  if (web !== undefined) return web;
  const program = environment.RSYNC_CONNECT_PROG;
  const far = farSource(url, program ? fromText(program) : undefined);
  const label = toText(url);
  if (far !== undefined) return openFar(label, far, { options, surroundings, shell });
  const local = url.replace(/^file:\/\//i, "");
  return openLocal({ fs: openDoor(surroundings), path: local.replace(/(?<=[^/])\/+$/, ""), label });
}

/** Opens what a program answers for at the other end. */
function openFar(
  label: string,
  far: FarPlaces,
  { options, surroundings, shell }: Omit<OpeningGround, "isMirror">,
): Source {
  const place = { options, far, surroundings };
  const byRsync = (): RsyncMirror => new RsyncMirror(label, place);
  if (far.kind === "rsync-daemon" || (far.kind === "shell" && speaksRsync(options, far))) {
    return byRsync();
  }
  // The place goes in the first message, never through a shell there.
  const plain = { ...options, remote: { ...options.remote, oldArgs: 0 } };
  const reach = (signal: AbortSignal): Promise<Channel> =>
    reachFar(plain, far, surroundings, signal);
  const agent = new AgentMirror(label, { ...place, reach });
  if (far.kind !== "shell" || options.remote.wire === "manifold") return agent;
  const { clock, umask } = surroundings;
  const [path = "."] = far.paths;
  const bySftp = (): SftpSource =>
    new SftpSource({ ...hostOf(far.host), path, shell, umask, clock });
  return new HostSource(label, agent, [bySftp, byRsync]);
}

function hostOf(written: ByteString): { host: ByteString; user: ByteString | undefined } {
  const at = written.lastIndexOf("@");
  return { host: written.slice(at + 1), user: at < 0 ? undefined : written.slice(0, at) };
}

/** Names and passwords of web servers, where the user keeps some: $NETRC, or .netrc at home. */
function readNetrc(surroundings: Surroundings): string | undefined {
  const { NETRC = "", HOME = "" } = surroundings.environment ?? {};
  if (NETRC === "" && HOME === "") return undefined;
  const content = readFileAt(openDoor(surroundings), fromText(NETRC || `${HOME}/.netrc`));
  return content instanceof Uint8Array ? Buffer.from(content).toString("utf8") : undefined;
}

function pullSource(
  source: Source,
  { role, connectionsMax, rateMax, priority }: MirrorPlace,
  abilities: PullSource["abilities"],
  known: ReturnType<typeof readRates>,
): PullSource {
  return {
    source,
    abilities,
    profile: known.get(source.url),
    bringsContent: role !== "list",
    connectionsMax: connectionsMax ?? abilities.connectionsMax,
    rateMax,
    priority,
  };
}
