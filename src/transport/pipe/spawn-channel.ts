// A channel on the standard input and output of a program that is started for it: ssh, or what -e
// names. No shell reads its arguments, and its standard error is ours.

import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import {
  AssertionError,
  type ByteString,
  baseName,
  type Clock,
  errno,
  errnoText,
  ManifoldError,
  systemClock,
  toText,
} from "../../base/index.ts";
import type { Channel } from "../channel.ts";
import { StreamChannel } from "../stream-channel.ts";
import { type DescriptorInput, descriptorInput } from "./descriptor-input.ts";
import { outputPipe } from "./output-pipe.ts";
import { spawnableWords, statusNoProgram, underUmask } from "./raw-arguments.ts";

/** What may be said about a program to start. */
export interface SpawnOptions {
  /** How messages name the peer. */
  readonly label: string;
  /** The environment; this process's when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directory to start in; this process's when absent. */
  readonly workingDirectory?: string;
  /** The umask it starts with; this process's when absent, which in a run is none. */
  readonly umask?: number;
  /** The program gets `theirs` as its standard input and output, both ways, and this end `ours`. Both are the channel's from then on. */
  readonly socket?: { readonly ours: Socket; readonly theirs: Socket };
  readonly clock?: Clock;
}

/** How a program ended. */
interface Exit {
  readonly status: number | null;
  readonly signal: string | null;
  readonly failure?: NodeJS.ErrnoException;
}

/** Time for a program to end when it has closed its output and its input is closed. Arbitrary. */
const endingMs = 5000;
/** Time for a program to end when it is told to by SIGTERM. Arbitrary. */
const stoppingMs = 2000;

/** The statuses with which a shell, and so sshd, says that it could not run the command. */
const statusNotRunnable = 126;
const statusNotFound = 127;
/** What ssh exits with when ssh itself failed. */
const statusShellFailed = 255;

/**
 * Starts a program and returns the channel on its standard input and output. `argv[0]` is looked up in PATH. That it
 * cannot be started, and how it ended, is told by the listener's `closed`; arguments that no program could be given
 * throw ManifoldError "remote-start" at once.
 */
export function spawnChannel(argv: readonly ByteString[], options: SpawnOptions): Channel {
  const name = toText(baseName(argv[0] ?? ""));
  const plain = spawnableWords(argv);
  const { umask } = options;
  const [file = "", ...words] = umask === undefined ? plain : underUmask(plain, umask);
  const { child, input, output, read } = start(file, words, name, options);
  const { clock = systemClock, label } = options;
  const exit = exitOf(child);
  let isStopped = false;
  const stop = (): void => {
    if (isStopped || child.exitCode !== null || !child.kill()) return;
    isStopped = true;
    const disarm = clock.after(stoppingMs, () => child.kill("SIGKILL"));
    child.once("exit", disarm);
  };
  return new StreamChannel(input, output, label, {
    ...(read && { read }),
    explain: async (error) => {
      const disarm = clock.after(endingMs, stop);
      const ended = await exit;
      disarm();
      if (!isStopped) return describeExit(ended, name, label) ?? error;
      return new ManifoldError(
        "connection-lost",
        `${label}: ${name} closed its output, but did not end`,
      );
    },
    onDestroy: stop,
    // A program that is told to end holds this process until it has, or is made to.
    onRelease: () => {
      if (!isStopped) child.unref();
    },
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly input: Readable;
  readonly output: Writable;
  /** How the input is read, where it emits no data. */
  readonly read?: DescriptorInput["listen"];
}

function start(
  file: string,
  words: readonly string[],
  name: string,
  options: SpawnOptions,
): Started {
  const around = {
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.workingDirectory === undefined ? {} : { cwd: options.workingDirectory }),
  };
  try {
    if (options.socket !== undefined) {
      const { ours, theirs } = options.socket;
      const child = spawn(file, words, { ...around, stdio: [theirs, theirs, "inherit"] });
      theirs.destroy();
      return { child, input: ours, output: ours };
    }
    return startOnPipes(file, words, around);
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    // Arguments that are too many for the kernel, or hold a NUL, are refused at once.
    const message = `${options.label}: cannot start ${name}: ${(error as Error).message}`;
    throw new ManifoldError("remote-start", message, { cause: error });
  }
}

function startOnPipes(
  file: string,
  words: readonly string[],
  around: Pick<SpawnOptions, "env"> & { readonly cwd?: string },
): Started {
  const pipe = outputPipe();
  const stdio = ["pipe", pipe?.writeEnd ?? "pipe", "inherit"] as const;
  let child: ChildProcess;
  try {
    child = spawn(file, words, { ...around, stdio: [...stdio] });
  } finally {
    pipe?.closeWriteEnd();
  }
  const output = child.stdin as Writable;
  if (pipe === undefined) return { child, input: child.stdout as Readable, output };
  const { socket, listen } = descriptorInput(pipe.readEnd);
  return { child, input: socket, output, read: listen };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on("error", (failure) => resolve({ status: null, signal: null, failure }));
    child.on("exit", (status, signal) => resolve({ status, signal }));
  });
}

/** Returns the error that tells how the program ended; undefined when it ended well. */
function describeExit(exit: Exit, name: string, label: string): ManifoldError | undefined {
  const { status, signal, failure } = exit;
  if (failure !== undefined) {
    const words = failure.errno === undefined ? failure.message : errnoText(-failure.errno);
    return new ManifoldError("remote-start", `${label}: cannot start ${name}: ${words}`);
  }
  if (signal !== null) {
    return new ManifoldError("connection-lost", `${label}: ${name} was killed by ${signal}`, {
      data: { signal },
    });
  }
  if (status === null || status === 0) return undefined;
  if (status === statusNoProgram) {
    const message = `${label}: cannot start ${name}: ${errnoText(errno.ENOENT)}`;
    return new ManifoldError("remote-start", message);
  }
  const data = { status };
  if (status === statusNotFound || status === statusNotRunnable) {
    return new ManifoldError(
      "remote-missing",
      `${label}: ${name} could not run manifold there (exit status ${status}): install manifold on that machine or say where it is with --remote-path; a machine that has only rsync can be pulled from by --protocol=rsync`,
      { data },
    );
  }
  const code = status === statusShellFailed ? "remote-failed" : "connection-lost";
  return new ManifoldError(code, `${label}: ${name} ended with exit status ${status}`, { data });
}
