// "hosts allow" and "hosts deny": lists of addresses, networks and masks. Names are not looked up: whoever
// answers for a client's address in the DNS would decide who gets in. "localhost" is this machine without asking.

import { BlockList, isIP } from "node:net";

/** Says whether an address is in a list. */
export type AddressList = (address: string) => boolean;

/** Reads words such as "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "10.0.0.0/255.0.0.0", "*". Returns the first word that is none of these. */
export function parseAddressList(words: readonly string[]): AddressList | { readonly bad: string } {
  const list = new BlockList();
  let isAll = false;
  for (const word of words) {
    if (word === "*") isAll = true;
    else if (word === "localhost") {
      list.addSubnet("127.0.0.0", 8, "ipv4");
      list.addAddress("::1", "ipv6");
    } else if (!addWord(list, word)) return { bad: word };
  }
  return (address) => isAll || list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function addWord(list: BlockList, word: string): boolean {
  const [network = "", width, ...more] = word.split("/");
  const version = isIP(network);
  if (version === 0 || more.length > 0) return false;
  const family = version === 6 ? "ipv6" : "ipv4";
  if (width === undefined) list.addAddress(network, family);
  else {
    const bits = /^\d{1,3}$/.test(width) ? Number(width) : maskBits(width);
    if (bits === undefined || bits > (version === 6 ? 128 : 32)) return false;
    list.addSubnet(network, bits, family);
  }
  return true;
}

/** Returns how many ones an IPv4 mask begins with, undefined if it is none. */
function maskBits(mask: string): number | undefined {
  if (isIP(mask) !== 4) return undefined;
  const bits = mask.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  return /^(1*)0*$/.exec(bits.join(""))?.[1]?.length;
}
