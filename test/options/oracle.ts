// The installed rsync, asked what it makes of a command line.
import { spawnSync } from "node:child_process";

/** What rsync said about a command line. */
export interface RsyncAnswer {
  readonly exit: number;
  readonly stdout: string;
  /** The first line on stderr, without "rsync: " in front; "" when there is none. */
  readonly message: string;
}

/** Runs rsync with byte strings as arguments, in a folder and an almost empty environment. */
export function askRsync(
  argv: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): RsyncAnswer {
  const { PATH = "" } = process.env;
  const { status, stdout, stderr } = spawnSync("rsync", [...argv], {
    cwd,
    env: { PATH, LC_ALL: "C", ...variables },
    encoding: "latin1",
    timeout: 20_000,
  });
  const [first = ""] = (stderr ?? "").split("\n");
  return { exit: status ?? -1, stdout: stdout ?? "", message: first.replace(/^rsync: /, "") };
}

/** Why the tests that ask rsync are skipped; false when an rsync 3.5 is there. */
export const noRsync: string | false = /version 3\.5/.test(askRsync(["--version"], "/").stdout)
  ? false
  : "needs rsync 3.5";
