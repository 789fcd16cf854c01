// Runs stage verbs: bytes in, bytes out. What only makes the input of another is not started as a process
// of its own, unless MANIFOLD_LONG=1.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isInlineStage, stageInline } from "./stage-inline.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const manifold = join(import.meta.dirname, "..", "..", "manifold");
const outputBytesMax = 256 * 1024 * 1024;

/** How a stage ended. */
export interface StageEnded {
  readonly exit: number | null;
  readonly bytes: Buffer;
  readonly stderr: string;
}

/** Runs `manifold VERB...` in a folder with these bytes on standard input. */
export function runStage(
  cwd: string,
  argv: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): StageEnded {
  const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: "/nonexistent" };
  const ran = spawnSync(manifold, argv, { cwd, env, input, maxBuffer: outputBytesMax });
  return { exit: ran.status, bytes: ran.stdout, stderr: ran.stderr.toString("latin1") };
}

/** The bytes that a stage writes, in this thread where that is possible; throws unless it ends well. */
export function stage(
  cwd: string,
  argv: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Buffer {
  if (!isLong && isInlineStage(argv[0])) return stageInline(cwd, argv, input);
  const { exit, bytes, stderr } = runStage(cwd, argv, input);
  if (exit !== 0) throw new Error(`manifold ${argv.join(" ")} ended with ${exit}: ${stderr}`);
  return bytes;
}

/** What `show --json` says of a file: one value a line. */
export function shown(cwd: string, file: Uint8Array): Record<string, unknown>[] {
  return stage(cwd, ["show", "--json", "-"], file)
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
