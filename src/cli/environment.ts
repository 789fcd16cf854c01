// The environment as byte strings.

import { type ByteString, fromText } from "../base/index.ts";

/** Returns all variables of the environment. */
export function environment(): Record<string, ByteString | undefined> {
  const bytes: Record<string, ByteString | undefined> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) bytes[name] = fromText(value);
  }
  return bytes;
}

/** Gives programs that are started from here on the variable that the launcher kept from Node (tools/launch.sh). */
export function restoreCertificates(): void {
  const { MANIFOLD_EXTRA_CA_CERTS: kept } = process.env;
  if (kept !== undefined) process.env.NODE_EXTRA_CA_CERTS = kept;
}
