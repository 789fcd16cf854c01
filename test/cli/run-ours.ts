// Runs one of our two programs in a folder, as root or as nobody.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const top = join(import.meta.dirname, "..", "..");

const outputBytesMax = 64 * 1024 * 1024;

/** How a program ended. */
export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly string[];
}

/** Whether this process can become nobody. */
export const isRoot = process.geteuid?.() === 0;

/** Runs `manifold` or `manifold-rsync`; another build can be tried with MANIFOLD_RSYNC. */
export function runOurs(
  program: "manifold" | "manifold-rsync",
  argv: readonly string[],
  options: {
    readonly cwd: string;
    readonly asNobody?: boolean;
    readonly env?: Readonly<Record<string, string>>;
  },
): Ended {
  const { cwd, asNobody = false } = options;
  const launcher = process.env.MANIFOLD_RSYNC ?? join(top, "manifold-rsync");
  const path = program === "manifold" ? launcher.replace(/-rsync$/, "") : launcher;
  const nobody = asNobody && isRoot ? { uid: 65534, gid: 65534 } : {};
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent", ...options.env };
  // Whoever says more than the usual mebibyte would be ended by a signal.
  const limits = { timeout: 60_000, maxBuffer: outputBytesMax };
  const ran = spawnSync(path, argv, { cwd, env, encoding: "latin1", ...limits, ...nobody });
  const lines = ran.stdout.split("\n").filter((line) => line !== "");
  return { exit: ran.status, stdout: ran.stdout, stderr: ran.stderr, lines };
}
