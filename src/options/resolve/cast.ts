// What a cast is told besides what it has in common with a sync.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { CastOptions, CatchOptions, DatagramRates } from "../cast-options.ts";
import type { Settings } from "../settings.ts";
import { splitTargets } from "../values/cast-targets.ts";

const portMax = 65_535;

/** Returns how a cast is made; undefined where nothing of the kind was asked for. Throws usage errors. */
export function resolveCast(settings: Settings): CastOptions | undefined {
  const { castTargets, targetsFile, changesetFile, retryFrom, joinWindow } = settings;
  if (!namesTargets(settings)) return undefined;
  return {
    targets: castTargets === undefined ? [] : splitTargets(castTargets, false),
    targetsFile,
    changeset: changesetFile,
    group: groupOf(settings.castGroup),
    interfaceAddress: settings.castInterface,
    hops: settings.castHops,
    ...resolveRates(settings),
    ...{ ipVersion: groupVersion(settings), loopback: settings.castLoopback },
    ...{ sourceSpecific: settings.ssm, probe: settings.castProbe },
    slow: settings.castSlow,
    quorum: quorumOf(settings.castCommit ?? "each"),
    admits: settings.castAdmits,
    minTargets: minTargetsOf(settings.minTargets ?? "0"),
    joinWindowMs: joinWindow === undefined ? undefined : joinWindow * 1000,
    report: settings.castReport,
    retryFrom,
  };
}

/** Returns how the rate of datagrams is chosen. Throws usage errors. */
export function resolveRates({ rateMax, rateMin, share, congestion }: Settings): DatagramRates {
  const isFixed = congestion === "fixed";
  if (isFixed && rateMax === undefined) {
    throw new ManifoldError("usage", "--congestion=fixed needs --rate-max, which is the rate.");
  }
  if (rateMin !== undefined && rateMin > (rateMax ?? rateMin)) {
    throw new ManifoldError("usage", "--rate-min is more than --rate-max.");
  }
  return { rateMax, rateMin, share, isFixed };
}

/** The group's, or what -4 and -6 say. */
function groupVersion({ castGroup, ipVersion }: Settings): 4 | 6 {
  const address = groupOf(castGroup)?.address;
  if (address === undefined) return ipVersion ?? 4;
  return address.includes(":") ? 6 : 4;
}

/** Says whether the command line tells where a cast goes. */
export function namesTargets({
  castTargets,
  targetsFile,
  retryFrom,
  castAdmits,
}: Settings): boolean {
  return [castTargets, targetsFile, retryFrom, castAdmits].some((each) => each !== undefined);
}

/** "HOST", "HOST:PORT" or "[ADDR]:PORT", or an IPv6 address. Throws usage errors. */
export function masterOf(written: ByteString | undefined): CatchOptions["master"] {
  if (written === undefined) return undefined;
  const [, bracketed, named, digits] =
    /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = bracketed ?? named ?? (/^[0-9a-fA-F:.]+$/.test(written) ? written : undefined);
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || port === 0 || (port ?? 1) > portMax) {
    throw new ManifoldError("usage", `--master=${written} is no machine: HOST or HOST:PORT`);
  }
  return { host, port };
}

/** "each", "all" or "quorum=N%", as a share. */
function quorumOf(written: ByteString): number {
  if (written === "each") return 0;
  if (written === "all") return 1;
  const percent = Number(/^quorum=(\d{1,3}(?:\.\d+)?)%$/.exec(written)?.[1] ?? 0);
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new ManifoldError("usage", `--commit=${written} is none of each, all and quorum=N%`);
}

/** "N" or "N%". */
function minTargetsOf(written: ByteString): CastOptions["minTargets"] {
  const [, digits, percent] = /^(\d{1,4})(%?)$/.exec(written) ?? [];
  const number = Number(digits ?? Number.NaN);
  if (Number.isNaN(number) || (percent === "%" && number > 100)) {
    throw new ManifoldError("usage", `--min-targets=${written} is neither NUM nor NUM%`);
  }
  return { number, isPercent: percent === "%" };
}

/** "ADDR", "ADDR:PORT" or "[ADDR]:PORT". */
function groupOf(written: ByteString | undefined): CastOptions["group"] {
  if (written === undefined) return undefined;
  const [, six, four, digits] =
    /^(?:\[([0-9a-fA-F:.%]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const address = six ?? four ?? (/^[0-9a-fA-F:.]+$/.test(written) ? written : undefined);
  const port = digits === undefined ? undefined : Number(digits);
  const isGroup = address !== undefined && /^(22[4-9]|23\d|ff[0-9a-f]{2}:)/i.test(address);
  if (!isGroup || (port ?? 1) > portMax || port === 0) {
    throw new ManifoldError("usage", `--mcast-group=${written} is no multicast group`);
  }
  return { address, port };
}
