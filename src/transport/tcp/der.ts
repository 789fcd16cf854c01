// Just enough DER (X.690) to write one kind of certificate. There is no reader: what peers send is
// OpenSSL's to read.

/** Tags of the types that a certificate is made of. */
export const tag = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
  /** [0], constructed. */
  context0: 0xa0,
} as const;

/** Returns one value: tag, length, and the parts one after the other. */
export function encodeDer(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return new Uint8Array(
    Buffer.concat([Uint8Array.of(type, ...lengthBytes(content.length)), content]),
  );
}

/** Returns an object identifier, "1.3.101.112". */
export function encodeObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...others.flatMap(base128)];
  return encodeDer(tag.objectIdentifier, Uint8Array.from(bytes));
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return [0x80 | digits.length, ...digits];
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}
