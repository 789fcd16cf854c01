// An Output that keeps everything, with a clock that stands still until it is told to move.

import type { Output } from "../../../src/cli/output/index.ts";

/** What was written, as byte strings. */
export interface RecordedOutput extends Output {
  readonly written: { stdout: string; stderr: string; json: string; log: string };
  /** Milliseconds on both clocks. */
  nowMs: number;
}

/** Makes an output that records. */
export function recordedOutput(
  terminal: { isTerminal?: boolean; columns?: number } = {},
): RecordedOutput {
  const written = { stdout: "", stderr: "", json: "", log: "" };
  const take = (name: keyof typeof written) => (bytes: Uint8Array) => {
    written[name] += Buffer.from(bytes).toString("latin1");
  };
  const output: RecordedOutput = {
    written,
    nowMs: 0,
    stdout: take("stdout"),
    stderr: take("stderr"),
    json: take("json"),
    log: take("log"),
    isTerminal: terminal.isTerminal ?? false,
    columns: terminal.columns ?? 80,
    pid: 4711,
    clock: {
      now: () => output.nowMs,
      wallTime: () => output.nowMs,
      after: () => () => undefined,
    },
  };
  return output;
}
