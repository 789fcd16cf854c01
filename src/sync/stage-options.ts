// Turns the user's options into the small records that each stage knows.

import type { Options } from "../options/index.ts";
import type { DiffOptions, ReceiveOptions, ScanOptions } from "../pipeline/index.ts";
import type { AttributeRules } from "../tree/index.ts";
import { contentRules } from "./content-rules.ts";
import type { LaneSettings } from "./lane-settings.ts";

/** What scan needs to know. */
export function scanOptions(options: Options, xattrs: ScanOptions["xattrs"]): ScanOptions {
  const { links, preserve, walk } = options;
  return {
    copyLinks: links.copyLinks,
    copyUnsafe: links.copyUnsafe,
    copyDirLinks: links.copyDirLinks,
    linkTargets: preserve.links,
    oneFileSystem: walk.oneFileSystem,
    directories: walk.recurse || walk.dirs,
    // rsync's client munges what it receives and unmunges what it sends; of a local copy it is the sender.
    unmunge: links.munge,
    xattrs,
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
    dirTimes: preserve.times && preserve.dirTimes,
    linkTimes: preserve.times && preserve.linkTimes,
    atimes: preserve.atimes,
    linkAtimes: preserve.atimes && preserve.linkTimes,
    crtimes: preserve.crtimes,
    owner: preserve.owner && superUser,
    group: !preserve.group ? "none" : superUser ? "any" : new Set(settings.groups),
    acls: preserve.acls,
    xattrs: preserve.xattrs > 0,
    modifyWindow: select.modifyWindow,
    fineTimes: personality === "manifold",
  };
}

/** Says whether the run acts on the target with the powers of root, or as if it had them. */
export function isSuperUser(settings: LaneSettings): boolean {
  const { fakeSuper, superUser } = settings.options.preserve.atTarget;
  return fakeSuper || (superUser ?? settings.euid === 0);
}

/** What diff needs to know. */
export function diffOptions(settings: LaneSettings): DiffOptions {
  const { preserve, links, select, transfer, personality } = settings.options;
  const { fakeSuper } = preserve.atTarget;
  const makesNodes = !preserve.atTarget.dropDevices;
  return {
    attributes: attributeRules(settings),
    links: preserve.links,
    devices: preserve.devices && makesNodes && isSuperUser(settings),
    specials: preserve.specials && makesNodes,
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
    tellsAfterwards: personality === "manifold-rsync" && !transfer.dryRun && !fakeSuper,
    append: transfer.append !== "no",
    deviceContent: transfer.copyDevices || transfer.writeDevices,
  };
}

/** What receive needs to know. */
export function receiveOptions(
  settings: LaneSettings,
  attributes: AttributeRules,
  ownXattrs: ReceiveOptions["ownXattrs"],
): ReceiveOptions {
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
    content: contentRules(options, settings.hasPartials),
    euid: settings.euid,
    egid: settings.egid,
    superUser: isSuperUser(settings),
    fakeSuper: options.preserve.atTarget.fakeSuper,
    staysLocal: options.personality === "manifold",
    ownXattrs,
    force: options.delete.force || options.delete.mode !== "none",
  };
}
