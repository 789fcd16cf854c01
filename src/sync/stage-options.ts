// Turns the user's options into the small records that each stage knows.

import type { Options } from "../options/index.ts";
import type { DiffOptions, ReceiveOptions, ScanOptions } from "../pipeline/index.ts";
import type { AttributeRules } from "../tree/index.ts";
import { contentRules } from "./content-rules.ts";
import type { LaneSettings } from "./lane-settings.ts";

/** What scan needs to know. */
export function scanOptions(options: Options): ScanOptions {
  const { links, preserve, walk } = options;
  return {
    copyLinks: links.copyLinks,
    copyUnsafe: links.copyUnsafe,
    copyDirLinks: links.copyDirLinks,
    linkTargets: preserve.links,
    oneFileSystem: walk.oneFileSystem,
    directories: walk.recurse || walk.dirs,
    xattrs: wantedXattrs(options),
  };
}

/** Which extended attributes travel, by name; undefined = none. */
export function wantedXattrs(options: Options): ((name: string) => boolean) | undefined {
  const { acls, xattrs } = options.preserve;
  if (!acls && xattrs === 0) return undefined;
  return (name) => {
    if (name.startsWith("system.posix_acl_")) return acls;
    if (name.startsWith("system.")) return false;
    return xattrs > 0;
  };
}

/** Which attributes count, with what this process may do taken into account. */
export function attributeRules(settings: LaneSettings): AttributeRules {
  const { preserve, select, personality } = settings.options;
  const superUser = isSuperUser(settings);
  return {
    mode: preserve.mode,
    executability: preserve.executability,
    times: preserve.times,
    dirTimes: preserve.dirTimes,
    linkTimes: preserve.linkTimes,
    atimes: preserve.atimes,
    crtimes: preserve.crtimes,
    owner: preserve.owner && superUser,
    group: !preserve.group ? "none" : superUser ? "any" : new Set(settings.groups),
    acls: preserve.acls,
    xattrs: preserve.xattrs > 0,
    modifyWindow: select.modifyWindow,
    fineTimes: personality === "manifold",
  };
}

/** Says whether the run acts with the powers of root. */
export function isSuperUser(settings: LaneSettings): boolean {
  return settings.options.preserve.superUser ?? settings.euid === 0;
}

/** What diff needs to know. */
export function diffOptions(settings: LaneSettings): DiffOptions {
  const { preserve, links, select, transfer } = settings.options;
  return {
    attributes: attributeRules(settings),
    links: preserve.links,
    devices: preserve.devices,
    specials: preserve.specials,
    safeLinks: links.safe,
    existing: select.existing,
    ignoreExisting: select.ignoreExisting,
    update: select.update,
    sizeOnly: select.sizeOnly,
    ignoreTimes: select.ignoreTimes,
    checksum: select.checksum,
    minSize: select.minSize ?? 0,
    maxSize: select.maxSize ?? Number.POSITIVE_INFINITY,
    newModeMask: 0o777 & ~settings.umask,
    append: transfer.append !== "no",
    deviceContent: transfer.copyDevices || transfer.writeDevices,
  };
}

/** What receive needs to know. */
export function receiveOptions(settings: LaneSettings, attributes: AttributeRules): ReceiveOptions {
  const { options } = settings;
  const { transfer } = options;
  return {
    attributes,
    dryRun: transfer.dryRun,
    onConflict: options.personality === "manifold" ? options.own.onConflict : "overwrite",
    fsync: transfer.fsync || options.own.durable === "file",
    sparse: transfer.sparse,
    preallocate: transfer.preallocate,
    endsRunOn: options.personality === "manifold" ? "full" : "write-errors",
    content: contentRules(options),
    euid: settings.euid,
    egid: settings.egid,
    superUser: isSuperUser(settings),
    force: options.delete.force || options.delete.mode !== "none",
  };
}
