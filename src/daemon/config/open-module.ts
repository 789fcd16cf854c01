// A module that no configuration has: a place that its own program serves to whoever has an allowed key.

import type { ByteString } from "../../base/index.ts";
import type { Module } from "./module.ts";

/** Returns a module that can be written, and not read, as the user that the program runs as. `path`: absolute. */
export function writableModule(
  name: ByteString,
  path: ByteString,
  allowedKeys: ByteString,
): Module {
  return Object.freeze({
    ...{ name, path, allowedKeys, comment: "", readOnly: false, writeOnly: true, isListed: true },
    ...{ uid: undefined, gids: [], maxConnections: 0, timeoutMs: 0 },
    ...{ hostsAllow: undefined, hostsDeny: undefined, filters: [], mungeSymlinks: false },
    ...{ numericIds: undefined, fakeSuper: false, ignoreErrors: false, incomingChmod: "" },
    ...{ hidesByName: false, followsOut: false },
    ...{ refuseOptions: [], tempDir: "", rsync: {} },
  });
}
