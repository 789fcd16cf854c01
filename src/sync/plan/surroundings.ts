// What a run asks of the world around it, in one record, so that tests can give it another world.

import type { ByteString, Clock } from "../../base/index.ts";
import type { FirstContact, KeyFiles } from "../../daemon/index.ts";
import type { Confinement, FileSystem, OperatorLinks } from "../../fs/index.ts";
import type { MachineTime } from "../../schedule/index.ts";

/** What is needed to meet servers. */
export interface PeerKeys {
  readonly files: KeyFiles;
  /** What to do with a server that was never met. */
  readonly firstContact: FirstContact;
}

/** Where digests are kept. */
export interface CachePlace {
  readonly directory: ByteString;
  /** Milliseconds for which a file must not have changed before its digest is kept; undefined = the usual. For tests. */
  readonly settledMs?: number;
}

/** What a run needs to know of the process it runs in. */
export interface Surroundings {
  readonly clock: Clock;
  /** The process runs with umask 0 from here on; this is what it was. */
  readonly umask: number;
  readonly euid: number;
  readonly egid: number;
  readonly groups: readonly number[];
  /** Absolute. */
  readonly workingDirectory: ByteString;
  /** The user's home directory and $CVSIGNORE, for -C. */
  readonly home: ByteString | undefined;
  readonly cvsIgnore: ByteString | undefined;
  /** Reads standard input to its end; for rule files and file lists named "-". */
  readonly readStandardInput: () => Uint8Array;
  /** Our key and those of others, for servers; undefined = none can be reached. */
  readonly keys?: PeerKeys | undefined;
  /** Who the user is to rsync daemons, where no argument says it. */
  readonly account?:
    | { readonly user: ByteString | undefined; readonly password: ByteString | undefined }
    | undefined;
  /** Where digests are kept between runs; undefined = nowhere. */
  readonly cache?: CachePlace | undefined;
  readonly processors: number;
  /** How many files the process may have open; undefined = nobody knows. */
  readonly openFilesMax: number | undefined;
  readonly processorMs: () => number;
  /** What the machine's processors have done, for anybody; absent where nobody knows. */
  readonly machineTime?: () => MachineTime;
  /** What of this machine the run may reach; undefined = what its user may. Paths, also the working directory, then begin there. */
  readonly confinement?: Confinement | undefined;
  /** What is asked of links on paths of whoever runs this; undefined = root's and that one's own are followed. */
  readonly links?: OperatorLinks | undefined;
  /** Environment variables, for proxies; undefined = none. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** A door to use instead of the machine's, on this thread; for tests. */
  readonly fileSystem?: FileSystem;
  /** The module that worker lanes run, which opens a door of its own; undefined = all lanes on this thread. */
  readonly laneUrl: URL | undefined;
  /** For that module: whatever its door is made of. It comes in the settings of the lane. */
  readonly door?: unknown;
}
