// Commands that an operator has named for what happens here: run by a shell, as this process's user at that moment.

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { ManifoldError } from "../../base/index.ts";

/** What such a command is told, besides this process's environment. */
export type HookVariables = Readonly<Record<string, string>>;

/** How a command went. */
export interface HookResult {
  /** Undefined = a signal ended it. */
  readonly status: number | undefined;
  /** The beginning of its standard output. */
  readonly output: Uint8Array;
}

/** As much of what a command prints is kept; rsync shows "several kilobytes". */
const outputBytesMax = 8192;

function shell(): string {
  return process.env.RSYNC_SHELL || "/bin/sh";
}

/** Returns the words that run an operator's command. */
export function shellWords(command: string): readonly string[] {
  return [shell(), "-c", command];
}

/** Runs a command with this as its standard input, and resolves to how it went. Rejects with ManifoldError when it cannot be started. */
export function runHook(
  command: string,
  variables: HookVariables,
  input: Uint8Array,
): Promise<HookResult> {
  return new Promise((resolve, reject) => {
    const [program = "", ...words] = shellWords(command);
    const child = spawn(program, words, {
      env: { ...process.env, ...variables },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const pieces: Buffer[] = [];
    let length = 0;
    child.once("error", (error) => reject(notStarted(command, error)));
    child.stdout.on("data", (bytes: Buffer) => {
      const piece = bytes.subarray(0, outputBytesMax - length);
      length += piece.length;
      if (piece.length > 0) pieces.push(piece);
    });
    child.once("close", (status) =>
      resolve({ status: status ?? undefined, output: new Uint8Array(Buffer.concat(pieces)) }),
    );
    // It may end without reading.
    child.stdin.once("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Waits for a line with two numbers, and becomes the command; without one whoever should have said it was killed. */
const waiting = `read -r RSYNC_EXIT_STATUS RSYNC_RAW_STATUS || { RSYNC_EXIT_STATUS=-1 RSYNC_RAW_STATUS=9; }
export RSYNC_EXIT_STATUS RSYNC_RAW_STATUS
exec "$1" -c "$2" </dev/null`;

/** A command that waits for how this process goes. */
export interface ArmedHook {
  /** Lets it run. */
  fire(exit: number): void;
}

/** Starts a shell that will run a command when it is told an exit status, or this process has gone, as the user that this is now. */
export function armHook(command: string, variables: HookVariables): ArmedHook {
  let child: ChildProcess;
  try {
    child = spawn("/bin/sh", ["-c", waiting, "sh", shell(), command], {
      env: { ...process.env, ...variables },
      stdio: ["pipe", "ignore", "inherit"],
      // Whatever ends this process must not end it.
      detached: true,
    });
  } catch (error) {
    throw notStarted(command, error as Error);
  }
  child.once("error", () => undefined);
  child.stdin?.once("error", () => undefined);
  child.unref();
  return { fire: (exit) => child.stdin?.end(`${exit} ${exit << 8}\n`) };
}

function notStarted(command: string, error: Error): ManifoldError {
  return new ManifoldError("start-client", `Cannot run ${command}: ${error.message}`, {
    cause: error,
  });
}
