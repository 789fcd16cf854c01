// The keys of servers that were met before, as ssh keeps them: "host:port SHA256:..." a line. What is in
// force for a host is its first line after its last "host:port forgotten": the file only grows, by
// whole lines, so runs at the same moment lose nothing and agree about which of them came first.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { appendToFile } from "../../fs/index.ts";
import { fingerprintForm } from "../../transport/index.ts";
import { lineError, makeRoomFor, named, readLines } from "./line-file.ts";

const forgotten = "forgotten";

/** Returns the key that a host has had so far, undefined for a new one. Throws ManifoldError for a damaged file. */
export function knownKey(file: ByteString, place: string): string | undefined {
  let key: string | undefined;
  for (const { number, words } of readLines(file)) {
    const [name = "", value = "", ...more] = words;
    if (more.length > 0 || (value !== forgotten && !fingerprintForm.test(value))) {
      // To pass over it might mean to trust a stranger.
      throw lineError(file, number, `expected "HOST:PORT SHA256:..."`);
    }
    if (name !== place) continue;
    if (value === forgotten) key = undefined;
    else key ??= value;
  }
  return key;
}

/** What to do with a host that was never met. */
export type FirstContact = "pin" | "refuse" | ((place: string, key: string) => Promise<boolean>);

/**
 * Compares a host's key with what is known, and writes down a new host's. Rejects with ManifoldError ("start-client",
 * exit code 5) for a key that is not the known one, and for a new host that is not wanted.
 */
export async function checkHost(
  file: ByteString,
  place: string,
  key: string,
  firstContact: FirstContact,
): Promise<void> {
  const known = knownKey(file, place);
  if (known === key) return;
  if (known !== undefined) throw changedKey(file, place, known, key);
  const isWanted =
    firstContact === "pin" || (firstContact !== "refuse" && (await firstContact(place, key)));
  if (!isWanted) {
    const message = `${place} is not a known host; its key is ${key}`;
    throw new ManifoldError("start-client", message);
  }
  append(file, `${place} ${key}\n`);
  // Another run may have met the host at the same moment, and somebody else there.
  const first = knownKey(file, place);
  if (first !== key) throw changedKey(file, place, first ?? "", key);
}

/** Writes down a key that has been proved by other means, whatever was known before. Throws ManifoldError. */
export function pinHost(file: ByteString, place: string, key: string): void {
  if (knownKey(file, place) !== key) append(file, `${place} ${forgotten}\n${place} ${key}\n`);
}

/** Forgets a host's key; false if there was none. Throws ManifoldError. */
export function forgetHost(file: ByteString, place: string): boolean {
  if (knownKey(file, place) === undefined) return false;
  append(file, `${place} ${forgotten}\n`);
  return true;
}

function append(file: ByteString, lines: string): void {
  makeRoomFor(file);
  named(file, () => appendToFile(file, lines));
}

function changedKey(file: ByteString, place: string, known: string, key: string): ManifoldError {
  const message = [
    `THE KEY OF ${place} HAS CHANGED. Nothing was sent.`,
    "Either the server was given a new key, or somebody is between you and it.",
    `  known:  ${known} (${toText(file)})`,
    `  now:    ${key}`,
    `If its owner confirms the new key: manifold key forget ${place}`,
  ].join("\n");
  return new ManifoldError("start-client", message, { data: { known, key } });
}
