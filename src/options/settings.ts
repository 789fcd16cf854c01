// What the flags write while argv is read: one mutable record with a field for every independent
// decision, before any of them is weighed against another. resolve.ts turns it into Options.
//
// Counters count repetitions (-vv); undefined means "not said", which is not always "no".
import type { ByteString } from "../base/index.ts";
import type { FilterRule, Options, Personality, Verb } from "./options.ts";
import type { ChmodRule } from "./values/chmod-rule.ts";
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
  partial: boolean;
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
  compressChoice: ByteString | undefined;
  compressLevel: number | undefined;
  compressThreads: number;
  skipCompress: ByteString | undefined;
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

  bwlimit: number;
  timeout: number;
  connectTimeout: number;
  stopAt: number | undefined;
  maxAlloc: ByteString | undefined;
  threads: number | undefined;

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
  iconv: ByteString | undefined;
  /** Undefined = not said, 0 = --no-old-args. */
  oldArgs: number | undefined;
  secludedArgs: boolean | undefined;
  trustSender: boolean;

  durable: Options["own"]["durable"];
  verify: boolean;
  onConflict: Options["own"]["onConflict"];
}

/** Returns the settings before the first flag: the personality's and the verb's defaults. */
export function initialSettings(personality: Personality, verb: Verb): Settings {
  const settings: Settings = {
    ...noTree(),
    ...noTransfer(),
    ...noOutput(),
    ...noRemote(),
    durable: "none",
    verify: false,
    onConflict: "skip",
  };
  if (personality === "manifold") {
    applyArchive(settings);
    if (verb !== "sync") keepEverything(settings);
  }
  return settings;
}

/** What -a stands for. A recursion asked for by -r stays explicit. */
export function applyArchive(settings: Settings): void {
  if (settings.recurse === "no") settings.recurse = "implied";
  settings.links = true;
  settings.mode = true;
  settings.times = true;
  settings.group = true;
  settings.owner = true;
  settings.devices = true;
  settings.specials = true;
}

/** The stage verbs keep everything that a tree has: -HAX on top of -a. */
function keepEverything(settings: Settings): void {
  settings.hardLinks = true;
  settings.acls = true;
  settings.xattrs = 1;
}

function noTree() {
  return {
    recurse: "no",
    dirs: "unset",
    relative: undefined,
    impliedDirs: true,
    incremental: true,
    mkpath: false,
    oneFileSystem: 0,
    filesFrom: undefined,
    from0: false,
    pruneEmptyDirs: false,
    ignoreMissingArgs: false,
    deleteMissingArgs: false,
    qsort: false,
    mode: false,
    executability: false,
    times: false,
    omitDirTimes: false,
    omitLinkTimes: false,
    atimes: 0,
    crtimes: false,
    owner: false,
    group: false,
    devices: false,
    specials: false,
    links: false,
    hardLinks: false,
    acls: false,
    xattrs: 0,
    numericIds: false,
    privileges: undefined,
    dropDevices: false,
    copyLinks: false,
    copyUnsafe: false,
    safeLinks: false,
    mungeLinks: false,
    copyDirLinks: false,
    keepDirLinks: false,
    insecureLinks: false,
    confineRoot: undefined,
  } as const;
}

function noTransfer() {
  return {
    existing: false,
    ignoreExisting: false,
    update: false,
    sizeOnly: false,
    checksum: false,
    ignoreTimes: false,
    modifyWindow: 0,
    maxSize: undefined,
    minSize: undefined,
    cvsExclude: false,
    filterRules: [],
    filterShorthand: 0,
    delete: false,
    deleteBefore: false,
    deleteDuring: "no" as const,
    deleteAfter: false,
    deleteExcluded: false,
    ignoreErrors: false,
    force: false,
    maxDelete: undefined,
    backup: false,
    backupDir: undefined,
    suffix: undefined,
    partial: false,
    partialDir: undefined,
    dryRun: false,
    wholeFile: undefined,
    inplace: false,
    append: "no" as const,
    sparse: false,
    preallocate: false,
    blockSize: 0,
    fuzzy: 0,
    delayUpdates: false,
    tempDir: undefined,
    fsync: false,
    removeSourceFiles: false,
    writeDevices: false,
    copyDevices: false,
    openNoatime: false,
    basisKind: "none" as const,
    basisDirs: [],
    userMap: undefined,
    groupMap: undefined,
    copyAs: undefined,
    chmod: [],
  };
}

function noOutput() {
  return {
    verbose: 0,
    quiet: false,
    itemize: 0,
    outFormat: undefined,
    logFile: undefined,
    logFileFormat: undefined,
    info: new Map<InfoFlag, number>(),
    debug: new Map<DebugFlag, number>(),
    stats: false,
    humanReadable: 1,
    progress: false,
    eightBit: false,
    listOnly: false,
    stderr: "errors" as const,
    outbuf: undefined,
    json: undefined,
    version: 0,
    daemon: false,
    bwlimit: 0,
    timeout: 0,
    connectTimeout: 0,
    stopAt: undefined,
    maxAlloc: undefined,
    threads: undefined,
  };
}

function noRemote() {
  return {
    checksumChoice: undefined,
    checksumSeed: 0,
    compress: 0,
    compressChoice: undefined,
    compressLevel: undefined,
    compressThreads: 0,
    skipCompress: undefined,
    rsh: undefined,
    rsyncPath: undefined,
    remoteOptions: [],
    port: undefined,
    address: undefined,
    sockopts: undefined,
    ipVersion: undefined,
    blockingIo: undefined,
    passwordFile: undefined,
    earlyInput: undefined,
    motd: true,
    protocol: undefined,
    iconv: undefined,
    oldArgs: undefined,
    secludedArgs: undefined,
    trustSender: false,
  };
}
