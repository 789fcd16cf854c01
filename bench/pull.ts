// Cases whose source is behind a remote shell that stays on this machine: what two processes and the pipe
// between them cost, without a network.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Case, must, type TreeGround } from "./case.ts";
import { type Contender, type Figures, measure } from "./measure.ts";
import { processorSeconds } from "./table.ts";

interface PullGround extends TreeGround {
  readonly one: () => string;
  readonly edited: () => string;
}

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
function pulling(
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

/** Returns the cases: a fresh copy, the same again, and updates. */
export function pullCases(ground: PullGround): Case[] {
  const { kernels, one, edited } = ground;
  return [
    {
      name: "pull",
      title: "pull over a pipe, kernel tree",
      goal: 1.5,
      run: () => pull(ground, "fresh", [], { source: kernels().newTree }),
      note: processorSeconds,
    },
    {
      name: "pull-same",
      title: "pull over a pipe, nothing changed",
      goal: 1,
      run: () => pull(ground, "same", [], { source: kernels().newTree }),
      note: processorSeconds,
    },
    {
      name: "pull-update",
      title: "pull over a pipe, old kernel -> new kernel with --delete",
      goal: 1.5,
      run: () => {
        const { newTree: source, oldTree: before } = kernels();
        return pull(ground, "update", ["--delete"], { source, before });
      },
      note: processorSeconds,
    },
    {
      name: "pull-delta",
      title: "pull over a pipe, 1 GiB, 1 % edited and 1 KiB inserted",
      goal: 1.5,
      run: () => pull(ground, "update", [], { source: edited(), before: one() }),
      note: processorSeconds,
    },
  ];
}

/** From another end behind a pipe: a fresh copy, the same again, or an update of `before`. */
function pull(
  ground: PullGround,
  kind: "fresh" | "same" | "update",
  flags: readonly string[],
  { source, before }: { readonly source: string; readonly before?: string },
): Figures[] {
  const { rounds, targetOf, removeTargets } = ground;
  const place = kind === "same" ? () => targetOf("same") : targetOf;
  const contenders = pulling(ground, source, place, flags);
  if (kind === "same") must(["rsync", "-a", `${source}/`, `${targetOf("same")}/`]);
  return measure(contenders, rounds, ({ name }) => {
    if (kind === "same") return;
    removeTargets();
    if (before !== undefined) must(["cp", "-a", before, targetOf(name)]);
  });
}
