// What the settings are before the first flag: the defaults of each personality and verb.
import type { Personality, Verb } from "./options.ts";
import type { Settings } from "./settings.ts";
import type { DebugFlag, InfoFlag } from "./values/output-flags.ts";

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
    basis: "signature",
    detectRenamed: "no",
    contentIndex: undefined,
    renameFrom: [],
    mirrors: [],
    mirrorFiles: [],
    cooperate: false,
    reference: undefined,
    stages: [],
    digests: false,
    signatures: false,
    cache: undefined,
    stat: false,
    undo: undefined,
    writeBatch: undefined,
    onlyWriteBatch: undefined,
    readBatch: undefined,
    castTargets: undefined,
    targetsFile: undefined,
    changesetFile: undefined,
    castGroup: undefined,
    castInterface: undefined,
    castHops: 1,
    rateMax: undefined,
    castLoopback: true,
    ssm: false,
    castProbe: false,
    rateMin: undefined,
    share: 1,
    congestion: "measured",
    castSlow: "evict",
    castCommit: undefined,
    minTargets: undefined,
    joinWindow: undefined,
    castReport: undefined,
    retryFrom: undefined,
    castAdmits: undefined,
    catchConfig: undefined,
    catchMaster: undefined,
    discard: false,
    catchOnce: false,
    tee: undefined,
    given: new Set(),
    replay: [],
    idle: new Set(),
  };
  if (personality === "manifold") {
    applyArchive(settings);
    settings.compressIfItPays = true;
    if (verb === "sync" || verb === "diff") settings.detectRenamed = "content";
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

/** The stage verbs keep everything that a tree has: -HAX on top of -a; what goes is part of a difference. */
function keepEverything(settings: Settings): void {
  settings.hardLinks = true;
  settings.acls = true;
  settings.xattrs = 1;
  settings.delete = true;
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
    partial: undefined,
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
    config: undefined,
    bwlimit: 0,
    timeout: 0,
    connectTimeout: 0,
    stopAt: undefined,
    maxAlloc: undefined,
    threads: undefined,
    streams: 1,
    datagrams: false,
  };
}

function noRemote() {
  return {
    checksumChoice: undefined,
    checksumSeed: 0,
    compress: 0,
    compressIfItPays: false,
    compressChoice: undefined,
    compressLevel: undefined,
    compressThreads: 0,
    skipCompress: undefined,
    rsh: undefined,
    rsyncPath: undefined,
    farWords: [],
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
    wire: undefined,
    iconv: undefined,
    oldArgs: undefined,
    secludedArgs: undefined,
    trustSender: false,
  };
}
