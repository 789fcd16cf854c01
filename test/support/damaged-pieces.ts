// What an end has said, damaged: the same seed makes the same damage.

import type { Random } from "../../src/base/index.ts";

const extremes = [-1, 0, 1, -2, -101, 255, 65_535, 0x7fff_ffff, -0x8000_0000, 5120, 131_073];

/** Returns the pieces, cut where they were, with up to four things wrong. */
export function damaged(pieces: readonly Uint8Array[], random: Random): Uint8Array[] {
  let all = Buffer.concat(pieces);
  for (let left = 1 + (random.uint32() % 4); left > 0; left--) {
    const at = random.uint32() % Math.max(1, all.length);
    const length = 1 + (random.uint32() % 40);
    switch (random.uint32() % 7) {
      case 0:
        all[at] = random.uint32() & 0xff;
        break;
      case 1:
        all[at] = (all[at] as number) ^ (1 << (random.uint32() % 8));
        break;
      case 2:
        if (at + 4 <= all.length) {
          all.writeInt32LE(extremes[random.uint32() % extremes.length] as number, at);
        }
        break;
      case 3:
        all = Buffer.concat([all.subarray(0, at), all.subarray(at + length)]);
        break;
      case 4:
        all = Buffer.concat([all.subarray(0, at), all.subarray(at, at + length), all.subarray(at)]);
        break;
      case 5: {
        const names = ["../x", "/etc/x", "..", ".", "d/../../x", "\0\0\0\0"];
        const name = Buffer.from(names[random.uint32() % names.length] as string);
        all = Buffer.concat([all.subarray(0, at), name, all.subarray(at + name.length)]);
        break;
      }
      default:
        all = all.subarray(0, at);
    }
  }
  const cut: Uint8Array[] = [];
  for (const { length } of pieces) {
    cut.push(all.subarray(0, length));
    all = all.subarray(length);
  }
  return [...cut, all];
}
