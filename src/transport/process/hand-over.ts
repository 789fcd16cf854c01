// A process for each connection: it gets the socket and a letter that says what to do with it. When it
// dies, nobody else notices but whoever counts.

import { type ChildProcess, fork } from "node:child_process";
import { Socket } from "node:net";
import process from "node:process";
import { ManifoldError } from "../../base/index.ts";

/** A process that serves one connection, as its parent sees it. */
export interface ConnectionProcess {
  readonly pid: number | undefined;
  /** Says something to it; nothing if it has gone. */
  tell(message: unknown): void;
  /** Asks it to end (SIGTERM), or ends it (SIGKILL). */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** What the parent hears of it. */
export interface ConnectionWatcher {
  message(message: unknown): void;
  /** Called once. `how`: "0", "12", "SIGSEGV". */
  ended(how: string): void;
}

/** Starts a program (a module's path, and arguments) and hands it the socket, of which nothing has been read, with a letter. */
export function forkForSocket(
  { program, words }: { readonly program: string | URL; readonly words: readonly string[] },
  socket: Socket,
  letter: unknown,
  watcher: ConnectionWatcher,
): ConnectionProcess {
  const child = fork(program, words, {
    // As this program was started: what it is compiled to counts for the same flags only, and setting them later takes time.
    execArgv: process.execArgv.filter((word) =>
      /^--(interrupt-budget|max-semi-space-size)=/.test(word),
    ),
    // A terminal's Ctrl-C is for the daemon, which lets those inside finish.
    detached: true,
    serialization: "advanced",
    // It must not write into what the daemon writes to; its last words are for the log's reader.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let hasEnded = false;
  const ended = (how: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    socket.destroy();
    watcher.ended(how);
  };
  child.once("exit", (code, signal) => ended(signal ?? String(code)));
  child.once("error", (error) => ended(error.message));
  child.on("message", (message) => watcher.message(message));
  // A channel that breaks is followed by the process's end, which is told.
  child.send({ letter }, socket, {}, () => undefined);
  return {
    pid: child.pid,
    tell: (message) => tellChild(child, message),
    kill: (signal) => void child.kill(signal),
  };
}

function tellChild(child: ChildProcess, message: unknown): void {
  if (child.connected) child.send(message as object, () => undefined);
}

/** What the child was started for. */
export interface Errand {
  readonly letter: unknown;
  readonly socket: Socket;
  /** Says something to the parent, and resolves to its next answer. */
  ask(message: unknown): Promise<unknown>;
  /** Says something to the parent. */
  tell(message: unknown): void;
}

function parentGone(): ManifoldError {
  return new ManifoldError("socket-io", "The daemon has gone");
}

/** In the child: resolves to what it was started for. Rejects if the parent goes away first. */
export function takeErrand(): Promise<Errand> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(parentGone());
    process.once("disconnect", gone);
    process.once("message", (message: { letter: unknown }, socket) => {
      process.off("disconnect", gone);
      if (!(socket instanceof Socket)) {
        // The client closed the connection before it could be handed over.
        reject(new ManifoldError("socket-io", "The client has gone"));
        return;
      }
      // Without its parent a process serves on, and tells nobody.
      const tell = (words: unknown): void => {
        if (process.connected) process.send?.(words, undefined, {}, () => undefined);
      };
      const ask = (words: unknown): Promise<unknown> =>
        new Promise((answered, gaveUp) => {
          if (!process.connected) gaveUp(parentGone());
          process.once("message", answered);
          process.once("disconnect", () => gaveUp(parentGone()));
          tell(words);
        });
      resolve({ letter: message.letter, socket, ask, tell });
    });
  });
}
