// Runs `manifold` beside this process, whose servers answer it meanwhile.

import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a program ended that this process serves. */
export interface Ran {
  readonly exit: number | null;
  readonly said: string;
}

/** Runs without blocking this process, whose servers answer meanwhile. */
export function runBeside(
  argv: readonly string[],
  around: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ran> {
  const program = join(import.meta.dirname, "..", "..", "manifold");
  const child = spawn(program, argv, { ...around, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const hear = (bytes: Buffer): void => {
    said += bytes.toString("latin1");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => child.once("close", (exit) => resolve({ exit, said })));
}
