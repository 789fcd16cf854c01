// From settings to Options: every implication, every conflict, every default.
//
// The order of the checks decides which of several mistakes is reported; it is rsync's.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { Options, Personality } from "../options.ts";
import type { IdOptions, LimitOptions, OwnOptions, RemoteOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { parseIdMap } from "../values/id-map.ts";
import { leadingInteger } from "../values/integer.ts";
import { parseSize } from "../values/size.ts";
import type { VerbRow } from "../verbs.ts";
import { checkUndo, resolveCapture } from "./capture.ts";
import { masterOf, resolveCast, resolveRates } from "./cast.ts";
import { mirroredPlaces, namedSources } from "./mirrors.ts";
import { resolveOutput } from "./output.ts";
import { type Places, resolvePlaces } from "./places.ts";
import { stagePlaces } from "./stage-places.ts";
import { checkAppend, resolveBackup, resolvePartial, resolveTransfer } from "./transfer.ts";
import {
  checkAbilities,
  resolveDelete,
  resolveFilterRules,
  resolveLinks,
  resolvePreserve,
  resolveSelect,
  resolveWalk,
} from "./tree.ts";

const defaultMaxAlloc = 2 ** 30;

/** What the flags said, and where. */
export interface ToResolve {
  readonly settings: Settings;
  /** The settings of the far end: with the -M options applied. */
  readonly targetSettings: Settings;
  /** The arguments that are no flags; at least one. */
  readonly places: readonly ByteString[];
  readonly personality: Personality;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, ByteString | undefined>>;
  /** The stage verb; undefined = sync. */
  readonly verb?: VerbRow;
  /** This is the other end of somebody's run: places are on this machine. */
  readonly isFarEnd?: boolean;
}

/** Returns the resolved options, frozen; throws usage and not-yet errors. */
export function resolve(asked: ToResolve): Options {
  const { settings, personality, variables } = asked;
  const limits = resolveLimits(settings, variables);
  const args = resolveArgumentStyle(settings, variables);
  const listOnly = asked.verb === undefined && (settings.listOnly || asked.places.length < 2);
  checkAbilities(settings);
  const transfer = resolveTransfer(settings);
  const output = resolveOutput(settings, listOnly);
  const walk = resolveWalk(settings, listOnly);
  const deletes = resolveDelete(settings, walk, personality);
  const links = resolveLinks(settings);
  const backup = resolveBackup(settings);
  const preserve = resolvePreserve(settings, asked.targetSettings, backup);
  checkAppend(transfer);
  const partial = resolvePartial(settings, transfer, variables.RSYNC_PARTIAL_DIR);
  const mirrored =
    asked.verb?.name === "sources"
      ? namedSources(asked.places, settings)
      : asked.isFarEnd === true || asked.verb !== undefined
        ? undefined
        : mirroredPlaces(asked.places, settings, personality);
  const places: Places =
    asked.isFarEnd === true
      ? { sources: asked.places.slice(0, -1), target: asked.places.at(-1) ?? ".", far: undefined }
      : mirrored !== undefined
        ? mirrored
        : asked.verb === undefined
          ? resolvePlaces(
              asked.places,
              { ...settings, oldArgs: args.oldArgs },
              personality,
              variables.RSYNC_CONNECT_PROG || undefined,
            )
          : stagePlaces(asked.verb, asked.places);
  const capture = resolveCapture(settings);
  if (asked.verb === undefined) checkUndo(settings);
  return freeze({
    personality,
    sources: places.sources,
    target: places.target,
    walk,
    preserve,
    links,
    select: resolveSelect(settings),
    filterRules: resolveFilterRules(settings, { backup, partial, deletes }),
    delete: deletes,
    backup,
    partial,
    // What is only recorded is a trial run beside it.
    transfer: { ...transfer, dryRun: transfer.dryRun || capture?.only === true },
    basisDirs: { kind: settings.basisKind, dirs: settings.basisDirs },
    ids: resolveIds(settings, places.onward !== undefined),
    chmod: settings.chmod,
    output,
    limits,
    remote: {
      ...resolveRemote(settings, variables),
      ...args,
      far: places.far,
      onward: places.onward,
      words: [...settings.farWords, ...settings.remoteOptions],
    },
    own: { ...resolveOwn(settings, personality, places), capture, mirrors: mirrored?.mirrors },
  });
}

function resolveOwn(
  settings: Settings,
  personality: Personality,
  places: Places,
): Omit<OwnOptions, "capture" | "mirrors"> {
  const wantsDigests = settings.checksum || settings.digests;
  return {
    durable: settings.durable,
    verify: settings.verify,
    onConflict: settings.onConflict,
    basis: settings.basis,
    renames: {
      detect: settings.detectRenamed,
      from: settings.renameFrom,
      // rsync sends what it sends.
      contentIndex: settings.contentIndex ?? (personality === "manifold" ? undefined : false),
    },
    cooperate: settings.cooperate,
    digests: settings.digests,
    signatures: settings.signatures,
    cache: settings.cache ?? (personality === "manifold" && wantsDigests),
    stat: settings.stat,
    undo: settings.undo,
    readBatch: settings.readBatch,
    cast: resolveCast(settings),
    catch: {
      config: settings.catchConfig,
      master: masterOf(settings.catchMaster),
      discard: settings.discard,
      once: settings.catchOnce,
      interfaceName: settings.castInterface,
    },
    // What does nothing on one machine does something between two.
    idle: places.far === undefined ? [...settings.idle] : [],
  };
}

function resolveLimits(settings: Settings, variables: ToResolve["variables"]): LimitOptions {
  const text = settings.maxAlloc ?? (variables.RSYNC_MAX_ALLOC || undefined);
  const rule = { option: "max-alloc", unit: "B", min: 2 ** 20, zeroIsUnlimited: true } as const;
  const maxAlloc = text === undefined ? defaultMaxAlloc : parseSize(text, rule);
  return {
    bwlimit: settings.bwlimit,
    timeout: Math.max(settings.timeout, 0) * 1000,
    connectTimeout: Math.max(settings.connectTimeout, 0) * 1000,
    stopAt: settings.stopAt,
    maxAlloc: maxAlloc === 0 ? Number.MAX_SAFE_INTEGER : maxAlloc,
    threads: settings.threads,
    streams: settings.streams,
    datagrams: settings.datagrams ? resolveRates(settings) : undefined,
  };
}

/** Weighs --old-args, --secluded-args and the two environment variables that set defaults. */
function resolveArgumentStyle(
  settings: Settings,
  variables: ToResolve["variables"],
): Pick<RemoteOptions, "oldArgs" | "secludedArgs"> {
  const { oldArgs, secludedArgs } = settings;
  if (oldArgs !== undefined && oldArgs > 0) {
    if (secludedArgs === true) {
      throw new ManifoldError("usage", "--secluded-args conflicts with --old-args.");
    }
    return { oldArgs, secludedArgs: false };
  }
  const oldByDefault = variables.RSYNC_OLD_ARGS || undefined;
  if (oldArgs === undefined && secludedArgs !== true && oldByDefault !== undefined) {
    return { oldArgs: leadingInteger(oldByDefault), secludedArgs: false };
  }
  const secludedByDefault = leadingInteger(variables.RSYNC_PROTECT_ARGS ?? "") !== 0;
  return { oldArgs: 0, secludedArgs: secludedArgs ?? secludedByDefault };
}

function resolveIds(settings: Settings, isRelay: boolean): IdOptions {
  const { copyAs } = settings;
  if (copyAs !== undefined && isRelay) {
    const words = "--copy-as has nothing to copy here, between two other machines";
    throw new ManifoldError("usage", words);
  }
  const colon = copyAs?.indexOf(":") ?? -1;
  return {
    userMap: settings.userMap ? parseIdMap(settings.userMap.text, "usermap") : [],
    groupMap: settings.groupMap ? parseIdMap(settings.groupMap.text, "groupmap") : [],
    copyAs:
      copyAs === undefined
        ? undefined
        : {
            user: colon < 0 ? copyAs : copyAs.slice(0, colon),
            group: colon < 0 ? undefined : copyAs.slice(colon + 1),
          },
  };
}

function resolveRemote(
  settings: Settings,
  variables: ToResolve["variables"],
): Omit<RemoteOptions, "oldArgs" | "secludedArgs" | "far" | "onward" | "words"> {
  const { iconv } = settings;
  return {
    rsh: settings.rsh ?? (variables.RSYNC_RSH || undefined),
    rsyncPath: settings.rsyncPath,
    remoteOptions: settings.remoteOptions,
    port: settings.port,
    address: settings.address,
    sockopts: settings.sockopts,
    ipVersion: settings.ipVersion,
    blockingIo: settings.blockingIo,
    passwordFile: settings.passwordFile,
    earlyInput: settings.earlyInput,
    motd: settings.motd,
    protocol: settings.protocol,
    wire: settings.wire,
    iconv: iconv === "-" ? undefined : iconv,
    trustSender: settings.trustSender,
  };
}

/** Freezes plain data all the way down. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
