// Where a server keeps what belongs to it.

import type { ByteString } from "../base/index.ts";
import { type DaemonConfig, readConfig, serverFiles } from "../daemon/index.ts";
import { environment } from "./environment.ts";

/** A server's configuration and the places that follow from it. */
export interface ServerPlaces {
  readonly path: ByteString;
  readonly config: DaemonConfig;
  readonly key: ByteString;
  /** Where an invitation is kept. */
  readonly invitation: ByteString;
}

/** Reads the configuration; `path` = the usual one when undefined. Throws ManifoldError. */
export function serverPlaces(path: ByteString | undefined): ServerPlaces {
  const variables = environment();
  const usual = path === undefined ? serverFiles(variables, isRoot()) : undefined;
  const file = path ?? usual?.config ?? "";
  const config = readConfig(file, { variables });
  const key = config.settings.keyFile ?? serverFiles(variables, isRoot()).key;
  return { path: file, config, key, invitation: `${key}.invitation` };
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
