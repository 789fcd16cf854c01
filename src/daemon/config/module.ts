// What a configuration comes to: frozen records that say everything, so that nobody who serves a module
// looks at its text again.

import type { ByteString } from "../../base/index.ts";

/** One rule source of a module, in the order in which they apply. */
export interface ModuleFilter {
  readonly kind: "filter" | "include" | "exclude" | "include-from" | "exclude-from";
  /** Rules separated by blanks, or the file's path. */
  readonly text: ByteString;
}

/** A tree that is served under a name. */
export interface Module {
  readonly name: ByteString;
  /** Absolute. */
  readonly path: ByteString;
  readonly comment: ByteString;
  /** Nothing may be written (the default). */
  readonly readOnly: boolean;
  /** Nothing may be read. */
  readonly writeOnly: boolean;
  /** It is in the list of modules. */
  readonly isListed: boolean;
  /** User name or number; undefined = stay who we are, or nobody where that is root. */
  readonly uid: ByteString | undefined;
  /** Group names or numbers, "*" = all of the user's; empty = the user's own. */
  readonly gids: readonly ByteString[];
  /** Connections at the same moment; 0 = any number, negative = none. */
  readonly maxConnections: number;
  /** 0 = none. */
  readonly timeoutMs: number;
  /** File of the keys that may come in; "*" = every key. */
  readonly allowedKeys: ByteString;
  /** Undefined = not given. */
  readonly hostsAllow: readonly string[] | undefined;
  readonly hostsDeny: readonly string[] | undefined;
  readonly filters: readonly ModuleFilter[];
  /** They are about the names that clients use, as rsync's are, and not about the places that these lead to. */
  readonly hidesByName: boolean;
  /** Symbolic links that stand in the module are followed wherever they lead. */
  readonly followsOut: boolean;
  /** Symlinks are stored so that nobody can follow them; undefined = in modules that can be written. */
  readonly mungeSymlinks: boolean | undefined;
  readonly numericIds: boolean | undefined;
  readonly fakeSuper: boolean;
  readonly ignoreErrors: boolean;
  readonly incomingChmod: ByteString;
  /** Options that clients may not use. */
  readonly refuseOptions: readonly ByteString[];
  readonly tempDir: ByteString;
  /** What only rsync's clients are concerned with, as it is written: "auth users", "pre-xfer exec"... */
  readonly rsync: Readonly<Record<string, ByteString>>;
}

/** What concerns the daemon as a whole. */
export interface DaemonSettings {
  /** Undefined = the usual one. */
  readonly port: number | undefined;
  readonly address: ByteString | undefined;
  readonly keyFile: ByteString | undefined;
  /** The file of keys that stands before the first module: guests who pair are added to it. */
  readonly allowedKeys: ByteString | undefined;
  readonly pidFile: ByteString | undefined;
  /** Undefined = standard error. */
  readonly logFile: ByteString | undefined;
  readonly socketOptions: ByteString;
  readonly listenBacklog: number;
}

/** A whole configuration. */
export interface DaemonConfig {
  readonly settings: DaemonSettings;
  readonly modules: readonly Module[];
  /** About parameters that have no effect here. */
  readonly warnings: readonly string[];
}
