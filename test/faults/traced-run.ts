// Runs one of our programs under strace, which makes system calls fail, sends a signal at one, stops
// the program there, or writes down in which order calls were made (strace(1), -e inject).

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../cli/run-ours.ts";
import { temporaryFolder } from "../support/index.ts";

const top = join(import.meta.dirname, "..", "..");

/** Which of the two programs. */
export type Program = "manifold" | "manifold-rsync";

/** What strace does. */
export interface Tracing {
  /** Calls that are traced: strace's -e trace. */
  readonly trace: string;
  /** strace's -e inject, without the word. */
  readonly inject?: readonly string[];
  /** Only calls that touch this path, relative to `cwd`. */
  readonly path?: string;
  readonly cwd: string;
  /** Called once, when the program has been stopped by an injected SIGSTOP; it goes on afterwards. */
  readonly whileStopped?: () => void;
}

/** How a traced program ended. */
export interface Traced extends Ended {
  /** An injected signal ended it; `exit` is null then. */
  readonly killed: boolean;
  /** The traced calls, each with the number of its thread in front. */
  readonly calls: readonly string[];
}

/** Why tests that need strace are skipped; false = they are not. */
export const noStrace: string | false = whyNoStrace();

function whyNoStrace(): string | false {
  const ran = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]);
  if (ran.error !== undefined) return "strace is not installed";
  return ran.status === 0 ? false : "strace may not trace here";
}

/** Milliseconds after which a run counts as hanging. */
const hangMs = 60_000;

/** Runs the program under strace. */
export async function runTraced(
  program: Program,
  argv: readonly string[],
  tracing: Tracing,
): Promise<Traced> {
  using folder = temporaryFolder();
  const log = folder.at("calls");
  const { trace, inject = [], path, cwd, whileStopped } = tracing;
  const options = ["-f", "-qq", "-y", "-s", "0", "-o", log, "-e", `trace=${trace}`];
  for (const one of inject) options.push("-e", `inject=${one}`);
  if (path !== undefined) options.push("-P", join(cwd, path));
  const command = [...options, join(top, program), ...argv];
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent", NODE_OPTIONS: "" };
  const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
  const child = spawn("strace", command, { cwd, env, stdio, detached: true });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("latin1").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("latin1").on("data", (text) => (stderr += text));
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }, hangMs);
  const ended = new Promise<{ exit: number | null; killed: boolean }>((resolve) =>
    child.on("close", (code, signal) => resolve({ exit: code, killed: signal !== null })),
  );
  const stopped = whileStopped === undefined ? undefined : atStop(log, ended, whileStopped);
  const { exit, killed } = await ended;
  clearTimeout(timer);
  await stopped;
  if (isHanging) throw new Error(`${program} ${argv.join(" ")} did not end. ${stderr}`);
  const lines = stdout.split("\n").filter((line) => line !== "");
  const calls = readFileSync(log, "latin1").split("\n");
  return { exit, killed, stdout, stderr, lines, calls };
}

/** Waits until the log tells that the program has stopped, acts, and lets it go on. */
async function atStop(log: string, ended: Promise<unknown>, act: () => void): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (;;) {
    // Both wait for a process that is at work; the run's own time limit bounds them.
    await new Promise((resolve) => setImmediate(resolve));
    const thread = stoppedThread(log);
    if (thread === undefined && isOver) throw new Error("The program was not stopped.");
    if (thread === undefined) continue;
    act();
    execFileSync("kill", ["-CONT", thread]);
    return;
  }
}

function stoppedThread(log: string): string | undefined {
  try {
    return /^(\d+) +--- stopped by SIGSTOP ---/m.exec(readFileSync(log, "latin1"))?.[1];
  } catch {
    return undefined; // strace has not begun.
  }
}
