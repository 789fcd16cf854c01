// The names of --checksum-choice and --compress-choice, and what they mean.
//
// A copy on one machine neither compresses nor needs checksums on a wire; the names are checked so
// that a wrong one is found at once, and kept for the protocols.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { CompressOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";

/** The checksums of rsync's protocol, strongest first. */
export const checksumNames: readonly string[] = [
  "xxh128",
  "xxh3",
  "xxh64",
  "md5",
  "md4",
  "sha1",
  "none",
];

/** The compression methods of rsync's protocol, preferred first. */
export const compressNames: readonly string[] = ["zstd", "lz4", "zlibx", "zlib", "none"];

/** Returns the two names of --checksum-choice (transfer, pre-transfer); undefined for auto. */
export function resolveChecksums(
  choice: ByteString | undefined,
): readonly [ByteString, ByteString] | undefined {
  if (choice === undefined || /^auto(,auto)?$/i.test(choice)) return undefined;
  const comma = choice.indexOf(",");
  if (comma < 0) {
    const name = checksumName(choice, choice);
    return [name, name];
  }
  const second = choice.slice(comma + 1);
  return [checksumName(choice.slice(0, comma), choice), checksumName(second, second)];
}

function checksumName(name: ByteString, shown: ByteString): ByteString {
  const lower = name.toLowerCase();
  if (lower === "xxhash") return "xxh64";
  if (lower !== "auto" && !checksumNames.includes(lower)) {
    throw new ManifoldError("unsupported", `unknown checksum name: ${shown}`);
  }
  return lower;
}

/** Returns the compression that was asked for. */
export function resolveCompress(settings: Settings): CompressOptions {
  const { compressLevel: level, skipCompress: skip } = settings;
  const asked = settings.compressChoice ?? (settings.compress > 1 ? "zlibx" : undefined);
  const name = asked?.toLowerCase();
  if (name !== undefined && name !== "auto" && !compressNames.includes(name)) {
    throw new ManifoldError("unsupported", `unknown compress name: ${asked}`);
  }
  const choice = name === "auto" || name === "none" ? undefined : name;
  const on = name === "none" ? false : settings.compress > 0 || choice !== undefined;
  const threads = Math.max(settings.compressThreads, 0);
  const isOn = on || level !== undefined;
  const ifItPays = !isOn && name !== "none" && settings.compressIfItPays;
  return { on: isOn, ifItPays, choice, level, threads, skip };
}
