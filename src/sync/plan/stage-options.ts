// Turns the user's options into the small records that each stage knows.

import type { Abilities } from "../../fs/index.ts";
import type { DiffOptions, ReceiveOptions, ScanOptions } from "../../pipeline/index.ts";
import type { AttributeRules } from "../../tree/index.ts";
import { contentRules } from "./content-rules.ts";
import type { LaneSettings } from "./lane-settings.ts";

/** What scan needs to know. */
export function scanOptions(
  { options, far }: Pick<LaneSettings, "options" | "far">,
  xattrs: ScanOptions["xattrs"],
): ScanOptions {
  const { links, preserve, walk } = options;
  return {
    copyLinks: links.copyLinks,
    copyUnsafe: links.copyUnsafe,
    copyDirLinks: links.copyDirLinks,
    // What is sent says of every symlink where it points.
    linkTargets: preserve.links || far === "target",
    oneFileSystem: walk.oneFileSystem,
    directories: walk.recurse || walk.dirs,
    // rsync's client munges what it receives and unmunges what it sends; of a local copy it is the sender.
    unmunge: links.munge,
    xattrs,
  };
}

/** Which attributes count, with what this process and the target's door can do taken into account. */
function attributeRules(settings: LaneSettings, abilities: Abilities): AttributeRules {
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
    timeStep: abilities.timeStep,
  };
}

/** Says whether the run acts on the target with the powers of root, or as if it had them. */
export function isSuperUser(settings: LaneSettings): boolean {
  const { fakeSuper, superUser } = settings.options.preserve.atTarget;
  return fakeSuper || (superUser ?? settings.euid === 0);
}

/** Which nodes the user wants on the target, whatever its door can make. */
export function wantedNodes(settings: LaneSettings): { devices: boolean; specials: boolean } {
  const { preserve } = settings.options;
  const { dropDevices } = preserve.atTarget;
  return {
    devices: preserve.devices && !dropDevices && isSuperUser(settings),
    specials: preserve.specials && !dropDevices,
  };
}

/** What diff needs to know. */
export function diffOptions(settings: LaneSettings, abilities: Abilities): DiffOptions {
  const { preserve, links, select, transfer, personality } = settings.options;
  const { fakeSuper } = preserve.atTarget;
  const { devices, specials } = wantedNodes(settings);
  return {
    attributes: attributeRules(settings, abilities),
    links: preserve.links,
    devices: devices && abilities.specials,
    specials: specials && abilities.specials,
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
  { wholeFlush }: Abilities,
): ReceiveOptions {
  const { options } = settings;
  const { transfer } = options;
  const isBatched = options.own.durable === "batch";
  const flushesBatches = isBatched && settings.namesInBatches === true && wholeFlush;
  return {
    attributes,
    dryRun: transfer.dryRun,
    onConflict: options.personality === "manifold" ? options.own.onConflict : "overwrite",
    fsync: transfer.fsync || options.own.durable === "file" || (isBatched && !flushesBatches),
    sparse: transfer.sparse,
    preallocate: transfer.preallocate,
    endsRunOn: options.personality === "manifold" ? "full" : "write-errors",
    content: contentRules(options, {
      hasPartials: settings.hasPartials,
      flushesBatches,
      isFar: settings.far === "source",
      isProven: settings.far === "source" && settings.farSums !== undefined,
    }),
    euid: settings.euid,
    egid: settings.egid,
    superUser: isSuperUser(settings),
    fakeSuper: options.preserve.atTarget.fakeSuper,
    staysLocal: options.personality === "manifold",
    ownXattrs,
    force: options.delete.force || options.delete.mode !== "none",
  };
}
