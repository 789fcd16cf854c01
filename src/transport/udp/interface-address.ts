// Which local interface multicast goes through, as people write it: a name or one of its addresses.

import { networkInterfaces } from "node:os";
import { ManifoldError } from "../../base/index.ts";

/** Returns it as sockets want it: an address with IPv4, "::%NAME" with IPv6. Throws a usage error when there is none. */
export function interfaceAddress(written: string, ipVersion: 4 | 6): string {
  const family = ipVersion === 4 ? "IPv4" : "IPv6";
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const isIt = name === written || addresses.some(({ address }) => address === written);
    const own = addresses.find((each) => each.family === family);
    if (!isIt || own === undefined) continue;
    if (ipVersion === 6) return `::%${name}`;
    return written.includes(".") ? written : own.address;
  }
  const message = `--mcast-interface=${written}: there is no such interface with an ${family} address`;
  throw new ManifoldError("usage", message);
}
