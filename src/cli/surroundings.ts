// What the process around a run is like: with main.ts and run-sync.ts the only reader of the
// environment.

import { type ByteString, fromText, ManifoldError, systemClock } from "../base/index.ts";
import { userCacheDirectory } from "../cache/index.ts";
import {
  FsError,
  machineTime,
  openFilesMax,
  processorCount,
  processWorkingDirectory,
  readStandardInput,
  type Surroundings,
} from "../sync/index.ts";
import { environment } from "./environment.ts";
import { peerKeys } from "./peer-keys.ts";

/** The name of the locale for characters. */
export function localeName(): string {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return LC_ALL || LC_CTYPE || LANG || "";
}

function variable(name: string): ByteString | undefined {
  const value = process.env[name];
  return value === undefined ? undefined : fromText(value);
}

/** Throws ManifoldError in a directory that has been removed: no relative path leads anywhere. */
function workingDirectory(): ByteString {
  try {
    return processWorkingDirectory();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot tell the working directory: ${error.reason}`;
    throw new ManifoldError("file-select", message, { cause: error });
  }
}

function cachePlace(): Surroundings["cache"] {
  const directory = userCacheDirectory(environment());
  return directory === undefined ? undefined : { directory };
}

/**
 * Takes the umask off the process, so that modes are what we ask for, and tells the run about it. `links`: what is asked of
 * those on the user's paths.
 */
export function surroundings(links?: Surroundings["links"]): Surroundings {
  return {
    links,
    clock: systemClock,
    umask: process.umask(0),
    euid: process.geteuid?.() ?? 0,
    egid: process.getegid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
    workingDirectory: workingDirectory(),
    home: variable("HOME"),
    cvsIgnore: variable("CVSIGNORE"),
    readStandardInput,
    keys: peerKeys,
    account: {
      user: variable("USER") ?? variable("LOGNAME"),
      password: variable("RSYNC_PASSWORD"),
    },
    cache: cachePlace(),
    processors: processorCount(),
    openFilesMax: openFilesMax(),
    processorMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    machineTime,
    environment: process.env,
    laneUrl: new URL("./lane.start.cjs", import.meta.url),
  };
}
