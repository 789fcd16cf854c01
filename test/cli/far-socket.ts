// Runs our program with a remote shell that ends in the test: what the other machine says is said here.

import { spawn } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { TemporaryFolder } from "../support/index.ts";

const top = join(import.meta.dirname, "..", "..");
/** The program under test, which is also what the other machine runs. */
export const program = join(top, "manifold");
const shell = join(top, "test", "support", "socket-shell.pl");
const lookMs = 20;

/** How a program ended. */
export interface FarEnded {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** The most memory that it had, in KiB; 0 where the system does not tell. */
  readonly peakKib: number;
}

/**
 * Runs `manifold ARGV` in the folder; "host:" in a place leads to `accept`, which gets the connection once. `status`: what the
 * remote shell ends with.
 */
export async function runFarFrom(
  folder: TemporaryFolder,
  argv: readonly string[],
  accept: (socket: Socket) => void,
  { status = 0, limitMs = 30_000 } = {},
): Promise<FarEnded> {
  const path = folder.at("socket");
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    // The other end may go at any time; that is what is tried.
    socket.on("error", () => undefined);
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const script = folder.at("shell");
  writeFileSync(script, `#!/bin/sh\nexec perl "${shell}" "${path}" ${status}\n`);
  chmodSync(script, 0o755);
  try {
    return await ended([program, "-e", script, ...argv], folder.path, limitMs);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function ended(argv: readonly string[], cwd: string, limitMs: number): Promise<FarEnded> {
  const [file = "", ...rest] = argv;
  const start = performance.now();
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent" };
  const child = spawn(file, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString("latin1")));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString("latin1")));
  let peakKib = 0;
  const looking = setInterval(() => (peakKib = Math.max(peakKib, peakOf(child.pid))), lookMs);
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  return new Promise((resolve) => {
    child.on("close", (exit) => {
      clearInterval(looking);
      clearTimeout(limit);
      resolve({ exit, stdout, stderr, elapsedMs: performance.now() - start, peakKib });
    });
  });
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
