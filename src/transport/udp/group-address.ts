// The address of a session's multicast group, where the user names none: by the session's number, in the
// ranges that sites may use as they like (RFC 2365: 239.255/16; RFC 4291: ff15::/16), or where members name
// the sender whom they listen to (RFC 4607: 232/8; RFC 3306: ff35::/32, with dynamic numbers from 8000:0 on).

/** Returns the group address of a session. `isSourceSpecific`: members say whom they listen to. */
export function groupAddress(session: number, ipVersion: 4 | 6, isSourceSpecific = false): string {
  // The last byte is never 0 or 255, which some equipment takes for a network or a broadcast.
  const [high, low] = [(session >>> 8) & 0xff, 1 + ((session & 0xff) % 254)];
  if (ipVersion === 4) return `${isSourceSpecific ? "232.77" : "239.255"}.${high}.${low}`;
  if (isSourceSpecific) {
    const number = (((session >>> 16) & 0x7fff) | 0x8000).toString(16);
    return `ff35::${number}:${((high << 8) | low).toString(16)}`;
  }
  return `ff15::${((session >>> 16) & 0xffff).toString(16)}:${((high << 8) | low).toString(16)}`;
}
