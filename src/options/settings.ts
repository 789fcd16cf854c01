// What the flags write while argv is read: one mutable record with a field for every independent
// decision, before any of them is weighed against another. resolve.ts turns it into Options.
//
// Counters count repetitions (-vv); undefined means "not said", which is not always "no".

import type { ByteString } from "../base/index.ts";
import type { MirrorPlace, ReferencePolicy } from "./mirror-options.ts";
import type { FilterRule, Options } from "./options.ts";
import type { ChmodRule } from "./values/chmod-rule.ts";
import type { StageRules } from "./values/mirror-stages.ts";
import type { DebugFlag, InfoFlag } from "./values/output-flags.ts";

/** How directories were asked for: not said, --no-dirs, -d, or --old-dirs. */
export type DirsSetting = "unset" | "no" | "yes" | "old";

/** How recursion was asked for: --files-from turns off what only -a implied. */
export type RecurseSetting = "no" | "implied" | "explicit";

/** The text of an id map and the option that it came from. */
export interface IdMapSetting {
  readonly text: ByteString;
  readonly from: "map" | "chown";
}

/** The record; field names are those of Options where the meaning is the same. */
export interface Settings {
  recurse: RecurseSetting;
  dirs: DirsSetting;
  relative: boolean | undefined;
  impliedDirs: boolean;
  incremental: boolean;
  mkpath: boolean;
  oneFileSystem: number;
  filesFrom: ByteString | undefined;
  from0: boolean;
  pruneEmptyDirs: boolean;
  ignoreMissingArgs: boolean;
  deleteMissingArgs: boolean;
  qsort: boolean;

  mode: boolean;
  executability: boolean;
  times: boolean;
  omitDirTimes: boolean;
  omitLinkTimes: boolean;
  atimes: number;
  crtimes: boolean;
  owner: boolean;
  group: boolean;
  devices: boolean;
  specials: boolean;
  links: boolean;
  hardLinks: boolean;
  acls: boolean;
  xattrs: number;
  numericIds: boolean;
  /** --super, --no-super and --fake-super override one another. */
  privileges: "super" | "no-super" | "fake-super" | undefined;
  dropDevices: boolean;

  copyLinks: boolean;
  copyUnsafe: boolean;
  safeLinks: boolean;
  mungeLinks: boolean;
  copyDirLinks: boolean;
  keepDirLinks: boolean;
  insecureLinks: boolean;
  confineRoot: ByteString | undefined;

  existing: boolean;
  ignoreExisting: boolean;
  update: boolean;
  sizeOnly: boolean;
  checksum: boolean;
  ignoreTimes: boolean;
  modifyWindow: number;
  maxSize: number | undefined;
  minSize: number | undefined;
  cvsExclude: boolean;
  filterRules: FilterRule[];
  /** How often -F was given. */
  filterShorthand: number;

  delete: boolean;
  deleteBefore: boolean;
  deleteDuring: "no" | "during" | "delay";
  deleteAfter: boolean;
  deleteExcluded: boolean;
  ignoreErrors: boolean;
  force: boolean;
  maxDelete: number | undefined;

  backup: boolean;
  backupDir: ByteString | undefined;
  suffix: ByteString | undefined;
  /** undefined = nobody said so. */
  partial: boolean | undefined;
  partialDir: ByteString | undefined;

  dryRun: boolean;
  wholeFile: boolean | undefined;
  inplace: boolean;
  append: "no" | "append" | "verify";
  sparse: boolean;
  preallocate: boolean;
  blockSize: number;
  fuzzy: number;
  delayUpdates: boolean;
  tempDir: ByteString | undefined;
  fsync: boolean;
  removeSourceFiles: boolean;
  writeDevices: boolean;
  copyDevices: boolean;
  openNoatime: boolean;
  checksumChoice: ByteString | undefined;
  checksumSeed: number;
  compress: number;
  /** Where nothing else is said, what pays is compressed. */
  compressIfItPays: boolean;
  compressChoice: ByteString | undefined;
  compressLevel: number | undefined;
  compressThreads: number;
  skipCompress: ByteString | undefined;
  writeBatch: ByteString | undefined;
  onlyWriteBatch: ByteString | undefined;
  readBatch: ByteString | undefined;
  castTargets: ByteString | undefined;
  targetsFile: ByteString | undefined;
  changesetFile: ByteString | undefined;
  castGroup: ByteString | undefined;
  castInterface: ByteString | undefined;
  castHops: number;
  /** Bytes a second. */
  rateMax: number | undefined;
  castLoopback: boolean;
  ssm: boolean;
  castProbe: boolean;
  rateMin: number | undefined;
  share: number;
  congestion: "measured" | "fixed";
  castSlow: "evict" | "wait" | "fail";
  castCommit: ByteString | undefined;
  minTargets: ByteString | undefined;
  /** Seconds. */
  joinWindow: number | undefined;
  castReport: ByteString | undefined;
  retryFrom: ByteString | undefined;
  castAdmits: number | undefined;
  catchConfig: ByteString | undefined;
  catchMaster: ByteString | undefined;
  discard: boolean;
  catchOnce: boolean;
  tee: ByteString | undefined;
  /** The names, or else letters, of flags that were given, but for negations. */
  given: Set<string>;
  /** The options as written, for a replay, but those about what is read or recorded. */
  replay: ByteString[];
  basisKind: "none" | "compare" | "copy" | "link";
  basisDirs: ByteString[];
  userMap: IdMapSetting | undefined;
  groupMap: IdMapSetting | undefined;
  copyAs: ByteString | undefined;
  chmod: ChmodRule[];

  verbose: number;
  quiet: boolean;
  itemize: number;
  outFormat: ByteString | undefined;
  logFile: ByteString | undefined;
  logFileFormat: ByteString | undefined;
  info: Map<InfoFlag, number>;
  debug: Map<DebugFlag, number>;
  stats: boolean;
  humanReadable: number;
  progress: boolean;
  eightBit: boolean;
  listOnly: boolean;
  stderr: "errors" | "all" | "client";
  outbuf: ByteString | undefined;
  json: { readonly file: ByteString | undefined } | undefined;
  version: number;
  /** --daemon, in the daemon's own table. */
  daemon: boolean;
  /** --config, there. */
  config: ByteString | undefined;

  bwlimit: number;
  timeout: number;
  connectTimeout: number;
  stopAt: number | undefined;
  maxAlloc: ByteString | undefined;
  threads: number | undefined;
  streams: number;
  datagrams: boolean;

  rsh: ByteString | undefined;
  rsyncPath: ByteString | undefined;
  remoteOptions: ByteString[];
  port: number | undefined;
  address: ByteString | undefined;
  sockopts: ByteString | undefined;
  ipVersion: 4 | 6 | undefined;
  blockingIo: boolean | undefined;
  passwordFile: ByteString | undefined;
  earlyInput: ByteString | undefined;
  motd: boolean;
  protocol: number | undefined;
  /** Whose protocol is spoken; undefined = whichever the other end speaks. */
  wire: "rsync" | "manifold" | undefined;
  iconv: ByteString | undefined;
  /** Undefined = not said, 0 = --no-old-args. */
  oldArgs: number | undefined;
  secludedArgs: boolean | undefined;
  trustSender: boolean;

  durable: Options["own"]["durable"];
  verify: boolean;
  onConflict: Options["own"]["onConflict"];
  basis: Options["own"]["basis"];
  detectRenamed: Options["own"]["renames"]["detect"];
  contentIndex: boolean | undefined;
  renameFrom: ByteString[];
  /** --mirror and --mirrors-from. */
  mirrors: MirrorPlace[];
  mirrorFiles: ByteString[];
  cooperate: boolean;
  /** --reference and --stages. */
  reference: ReferencePolicy | undefined;
  stages: StageRules[];
  digests: boolean;
  signatures: boolean;
  /** Undefined = not said. */
  cache: boolean | undefined;
  stat: boolean;
  undo: ByteString | undefined;
  /** The options in words, as the other end is told them. */
  farWords: ByteString[];
  /** Names of options that were given and change nothing on one machine. */
  idle: Set<string>;
}
