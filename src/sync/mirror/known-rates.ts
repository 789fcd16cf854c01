// What runs have learnt of their sources, kept for later ones in the user's cache: how fast each is, and how far away. It is a guess
// to begin with and nothing more: what is lost, torn or wrong costs the first seconds of a run.

import { type ByteString, fromText, parentPath } from "../../base/index.ts";
import { FsError, makePrivateDirectory, readSmallFile, replaceSmallFile } from "../../fs/index.ts";
import type { SourceProfile } from "../../source/index.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** One source, as it was. */
interface Known {
  /** Bytes a second, seconds, and seconds since 1970. */
  readonly rate: number;
  readonly latency: number;
  readonly at: number;
}

const version = 1;
const fileBytesMax = 1024 * 1024;
const sourcesMax = 1000;
const day = 86_400;
/** Older ones are forgotten. */
const daysMax = 30;
/** What a rate is taken for that nobody knows; see source/many. */
const rateUnknown = 256 * 1024;

/** Returns what is known of sources, by their URLs. */
export function readRates(surroundings: Surroundings): ReadonlyMap<string, SourceProfile> {
  const now = surroundings.clock.wallTime() / 1000;
  const profiles = new Map<string, SourceProfile>();
  for (const [url, { rate, latency, at }] of readAll(surroundings, now)) {
    const days = Math.max(0, now - at) / day;
    // For a day it is believed; afterwards half as much every day.
    const trust = days <= 1 ? 1 : 0.5 ** (days - 1);
    const guess = rateUnknown * (rate / rateUnknown) ** trust;
    profiles.set(url, { rate: guess, latency, isOld: days > 1 });
  }
  return profiles;
}

/** Adds what a run has learnt. What cannot be written is not remembered. */
export function rememberRates(
  surroundings: Surroundings,
  learnt: ReadonlyMap<string, Pick<SourceProfile, "rate" | "latency">>,
): void {
  const place = placeOf(surroundings);
  if (place === undefined || learnt.size === 0) return;
  const now = Math.round(surroundings.clock.wallTime() / 1000);
  const known = readAll(surroundings, now);
  for (const [url, { rate, latency }] of learnt) known.set(url, { rate, latency, at: now });
  const newest = [...known].sort(([, a], [, b]) => b.at - a.at).slice(0, sourcesMax);
  const text = JSON.stringify({ version, sources: Object.fromEntries(newest) });
  try {
    makePrivateDirectory(parentPath(place));
    replaceSmallFile(place, `${text}\n`, 0o600);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}

function readAll(surroundings: Surroundings, now: number): Map<string, Known> {
  const place = placeOf(surroundings);
  const known = new Map<string, Known>();
  if (place === undefined) return known;
  try {
    const bytes = readSmallFile(place, fileBytesMax)?.bytes ?? new Uint8Array(0);
    const read: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (!isRecord(read) || read.version !== version || !isRecord(read.sources)) return known;
    for (const [url, one] of Object.entries(read.sources)) {
      if (isKnown(one) && now - one.at < daysMax * day) known.set(url, one);
    }
  } catch (error) {
    if (!(error instanceof FsError) && !(error instanceof SyntaxError)) throw error;
  }
  return known;
}

/** Beside the digests, in a directory of the user's that is there. */
function placeOf(surroundings: Surroundings): ByteString | undefined {
  const digests = surroundings.cache?.directory;
  if (digests === undefined) return undefined;
  const own = parentPath(digests);
  const caches = parentPath(own);
  if (!isDirectory(surroundings, caches) && !isDirectory(surroundings, parentPath(caches))) {
    return undefined;
  }
  return own + fromText("/sources.json");
}

function isDirectory(surroundings: Surroundings, path: ByteString): boolean {
  const fs = openDoor(surroundings);
  try {
    fs.closeDirectory(fs.openRoot(path, "anywhere"));
    return true;
  } catch (error) {
    if (error instanceof FsError) return false;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isKnown(value: unknown): value is Known {
  if (!isRecord(value)) return false;
  const { rate, latency, at } = value;
  const numbers = [rate, latency, at];
  return numbers.every((one) => typeof one === "number" && one >= 0) && Number(rate) >= 1;
}
