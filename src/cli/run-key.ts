// `manifold key`: our key, those of servers, and how clients and servers come to know each other.

import { type ByteString, ManifoldError, systemClock, toText } from "../base/index.ts";
import {
  forgetHost,
  generateIdentity,
  invite,
  loadIdentity,
  pairWith,
  readIdentity,
  userKeyFiles,
} from "../daemon/index.ts";
import type { ServeOptions } from "../options/index.ts";
import { defaultPort, formatPlace } from "../sync/index.ts";
import { askLine } from "./ask.ts";
import { environment } from "./environment.ts";
import { serverPlaces } from "./server-places.ts";
import { writeText } from "./write-text.ts";

/** Something that can be done with keys; `run` returns what to print. */
interface Action {
  readonly min: number;
  readonly max: number;
  run(words: readonly ByteString[], asked: ServeOptions): string | Promise<string>;
}

const actions: Readonly<Record<string, Action>> = {
  show: { min: 0, max: 1, run: ([file]) => show(file) },
  generate: { min: 1, max: 1, run: ([file = ""]) => `${generateIdentity(file).fingerprint}\n` },
  invite: { min: 1, max: 1, run: ([name = ""], asked) => inviteGuest(toText(name), asked) },
  pair: { min: 1, max: 2, run: ([place = "", code]) => pair(toText(place), code) },
  forget: { min: 1, max: 1, run: ([place = ""]) => forget(toText(place)) },
};

/** Does what the words say and returns the exit status. Throws ManifoldError. */
export async function runKey(words: readonly ByteString[], asked: ServeOptions): Promise<number> {
  const [action = "show", ...rest] = words;
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (act === undefined || rest.length < act.min || rest.length > act.max) {
    const what =
      act === undefined ? `There is no "key ${toText(action)}"` : `key ${action}: wrong arguments`;
    throw new ManifoldError("usage", `${what}; see manifold help key`);
  }
  writeText(await act.run(rest, asked));
  return 0;
}

function show(file: ByteString | undefined): string {
  if (file === undefined) return `${loadIdentity(userKeyFiles(environment()).key).fingerprint}\n`;
  const identity = readIdentity(file);
  if (identity !== undefined) return `${identity.fingerprint}\n`;
  throw new ManifoldError("file-select", `There is no key in ${toText(file)}`);
}

function inviteGuest(name: string, asked: ServeOptions): string {
  const { config, invitation, key } = serverPlaces(asked.config, "allowed_keys");
  if (config.settings.allowedKeys === undefined) {
    const says = `Guests are added to the file of "allowed keys" before the first module, and there is none`;
    throw new ManifoldError("usage", says);
  }
  loadIdentity(key);
  return `${invite(invitation, name, systemClock)}\n`;
}

async function pair(written: string, code: ByteString | undefined): Promise<string> {
  const place = placeOf(written);
  const typed = code === undefined ? await askLine("Code: ") : toText(code);
  const key = await pairWith(place, typed, userKeyFiles(environment()), systemClock);
  return `${formatPlace(place.host, place.port)} ${key}\n`;
}

function forget(written: string): string {
  const { host, port } = placeOf(written);
  const place = formatPlace(host, port);
  if (forgetHost(userKeyFiles(environment()).knownHosts, place)) return "";
  throw new ManifoldError("usage", `${place} is no known host`);
}

function placeOf(written: string): { readonly host: string; readonly port: number } {
  const [, address, name, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = address ?? name;
  if (host === undefined) throw new ManifoldError("usage", `${written} is no HOST or HOST:PORT`);
  return { host, port: digits === undefined ? defaultPort : Number(digits) };
}
