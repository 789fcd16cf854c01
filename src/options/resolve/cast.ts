// What a cast is told besides what it has in common with a sync.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { CastOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { splitTargets } from "../values/cast-targets.ts";

const portMax = 65_535;

/** Returns how a cast is made; undefined where nothing of the kind was asked for. Throws usage errors. */
export function resolveCast(settings: Settings): CastOptions | undefined {
  const { castTargets, targetsFile, changesetFile, rateMax } = settings;
  if (castTargets === undefined && targetsFile === undefined) return undefined;
  return {
    targets: castTargets === undefined ? [] : splitTargets(castTargets, false),
    targetsFile,
    changeset: changesetFile,
    group: groupOf(settings.castGroup),
    interfaceAddress: settings.castInterface,
    hops: settings.castHops,
    rateMax,
  };
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
