// Where a server keeps what belongs to it.

import { type ByteString, parentPath } from "../base/index.ts";
import { type DaemonConfig, readConfig, readConfigIfThere, serverFiles } from "../daemon/index.ts";
import { environment } from "./environment.ts";

/** A server's configuration and the places that follow from it. */
export interface ServerPlaces {
  readonly path: ByteString;
  readonly config: DaemonConfig;
  readonly key: ByteString;
  /** Where an invitation is kept. */
  readonly invitation: ByteString;
}

/**
 * Reads the configuration; `path` = the usual one when undefined. `allowedKeys`: does without that one, and lets in the keys in
 * the file of this name beside it. Throws ManifoldError.
 */
export function serverPlaces(path: ByteString | undefined, allowedKeys?: string): ServerPlaces {
  const variables = environment();
  const usual = path === undefined ? serverFiles(variables, isRoot()) : undefined;
  const file = path ?? usual?.config ?? "";
  const allowed = `${parentPath(file)}/${allowedKeys}`;
  const isNeeded = allowedKeys === undefined || path !== undefined;
  const config = isNeeded
    ? readConfig(file, { variables })
    : readConfigIfThere(file, allowed, { variables });
  const key = config.settings.keyFile ?? serverFiles(variables, isRoot()).key;
  return { path: file, config, key, invitation: `${key}.invitation` };
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
