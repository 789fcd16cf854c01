// The address of a session's multicast group, where the user names none: by the session's number, in the
// ranges that sites may use as they like (RFC 2365: 239.255/16; RFC 4291: ff15::/16).

/** Returns the group address of a session. */
export function groupAddress(session: number, ipVersion: 4 | 6): string {
  // The last byte is never 0 or 255, which some equipment takes for a network or a broadcast.
  const [high, low] = [(session >>> 8) & 0xff, 1 + ((session & 0xff) % 254)];
  if (ipVersion === 4) return `239.255.${high}.${low}`;
  return `ff15::${((session >>> 16) & 0xffff).toString(16)}:${((high << 8) | low).toString(16)}`;
}
