// What --debug=nstr tells: the checksum and the compression of the run. rsync's two ends agree on
// them even on one machine; here nothing crosses a wire, so that they only name what was asked for.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";

/** rsync's level for each method when none is asked for. */
const defaultLevels: Readonly<Record<string, number>> = { zstd: 3, lz4: 0, zlib: 6, zlibx: 6 };
const preferredCompression = "zstd";
/** The digest of %C when none is asked for. */
const ownChecksum = "md5";

/** Returns the lines; none unless they are wanted. */
export function agreementLines({ output, transfer, personality }: Options): ByteString[] {
  if (personality !== "manifold-rsync" || output.debug.nstr < 1) return [];
  const { checksumChoice: sums, compress } = transfer;
  const lines = [
    sums === undefined
      ? `Client negotiated checksum: ${ownChecksum}`
      : `Client checksum: ${sums[0] === sums[1] ? sums[0] : sums.join(",")}`,
  ];
  if (compress.on) {
    const name = compress.choice ?? preferredCompression;
    const how = compress.choice === undefined ? "negotiated compress" : "compress";
    lines.push(`Client ${how}: ${name} (level ${compress.level ?? defaultLevels[name] ?? 0})`);
  }
  return lines;
}
