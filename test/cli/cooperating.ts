// Processes that work together at one target, for tests: each is started by itself, can be killed, and tells what it has brought.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "..", "..", "manifold");

/** How one ended. */
export interface PartEnded {
  /** Null = it was killed. */
  readonly exit: number | null;
  /** Bytes of content that it told of last. */
  readonly bytes: number;
  readonly files: number;
  readonly said: string;
  readonly entries: Readonly<Record<string, number>>;
}

/** One of them. */
export interface Part {
  readonly child: ChildProcess;
  readonly ended: Promise<PartEnded>;
  /** Waits until it has told of so many bytes, or has ended. */
  brought(bytes: number): Promise<void>;
  /** Waits until it has said that, or has ended. */
  told(words: string): Promise<void>;
  kill(): void;
}

interface Told {
  readonly type: string;
  readonly bytes?: number;
  readonly files?: number;
  readonly entries?: Readonly<Record<string, number>>;
}

/** Starts one. */
export function startPart(folder: string, argv: readonly string[]): Part {
  const child = spawn(program, ["sync", "--cooperate", "--json", ...argv], {
    cwd: folder,
    env: { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last: Told = { type: "source", bytes: 0, files: 0 };
  let entries: PartEnded["entries"] = {};
  let said = "";
  let waiting: { readonly isDue: () => boolean; readonly tell: () => void }[] = [];
  const look = (isOver: boolean): void => {
    const due = waiting.filter(({ isDue }) => isOver || isDue());
    waiting = waiting.filter((one) => !due.includes(one));
    for (const { tell } of due) tell();
  };
  child.stderr.on("data", (bytes: Buffer) => {
    said += bytes.toString("latin1");
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line) as Told;
    if (told.type === "source") last = told;
    else if (told.type === "summary") entries = told.entries ?? {};
    else said += `${line}\n`;
    look(false);
  });
  const ended = new Promise<PartEnded>((resolve) => {
    child.once("close", (exit) => {
      look(true);
      resolve({ exit, bytes: last.bytes ?? 0, files: last.files ?? 0, said, entries });
    });
  });
  const waitFor = (isDue: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ isDue, tell: resolve });
      look(child.exitCode !== null || child.signalCode !== null);
    });
  return {
    child,
    ended,
    brought: (bytes) => waitFor(() => (last.bytes ?? 0) >= bytes),
    told: (words) => waitFor(() => said.includes(words)),
    kill: () => child.kill("SIGKILL"),
  };
}
