// Cases whose source is behind a remote shell that stays on this machine: what two processes and the pipe
// between them cost, without a network.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./measure.ts";

/**
 * Makes the shell in a folder and returns its path: it forgets the host and runs the rest. `besides`: where that leaves its
 * processor time.
 */
function localShell(folder: string, name: string, besides?: string): string {
  const path = join(folder, name);
  const timed = besides === undefined ? "" : `/usr/bin/time -q -o '${besides}' -f "%U %S" `;
  writeFileSync(path, `#!/bin/sh\nshift\nexec ${timed}"$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Returns manifold and rsync pulling `source` into targets of their own, or both into the same one. */
export function pulling(
  { manifold, work }: { readonly manifold: string; readonly work: string },
  source: string,
  targetOf: (name: string) => string,
  flags: readonly string[],
): Contender[] {
  const from = `far:${source}/`;
  // rsync waits for its shell, and counts it; manifold is through when both ends have said so.
  const besides = join(work, "far-end-time");
  const timed = localShell(work, "timed-shell", besides);
  const shell = localShell(work, "shell");
  const ours = ["sync", ...flags, "-e", timed, `--remote-path=${manifold}`];
  return [
    { name: "manifold", argv: [manifold, ...ours, from, `${targetOf("manifold")}/`], besides },
    { name: "rsync", argv: ["rsync", "-a", ...flags, "-e", shell, from, `${targetOf("rsync")}/`] },
  ];
}
