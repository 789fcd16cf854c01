// --checksum with nothing changed: what reads everything, as rsync's does, and what knows the digests of an earlier run,
// against a quick check.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Contender } from "./measure.ts";

/** Returns them, for a tree and its copy `target-same`; first has the cache filled. */
export function checksumming(manifold: string, work: string, source: string): Contender[] {
  const target = join(work, "target-same");
  const ours = (...flags: string[]): string[] => [
    ...["env", `XDG_CACHE_HOME=${work}`, manifold, "sync"],
    ...[...flags, `${source}/`, `${target}/`],
  ];
  // What was copied a moment ago is not remembered the first time.
  for (let run = 0; run < 2; run++) {
    const [command = "", ...rest] = ours("-c");
    const { status, stderr } = spawnSync(command, rest, { encoding: "utf8" });
    if (status !== 0) throw new Error(`filling the cache failed: ${stderr}`);
  }
  return [
    { name: "manifold", argv: ours("-c", "--no-cache") },
    { name: "rsync", argv: ["rsync", "-ac", `${source}/`, `${target}/`] },
    { name: "manifold, known", argv: ours("-c") },
    { name: "manifold without -c", argv: ours() },
  ];
}
