// Where keys live, and that nobody else can read the private one.

import { type ByteString, ManifoldError, parentPath, toText } from "../../base/index.ts";
import { createSmallFile, readSmallFile } from "../../fs/index.ts";
import { createIdentity, type Identity, parseIdentity } from "../../transport/index.ts";
import { makeRoomFor, named } from "./line-file.ts";

/** An Ed25519 key has 119 bytes. */
const keyBytesMax = 16 * 1024;

/** The files of one user. */
export interface KeyFiles {
  readonly key: ByteString;
  readonly knownHosts: ByteString;
}

/** Returns the user's files: below $XDG_CONFIG_HOME, else ~/.config. Throws a usage error without either. */
export function userKeyFiles(
  variables: Readonly<Record<string, ByteString | undefined>>,
): KeyFiles {
  const { XDG_CONFIG_HOME: config, HOME: home } = variables;
  // The rules of XDG: a relative path does not count.
  const base = config?.startsWith("/") ? config : home ? `${home}/.config` : undefined;
  if (base === undefined) {
    throw new ManifoldError(
      "usage",
      "Where are keys kept? Neither HOME nor XDG_CONFIG_HOME is set",
    );
  }
  return { key: `${base}/manifold/key`, knownHosts: `${base}/manifold/known_hosts` };
}

/** The files of a server, where its configuration names none. */
export interface ServerFiles {
  readonly config: ByteString;
  readonly key: ByteString;
}

/** Returns the server's files: root's in /etc/manifold, a user's beside the user's own. Throws a usage error without a home. */
export function serverFiles(
  variables: Readonly<Record<string, ByteString | undefined>>,
  isRoot: boolean,
): ServerFiles {
  const directory = isRoot ? "/etc/manifold" : parentPath(userKeyFiles(variables).key);
  return { config: `${directory}/serve.conf`, key: `${directory}/serve.key` };
}

/** Makes a key in a file that is not there yet. Throws ManifoldError. */
export function generateIdentity(path: ByteString): Identity {
  if (readIdentity(path) === undefined) return makeIdentity(path);
  throw new ManifoldError("file-select", `There is a key in ${toText(path)} already`);
}

/** Reads the key in a file, or makes one there. Throws ManifoldError; also if others may read it. */
export function loadIdentity(path: ByteString): Identity {
  return readIdentity(path) ?? makeIdentity(path);
}

/** Reads the key in a file; undefined = there is none. Throws ManifoldError as loadIdentity() does. */
export function readIdentity(path: ByteString): Identity | undefined {
  const file = named(path, () => readSmallFile(path, keyBytesMax));
  if (file === undefined) return undefined;
  if ((file.mode & 0o077) !== 0) {
    const mode = (file.mode & 0o777).toString(8).padStart(4, "0");
    const message = `${toText(path)} is a private key that others may read (mode ${mode}): chmod 600 it`;
    throw new ManifoldError("file-select", message);
  }
  return parseIdentity(Buffer.from(file.bytes).toString("latin1"), toText(path));
}

function makeIdentity(path: ByteString): Identity {
  makeRoomFor(path);
  const identity = createIdentity();
  if (named(path, () => createSmallFile(path, identity.keyPem, 0o600))) return identity;
  // Another process was faster: there is one key, its.
  return loadIdentity(path);
}
