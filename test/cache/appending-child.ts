// A process that remembers digests, for tests with several: appending-child.ts ROOT FIRST COUNT
// COUNT 0 = until it is killed. It says "ready" when the cache is open, and goes on when told to.

import { once } from "node:events";
import { writeSync } from "node:fs";
import { cacheFile, DigestFile, openDigestFile, RootDigests } from "../../src/cache/index.ts";
import { openFileSystem } from "../../src/fs/index.ts";
import { digest, june, placeOf, stateOf } from "./scene.ts";

const [root = "", first = "", count = ""] = process.argv.slice(2);
const path = cacheFile(`${root}/cache/manifold/digests`, root);
const file = openDigestFile({ path, root, wallTime: june, settledMs: 0 });
if (!(file instanceof DigestFile)) throw new Error(file);
const digests = new RootDigests(file.shared);
const place = placeOf(openFileSystem(), 0);
writeSync(1, "ready\n");
await once(process.stdin, "data");
for (let i = 0; i < Number(count) || count === "0"; i++) {
  const number = Number(first) + i;
  digests.remember(stateOf(number), digest(`${number}`), place);
  // Blocks of many lengths, so that kills meet some of them half written.
  if (i % 1777 === 1776) digests.flush();
}
digests.flush();
file.close();
