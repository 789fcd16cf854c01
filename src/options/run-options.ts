// The second half of the resolved options: how a run writes, what it tells, and what bounds it.
// See options.ts, which puts the halves together.

import type { ByteString } from "../base/index.ts";
import type { CastOptions, CatchOptions, DatagramRates } from "./cast-options.ts";
import type { MirrorOptions } from "./mirror-options.ts";
import type { IdMapRule } from "./values/id-map-rule.ts";
import type { DebugFlag, InfoFlag } from "./values/output-flags.ts";

/** Keeping what is replaced or deleted. */
export interface BackupOptions {
  readonly on: boolean;
  /** --backup-dir, without a trailing slash; undefined = beside the file. */
  readonly dir: ByteString | undefined;
  /** "~" by default, "" with a backup directory. */
  readonly suffix: ByteString;
}

/** Keeping what was interrupted. */
export interface PartialOptions {
  /** An interrupted file's data stay. Always false with inplace, true with a directory. */
  readonly keep: boolean;
  /** It was said that nothing stays (--no-partial), or files are written in place. */
  readonly isRefused: boolean;
  /** Where (relative: beside the file); undefined = under the file's own name. */
  readonly dir: ByteString | undefined;
}

/** How content gets into a file of the target. */
export interface TransferOptions {
  readonly dryRun: boolean;
  /** true -W, false --no-whole-file, undefined = whole where both ends are one machine. */
  readonly wholeFile: boolean | undefined;
  /** Also on with append and writeDevices. */
  readonly inplace: boolean;
  readonly append: "no" | "append" | "verify";
  readonly sparse: boolean;
  readonly preallocate: boolean;
  /** Bytes; undefined = chosen by file size. */
  readonly blockSize: number | undefined;
  /** 0 = no, 1 = -y, 2 = -yy (basis directories too). */
  readonly fuzzy: 0 | 1 | 2;
  readonly delayUpdates: boolean;
  readonly tempDir: ByteString | undefined;
  readonly fsync: boolean;
  readonly removeSourceFiles: boolean;
  readonly writeDevices: boolean;
  readonly copyDevices: boolean;
  readonly openNoatime: boolean;
  /** As written in --checksum-choice, "auto" undefined: [transfer, pre-transfer]. */
  readonly checksumChoice: readonly [ByteString, ByteString] | undefined;
  readonly checksumSeed: number;
  readonly compress: CompressOptions;
}

/** Compression on the wire; accepted and without effect where there is no wire. */
export interface CompressOptions {
  readonly on: boolean;
  /** Not asked for, but wanted where it pays. */
  readonly ifItPays: boolean;
  /** As written in --compress-choice; undefined = negotiated. */
  readonly choice: ByteString | undefined;
  readonly level: number | undefined;
  readonly threads: number;
  readonly skip: ByteString | undefined;
}

/** Extra trees to compare with; "none" has no directories. At most 20. */
export interface BasisDirOptions {
  readonly kind: "none" | "compare" | "copy" | "link";
  readonly dirs: readonly ByteString[];
}

/** How owners and groups are translated. */
export interface IdOptions {
  /** From --usermap or --chown; apply with mapId(). */
  readonly userMap: readonly IdMapRule[];
  readonly groupMap: readonly IdMapRule[];
  /** --copy-as: do everything on the target as this user (and group). */
  readonly copyAs:
    | { readonly user: ByteString; readonly group: ByteString | undefined }
    | undefined;
}

/** What is told, how and where. */
export interface OutputOptions {
  /** The count of -v. The rooms go by `info` and `debug`, which it has already raised. */
  readonly verbose: number;
  readonly quiet: boolean;
  /** 0 = no item changes; 1 = -i or %i in outFormat; 2 = -ii, unchanged items too. */
  readonly itemize: number;
  /** The format of item lines, -i and -v resolved ("%i %n%L", "%n%L"); undefined = no lines. */
  readonly outFormat: ByteString | undefined;
  /** Item lines are printed before their transfer, as no %b, %c or %C needs its result. */
  readonly logBeforeTransfer: boolean;
  readonly logFile: ByteString | undefined;
  /** Resolved; undefined without logFile. */
  readonly logFileFormat: ByteString | undefined;
  readonly info: Readonly<Record<InfoFlag, number>>;
  readonly debug: Readonly<Record<DebugFlag, number>>;
  /** --stats was given (info.stats is raised already). */
  readonly stats: boolean;
  /** 0 = plain digits, 1 = grouped (default), 2 = units of 1000, 3 = units of 1024. */
  readonly humanReadable: number;
  /** --progress or -P was given (info.progress and info.flist are raised already). */
  readonly progress: boolean;
  /** -8. */
  readonly eightBit: boolean;
  /** List instead of copying; also on when there is no target. */
  readonly listOnly: boolean;
  readonly stderr: "errors" | "all" | "client";
  readonly outbuf: "none" | "line" | "block" | undefined;
  /** --json: events on stdout (or on stderr where stdout carries data), or into a file. */
  readonly json: { readonly file: ByteString | undefined } | undefined;
}

/** What bounds the run. */
export interface LimitOptions {
  /** Bytes per second over the whole run; 0 = no limit. */
  readonly bwlimit: number;
  /** Milliseconds without progress; 0 = no limit. */
  readonly timeout: number;
  /** Milliseconds to connect; 0 = no limit. */
  readonly connectTimeout: number;
  /** Milliseconds since 1970 at which to stop; undefined = never. */
  readonly stopAt: number | undefined;
  /** Bytes in one allocation. */
  readonly maxAlloc: number;
  /** Worker threads; undefined = the number of cores. */
  readonly threads: number | undefined;
  /** Connections with the other machine. */
  readonly streams: number;
  /** Content goes beside them as datagrams, at these rates; undefined = it does not. */
  readonly datagrams: DatagramRates | undefined;
}

/** Who serves modules: ours over TLS, or whoever a command of the user's ($RSYNC_CONNECT_PROG) leads to. */
export interface FarDaemon {
  readonly kind: "manifold-daemon" | "rsync-daemon";
}

/** What arguments name on another machine. */
export interface FarPlaces {
  /** Which end it is of the run. */
  readonly role: "source" | "target";
  readonly kind: "shell" | FarDaemon["kind"];
  /** The daemon's module; undefined with a shell. "" = the other machine is only asked which there are. */
  readonly module?: ByteString;
  /** The command that connects to an rsync daemon. */
  readonly program?: ByteString;
  /** A remote shell starts the daemon. */
  readonly byShell?: true;
  /** With the user before it ("user@host"). */
  readonly host: ByteString;
  readonly port: number | undefined;
  /** The sources, or the one target, as the other machine knows them. */
  readonly paths: readonly ByteString[];
  /** The list of --files-from, where it is on the other machine. */
  readonly list: ByteString | undefined;
}

/** What only matters when the other end is elsewhere. */
export interface RemoteOptions {
  readonly rsh: ByteString | undefined;
  readonly rsyncPath: ByteString | undefined;
  /** The place on the other machine; undefined = both ends are here. */
  readonly far: FarPlaces | undefined;
  /** Where the target is, when `far` is the source: neither end is here then. */
  readonly onward: FarPlaces | undefined;
  /** The options in words, as the other end is told them. */
  readonly words: readonly ByteString[];
  /** -M values in order. */
  readonly remoteOptions: readonly ByteString[];
  readonly port: number | undefined;
  readonly address: ByteString | undefined;
  readonly sockopts: ByteString | undefined;
  readonly ipVersion: 4 | 6 | undefined;
  readonly blockingIo: boolean | undefined;
  readonly passwordFile: ByteString | undefined;
  readonly earlyInput: ByteString | undefined;
  readonly motd: boolean;
  readonly protocol: number | undefined;
  /** Whose protocol is spoken; undefined = whichever the other end speaks. */
  readonly wire: "rsync" | "manifold" | undefined;
  readonly iconv: ByteString | undefined;
  /** 0 = arguments protected by quoting, 1 = --old-args, 2 = --old-args twice. */
  readonly oldArgs: number;
  readonly secludedArgs: boolean;
  readonly trustSender: boolean;
}

/** Where a run is recorded. */
export interface CaptureOptions {
  readonly file: ByteString;
  /** A script that replays it is written beside it (rsync's --write-batch). */
  readonly isBatch: boolean;
  /** The target stays as it is. */
  readonly only: boolean;
  /** The options that a replay is given again. */
  readonly replay: readonly ByteString[];
}

/** Content that the target has under another name. */
export interface RenameOptions {
  /**
   * Whether it is looked for, and what says that it is the one that is wanted: its content; its size and time (others are
   * compared); size, time and last name, and nothing else.
   */
  readonly detect: "no" | "content" | "times" | "names";
  /** Further trees to look in, on the target's machine. */
  readonly from: readonly ByteString[];
  /** Parts of files are looked for in any file of the target; undefined = where that pays. */
  readonly contentIndex: boolean | undefined;
}

/** manifold's own options: none of them exists in rsync. */
export interface OwnOptions {
  /** What is flushed, and when: nothing (as rsync), batches, or every file before its rename. */
  readonly durable: "none" | "batch" | "file";
  /** Read back what was written. */
  readonly verify: boolean;
  /** What happens to a target that changed since the scan. */
  readonly onConflict: "skip" | "overwrite" | "keep-both";
  /** diff: how a changeset describes the old content of files that change. */
  readonly basis: "digest" | "signature" | "none";
  readonly renames: RenameOptions;
  /** Where the source is many; undefined = it is not. */
  readonly mirrors: MirrorOptions | undefined;
  /** The target is shared with other processes that bring the same tree. */
  readonly cooperate: boolean;
  /** scan: digests of contents are wanted. */
  readonly digests: boolean;
  /** scan: sums of the blocks of contents are wanted. */
  readonly signatures: boolean;
  /** Digests are kept between runs. */
  readonly cache: boolean;
  /** show: totals for each directory. */
  readonly stat: boolean;
  /** receive: the file that gets what undoes it. */
  readonly undo: ByteString | undefined;
  /** Files that get the changeset of the run; undefined = none. */
  readonly capture: CaptureOptions | undefined;
  /** The recorded changeset that is applied instead of sources. */
  readonly readBatch: ByteString | undefined;
  /** cast: to whom, and how. */
  readonly cast: CastOptions | undefined;
  readonly catch: CatchOptions;
  /** Names of options of rsync's that were given and change nothing on one machine. */
  readonly idle: readonly string[];
}
