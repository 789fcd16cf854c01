// Cases whose source is behind a remote shell that stays on this machine: what two processes and the pipe
// between them cost, without a network.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./measure.ts";

/** Makes the shell in a folder and returns its path: it forgets the host and runs the rest. */
function localShell(folder: string): string {
  const path = join(folder, "shell");
  writeFileSync(path, '#!/bin/sh\nshift\nexec "$@"\n');
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
  const shell = localShell(work);
  const from = `far:${source}/`;
  const ours = ["sync", ...flags, "-e", shell, `--remote-path=${manifold}`];
  return [
    { name: "manifold", argv: [manifold, ...ours, from, `${targetOf("manifold")}/`] },
    { name: "rsync", argv: ["rsync", "-a", ...flags, "-e", shell, from, `${targetOf("rsync")}/`] },
  ];
}
