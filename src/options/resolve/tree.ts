// From settings to what is walked, kept, selected and deleted.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { notYet } from "../not-yet.ts";
import type {
  DeleteOptions,
  FilterRule,
  LinkOptions,
  Personality,
  PreserveOptions,
  SelectOptions,
  WalkOptions,
} from "../options.ts";
import type { BackupOptions, PartialOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";

/** Before this version of the protocol, rsync deleted first when no time was asked for. */
const firstProtocolDeletingDuring = 30;

function usage(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}

/** Returns the sub-record. */
export function resolveWalk(settings: Settings, listOnly: boolean): WalkOptions {
  const { filesFrom } = settings;
  const listed = filesFrom !== undefined;
  const implied = settings.recurse === "implied" && !listed;
  const recurse = settings.recurse === "explicit" || implied || settings.dirs === "old";
  const dirsByDefault = settings.dirs === "unset" && (listed || listOnly);
  const relative = settings.relative ?? listed;
  return {
    recurse,
    dirs: recurse || settings.dirs === "yes" || dirsByDefault,
    relative,
    impliedDirs: relative && settings.impliedDirs,
    incremental: settings.incremental,
    mkpath: settings.mkpath,
    oneFileSystem: settings.oneFileSystem > 1 ? 2 : (settings.oneFileSystem as 0 | 1),
    filesFrom,
    from0: settings.from0,
    pruneEmptyDirs: settings.pruneEmptyDirs,
    missingArgs: missingArgs(settings),
    qsort: settings.qsort,
  };
}

function missingArgs(settings: Settings): WalkOptions["missingArgs"] {
  if (settings.deleteMissingArgs) return "delete";
  return settings.ignoreMissingArgs ? "ignore" : "error";
}

/** Returns the sub-record. `target` holds the settings as -M options change them. */
export function resolvePreserve(
  settings: Settings,
  target: Settings,
  backup: BackupOptions,
): PreserveOptions {
  if (settings.privileges === "fake-super" && settings.xattrs > 1) {
    throw usage("--fake-super conflicts with -XX");
  }
  const anyTime = settings.times || settings.atimes > 0;
  const backupsInPlace = backup.on && backup.dir === undefined;
  return {
    mode: settings.mode,
    executability: settings.executability,
    times: settings.times,
    dirTimes: anyTime && !settings.omitDirTimes && !backupsInPlace,
    linkTimes: anyTime && !settings.omitLinkTimes,
    atimes: settings.atimes > 0,
    crtimes: settings.crtimes,
    owner: settings.owner,
    group: settings.group,
    devices: settings.devices,
    specials: settings.specials,
    links: settings.links,
    hardLinks: settings.hardLinks,
    acls: settings.acls,
    xattrs: settings.xattrs > 1 ? 2 : (settings.xattrs as 0 | 1),
    numericIds: settings.numericIds,
    ...privileges(settings),
    atTarget: privileges(target),
  };
}

function privileges(settings: Settings): PreserveOptions["atTarget"] {
  const { privileges: asked, dropDevices } = settings;
  const superUser = asked === "super" ? true : asked === "no-super" ? false : undefined;
  return { fakeSuper: asked === "fake-super", superUser, dropDevices };
}

/** Returns the sub-record. */
export function resolveLinks(settings: Settings): LinkOptions {
  const { confineRoot } = settings;
  if (confineRoot !== undefined && !confineRoot.startsWith("/")) {
    throw usage("--confine-root must be an absolute path");
  }
  if (confineRoot !== undefined && settings.insecureLinks) {
    throw usage("--insecure-links cannot be combined with --confine-root");
  }
  return {
    copyLinks: settings.copyLinks,
    copyUnsafe: settings.copyUnsafe,
    safe: settings.safeLinks,
    munge: settings.mungeLinks,
    copyDirLinks: settings.copyDirLinks,
    keepDirLinks: settings.keepDirLinks,
    insecure: settings.insecureLinks,
    confineRoot,
  };
}

/** Returns the sub-record. */
export function resolveSelect(settings: Settings): SelectOptions {
  const { existing, ignoreExisting, update, sizeOnly, checksum, ignoreTimes } = settings;
  const { modifyWindow, maxSize, minSize, cvsExclude } = settings;
  const rules = { existing, ignoreExisting, update, sizeOnly, checksum, ignoreTimes };
  return { ...rules, modifyWindow, maxSize, minSize, cvsExclude };
}

/** Returns the sub-record; throws when deletion has nothing to work on. */
export function resolveDelete(
  settings: Settings,
  { dirs }: WalkOptions,
  personality: Personality,
): DeleteOptions {
  const mode = deleteMode(settings, personality);
  if (mode !== "none" && !dirs) {
    throw usage("--delete does not work without --recursive (-r) or --dirs (-d).");
  }
  return {
    mode,
    excluded: settings.deleteExcluded,
    ignoreErrors: settings.ignoreErrors,
    force: settings.force,
    max: settings.maxDelete === undefined ? undefined : Math.max(settings.maxDelete, 0),
  };
}

function deleteMode(settings: Settings, personality: Personality): DeleteOptions["mode"] {
  const modes: DeleteOptions["mode"][] = [];
  if (settings.deleteBefore) modes.push("before");
  if (settings.deleteDuring !== "no") modes.push(settings.deleteDuring);
  if (settings.deleteAfter) modes.push("after");
  if (modes.length > 1) throw usage("You may not combine multiple --delete-WHEN options.");
  if (modes[0] !== undefined) return modes[0];
  if (!settings.delete && !settings.deleteExcluded) return "none";
  if (personality === "manifold") return "delay";
  return (settings.protocol ?? firstProtocolDeletingDuring) < firstProtocolDeletingDuring
    ? "before"
    : "during";
}

/** Returns all filter rules: the command line's, then those that other options stand for. */
export function resolveFilterRules(
  settings: Settings,
  {
    backup,
    partial,
    deletes,
  }: {
    readonly backup: BackupOptions;
    readonly partial: PartialOptions;
    readonly deletes: DeleteOptions;
  },
): readonly FilterRule[] {
  const implied: ByteString[] = [];
  if (settings.dirs === "old") implied.push("- /*/*");
  if (backup.on && backup.dir === undefined && deletes.mode !== "none" && !deletes.excluded) {
    implied.push(`P *${backup.suffix}`);
  }
  if (partial.dir !== undefined && !partial.dir.startsWith("/")) implied.push(`-p ${partial.dir}/`);
  if (settings.cvsExclude) implied.push(":C", "-C");
  return [
    ...settings.filterRules,
    ...implied.map((value): FilterRule => ({ kind: "filter", value })),
  ];
}

/** Throws for what this build cannot do. */
export function checkAbilities(settings: Settings): void {
  const { iconv, protocol } = settings;
  if (iconv !== undefined && iconv !== "-" && iconv !== ".") {
    throw notYet(`--iconv=${iconv}`, "the conversion of names between character sets");
  }
  if (protocol !== undefined && (protocol < 20 || protocol > 32)) {
    const bound = protocol > 32 ? "no more than 32" : "at least 20";
    throw new ManifoldError("protocol-version", `--protocol must be ${bound} on the Client.`);
  }
}
