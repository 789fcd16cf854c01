// Two trees that differ: many small files that only the source has, and a large one of which the target has another of
// the same size.

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { seededRandom } from "../../src/base/index.ts";
import { noise, type TemporaryFolder } from "../support/index.ts";

const mebi = 1024 * 1024;

/** Makes "source" and "target". `everyBytes`: one byte in so many of the large file is another one. */
export function makeChangedTrees(
  folder: TemporaryFolder,
  how: {
    readonly seed: number;
    readonly directories: number;
    readonly files: number;
    readonly bytes: number;
    readonly largeMebi: number;
    readonly everyBytes: number;
  },
): void {
  const random = seededRandom(how.seed);
  for (let d = 0; d < how.directories; d++) {
    mkdirSync(folder.at(`source/${d}`), { recursive: true });
    for (let n = 0; n < how.files; n++) {
      writeFileSync(folder.at(`source/${d}/${n}`), noise(random, how.bytes));
    }
  }
  mkdirSync(folder.at("target"));
  const large = noise(random, how.largeMebi * mebi);
  writeFileSync(folder.at("source/large"), large);
  const old = Buffer.from(large);
  for (let at = 0; at < old.length; at += how.everyBytes) old[at] = ~(old[at] as number);
  writeFileSync(folder.at("target/large"), old);
  utimesSync(folder.at("target/large"), 1e9, 1e9);
}
