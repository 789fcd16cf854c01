// The resolved options: what the user asked for, after every implication has been worked out.
//
// parse() yields this record; the other rooms read the sub-record that concerns them and never
// look at argv. Nothing here is text to be parsed again, except names, patterns, filter rules and
// output formats, which belong to the rooms that own those languages. Units are bytes,
// milliseconds and bytes per second unless a field says otherwise.
import type { ByteString } from "../base/index.ts";
import type { ChmodRule } from "./values/chmod-rule.ts";
import type { IdMapRule } from "./values/id-map-rule.ts";
import type { DebugFlag, InfoFlag } from "./values/output-flags.ts";

/** Which of the two programs runs: with manifold's own defaults, or with rsync's to the letter. */
export type Personality = "manifold" | "manifold-rsync";

/** What `manifold VERB` does; anything that is not a verb means "sync". */
export type Verb =
  | "sync"
  | "scan"
  | "diff"
  | "send"
  | "receive"
  | "show"
  | "invert"
  | "serve"
  | "agent"
  | "sources"
  | "cast"
  | "catch"
  | "key"
  | "cache"
  | "help";

/** Everything the command line decides, resolved. Frozen by parse(). */
export interface Options {
  readonly personality: Personality;
  /** Source arguments as written (trailing slashes and "/./" included), in order. */
  readonly sources: readonly ByteString[];
  /** The destination as written; undefined when listing without one. */
  readonly target: ByteString | undefined;
  readonly walk: WalkOptions;
  readonly preserve: PreserveOptions;
  readonly links: LinkOptions;
  readonly select: SelectOptions;
  /** Filter rules in the order in which they apply; -F, -C, --backup and --partial-dir included. */
  readonly filterRules: readonly FilterRule[];
  readonly delete: DeleteOptions;
  readonly backup: BackupOptions;
  readonly partial: PartialOptions;
  readonly transfer: TransferOptions;
  readonly basisDirs: BasisDirOptions;
  readonly ids: IdOptions;
  /** --chmod clauses in order; apply with applyChmod(). */
  readonly chmod: readonly ChmodRule[];
  readonly output: OutputOptions;
  readonly limits: LimitOptions;
  readonly remote: RemoteOptions;
  readonly own: OwnOptions;
}

/** Which part of the source trees is walked, and where it lands below the target. */
export interface WalkOptions {
  /** Descend into directories. */
  readonly recurse: boolean;
  /** Transfer directories that are named or met (always true with recurse). */
  readonly dirs: boolean;
  /** --relative: keep the path of each source argument below the target. */
  readonly relative: boolean;
  /** With relative: send the attributes of the implied parents too. False without relative. */
  readonly impliedDirs: boolean;
  /** Start transferring before the scan is complete, where nothing else forbids it. */
  readonly incremental: boolean;
  /** Make missing parents of the target. */
  readonly mkpath: boolean;
  /** 0 = cross mounts, 1 = -x (keep the mount point directory), 2 = -xx (drop it too). */
  readonly oneFileSystem: 0 | 1 | 2;
  /** --files-from file: a path, "-" for stdin; undefined = not used. Remote lists never get here. */
  readonly filesFrom: ByteString | undefined;
  /** Lists and rule files are separated by NUL instead of newlines. */
  readonly from0: boolean;
  /** Drop chains of directories that hold no non-directory. */
  readonly pruneEmptyDirs: boolean;
  /** What a missing source argument means: an error, nothing, or a deletion on the target. */
  readonly missingArgs: "error" | "ignore" | "delete";
  /** --qsort: asked for another sort routine; without effect here. */
  readonly qsort: boolean;
}

/** Which attributes of an entry travel. */
export interface PreserveOptions {
  /** -p. Also on when -A is. */
  readonly mode: boolean;
  /** -E; meaningful only while `mode` is false. */
  readonly executability: boolean;
  /** -t. */
  readonly times: boolean;
  /** Whichever times are on go to directories too: no -O (a --backup in place implies -O). */
  readonly dirTimes: boolean;
  /** Whichever times are on go to symlinks too: no -J. */
  readonly linkTimes: boolean;
  /** -U (a second -U implies --open-noatime). */
  readonly atimes: boolean;
  /** -N. */
  readonly crtimes: boolean;
  readonly owner: boolean;
  readonly group: boolean;
  readonly devices: boolean;
  readonly specials: boolean;
  /** -l. */
  readonly links: boolean;
  /** -H. */
  readonly hardLinks: boolean;
  readonly acls: boolean;
  /** 0 = no, 1 = -X (user-visible namespaces), 2 = -XX (also rsync's own names). */
  readonly xattrs: 0 | 1 | 2;
  /** Never map ids by name. */
  readonly numericIds: boolean;
  /** Keep what needs privileges in extended attributes instead. */
  readonly fakeSuper: boolean;
  /** --super true, --no-super false, undefined = depends on the effective uid. */
  readonly superUser: boolean | undefined;
  /** --drop-D: the receiver refuses to make devices and special files. */
  readonly dropDevices: boolean;
  /** The same three as the target sees them: differs from the source's only by -M options. */
  readonly atTarget: {
    readonly fakeSuper: boolean;
    readonly superUser: boolean | undefined;
    readonly dropDevices: boolean;
  };
}

/** What happens to symlinks. */
export interface LinkOptions {
  /** -L: transform every symlink into what it points at. */
  readonly copyLinks: boolean;
  /** Transform only symlinks that leave the tree. */
  readonly copyUnsafe: boolean;
  /** Skip symlinks that leave the tree. */
  readonly safe: boolean;
  /** Store symlinks so that they cannot be followed. */
  readonly munge: boolean;
  /** -k: on the source, a symlink to a directory counts as that directory. */
  readonly copyDirLinks: boolean;
  /** -K: on the target, a symlink to a directory counts as that directory. */
  readonly keepDirLinks: boolean;
  /** Follow symlinks of other users in paths the operator gave (--insecure-links). */
  readonly insecure: boolean;
  /** Operator paths may not resolve outside of this absolute directory. */
  readonly confineRoot: ByteString | undefined;
}

/** Which listed files are transferred. */
export interface SelectOptions {
  /** --existing: make nothing that the target lacks. */
  readonly existing: boolean;
  /** Touch nothing that the target has. */
  readonly ignoreExisting: boolean;
  /** -u: skip files that are newer on the target. */
  readonly update: boolean;
  readonly sizeOnly: boolean;
  /** -c: compare contents where sizes are equal. */
  readonly checksum: boolean;
  /** -I: transfer even when size and time are equal. */
  readonly ignoreTimes: boolean;
  /** Seconds by which equal times may differ; 0 compares whole seconds, negative nanoseconds too. */
  readonly modifyWindow: number;
  /** Bytes; undefined = no limit. */
  readonly maxSize: number | undefined;
  /** Bytes; undefined = no limit. */
  readonly minSize: number | undefined;
  /** -C was given (its rules are already in filterRules). */
  readonly cvsExclude: boolean;
}

/**
 * One rule or rule file. "filter" values are whole rules in the filter language (merges
 * included); "exclude" and "include" values are patterns with the old prefix rules; the
 * -from kinds name files ("-" is stdin) of such patterns, which must be readable.
 */
export interface FilterRule {
  readonly kind: "filter" | "exclude" | "include" | "exclude-from" | "include-from";
  readonly value: ByteString;
}

/** Removal of what the source does not have. */
export interface DeleteOptions {
  /**
   * "none", or when deletions happen. "delay" finds them during the transfer and removes at the
   * end, "after" finds them at the end.
   */
  readonly mode: "none" | "before" | "during" | "delay" | "after";
  /** Excluded names go too. */
  readonly excluded: boolean;
  /** Delete in spite of I/O errors. */
  readonly ignoreErrors: boolean;
  /** A non-directory may replace a non-empty directory. */
  readonly force: boolean;
  /** At most this many deletions; undefined = no limit. */
  readonly max: number | undefined;
}

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
}

/** What only matters when the other end is elsewhere. */
export interface RemoteOptions {
  readonly rsh: ByteString | undefined;
  readonly rsyncPath: ByteString | undefined;
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
  readonly iconv: ByteString | undefined;
  /** 0 = arguments protected by quoting, 1 = --old-args, 2 = --old-args twice. */
  readonly oldArgs: number;
  readonly secludedArgs: boolean;
  readonly trustSender: boolean;
}

/** manifold's own options: none of them exists in rsync. */
export interface OwnOptions {
  /** What is flushed, and when: nothing (as rsync), batches, or every file before its rename. */
  readonly durable: "none" | "batch" | "file";
  /** Read back what was written. */
  readonly verify: boolean;
  /** What happens to a target that changed since the scan. */
  readonly onConflict: "skip" | "overwrite" | "keep-both";
}
