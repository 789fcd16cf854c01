// Runs a program as for the first time, and tells how long it took and what it took of the processor.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How it went. */
export interface Ran {
  readonly seconds: number;
  /** Of the processor, in user mode and in the kernel. */
  readonly processorSeconds: number;
  readonly said: string;
  readonly status: number | null;
}

/** Runs a program in a folder, where it leaves a file, for so many seconds at most. */
export function timedRun(argv: readonly string[], work: string, secondsMax: number): Promise<Ran> {
  const began = performance.now();
  const times = join(work, "times");
  const words = ["-o", times, "-f", "%U %S", ...argv];
  const child = spawn("/usr/bin/time", words, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: work,
    // To be ended with what it has started.
    detached: true,
    // Nothing is remembered from one run to the next.
    env: { ...process.env, HOME: "/nonexistent", XDG_CACHE_HOME: "" },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
    });
  }
  const group = -(child.pid ?? 0);
  const watch = setTimeout(() => process.kill(group, "SIGKILL"), secondsMax * 1000);
  return new Promise((resolve) =>
    child.once("close", (status) => {
      clearTimeout(watch);
      const seconds = (performance.now() - began) / 1000;
      if (status === null) said += `ended after ${secondsMax.toFixed(0)} s`;
      resolve({ seconds, processorSeconds: processorSeconds(times), said, status });
    }),
  );
}

/** Reads what time(1) has written. */
function processorSeconds(file: string): number {
  if (!existsSync(file)) return Number.NaN;
  const last = readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
  return last.split(" ").reduce((sum, part) => sum + Number(part), 0);
}
