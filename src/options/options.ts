// The resolved options: what the user asked for, after every implication has been worked out.
//
// parse() yields this record; the other rooms read the sub-record that concerns them and never
// look at argv. Nothing here is text to be parsed again, except names, patterns, filter rules and
// output formats, which belong to the rooms that own those languages. Units are bytes,
// milliseconds and bytes per second unless a field says otherwise.
import type { ByteString } from "../base/index.ts";
import type {
  BackupOptions,
  BasisDirOptions,
  IdOptions,
  LimitOptions,
  OutputOptions,
  OwnOptions,
  PartialOptions,
  RemoteOptions,
  TransferOptions,
} from "./run-options.ts";
import type { ChmodRule } from "./values/chmod-rule.ts";

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
  | "version"
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
