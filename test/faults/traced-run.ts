// Runs one of our programs under strace, which makes system calls fail, sends a signal at one, stops
// the program there, or writes down in which order calls were made (strace(1), -e inject).

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Ended } from "../cli/run-ours.ts";

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
  const { trace, inject = [], path, cwd, whileStopped } = tracing;
  // The log comes through a pipe, so that it is read as it grows.
  const options = ["-f", "-qq", "-y", "-s", "0", "-o", "|cat >&3", "-e", `trace=${trace}`];
  for (const one of inject) options.push("-e", `inject=${one}`);
  if (path !== undefined) options.push("-P", join(cwd, path));
  const command = [...options, join(top, program), ...argv];
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent", NODE_OPTIONS: "" };
  const stdio = ["ignore", "pipe", "pipe", "pipe"] as const;
  const child = spawn("strace", command, { cwd, env, stdio: [...stdio], detached: true });
  const [stdout, stderr, log] = [1, 2, 3].map((index) => collect(child.stdio[index]));
  if (log !== undefined && whileStopped !== undefined) log.onLine = letGoOn(whileStopped);
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }, hangMs);
  const { exit, killed } = await new Promise<{ exit: number | null; killed: boolean }>((resolve) =>
    child.on("close", (code, signal) => resolve({ exit: code, killed: signal !== null })),
  );
  clearTimeout(timer);
  const [said, told, calls] = [stdout?.text ?? "", stderr?.text ?? "", log?.text ?? ""];
  if (isHanging) {
    throw new Error(`${program} ${argv.join(" ")} did not end (${inject.join(" ")}). ${told}`);
  }
  if (whileStopped !== undefined)
    assert.match(calls, /--- SIGSTOP /, "the program was not stopped");
  const lines = said.split("\n").filter((line) => line !== "");
  return { exit, killed, stdout: said, stderr: told, lines, calls: calls.split("\n") };
}

/** What has come of a stream. */
interface Collected {
  text: string;
  onLine: (line: string) => void;
}

function collect(stream: unknown): Collected {
  const collected: Collected = { text: "", onLine: () => undefined };
  if (!(stream instanceof Readable)) return collected;
  let rest = "";
  stream.setEncoding("latin1").on("data", (text: string) => {
    collected.text += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) collected.onLine(line);
  });
  return collected;
}

/** Acts at the first stop, and lets the program go on after each. */
function letGoOn(act: () => void): (line: string) => void {
  let isNew = false;
  let hasActed = false;
  return (line) => {
    if (line.includes("--- SIGSTOP {")) isNew = true;
    const [, thread] = /^(\d+) +--- stopped by SIGSTOP ---/.exec(line) ?? [];
    if (!isNew || thread === undefined) return;
    isNew = false;
    if (!hasActed) act();
    hasActed = true;
    execFileSync("kill", ["-CONT", thread]);
  };
}
