// Runs manifold on a pseudo-terminal, with the help of script(1): what it draws for people.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../manifold", import.meta.url));

/** A terminal with a run on it. */
export interface TerminalRun {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly columns: number;
  /** Called with everything that was drawn so far; what it returns is typed. */
  readonly type?: (drawn: string) => string;
}

/** How the run ended, and everything that it drew. */
export interface TerminalEnd {
  readonly drawn: string;
  readonly exit: number | null;
}

/** Why there can be no pseudo-terminal here; undefined when there can. */
export function withoutTerminal(): string | undefined {
  const probe = spawnSync("script", ["-qec", "test -t 1", "/dev/null"], { stdio: "ignore" });
  return probe.status === 0 ? undefined : "script(1) of util-linux is missing";
}

/** Runs `manifold ARGV` on a terminal. The arguments are plain words. */
export async function runOnTerminal(run: TerminalRun): Promise<TerminalEnd> {
  const command = `stty cols ${run.columns} -echo; exec '${launcher}' ${run.argv.join(" ")}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: run.cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let drawn = "";
  child.stdout.setEncoding("latin1");
  child.stdout.on("data", (text: string) => {
    drawn += text;
    const typed = run.type?.(drawn) ?? "";
    if (typed !== "") child.stdin.write(typed);
  });
  const exit = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { drawn, exit };
}
