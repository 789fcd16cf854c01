// A pipe for a program's standard input or output that holds more than what Node would give it: fewer turns
// between two processes that share a processor.

import { loadSystemCalls } from "../../native/index.ts";

const O_CLOEXEC = 0o2_000_000;
const F_SETPIPE_SZ = 1031;
/** What anybody may ask for (/proc/sys/fs/pipe-max-size). */
const pipeBytes = 1024 * 1024;

/** The two ends. */
export interface OutputPipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  /** Close this process's copy of the end that the program has been given. */
  closeWriteEnd(): void;
  closeReadEnd(): void;
}

/** Makes a pipe; undefined where that cannot be. */
export function outputPipe(): OutputPipe | undefined {
  const calls = loadSystemCalls();
  if (calls === undefined) return undefined;
  const { call } = calls;
  const ends = new Int32Array(new ArrayBuffer(128));
  if (call.pipe2(calls.address(new Uint8Array(ends.buffer)), O_CLOEXEC) < 0) return undefined;
  const [readEnd = -1, writeEnd = -1] = ends;
  // Refused to users who have many pipes already: then it is as large as any.
  call.fcntl(readEnd, F_SETPIPE_SZ, pipeBytes);
  return {
    ...{ readEnd, writeEnd },
    closeWriteEnd: () => call.close(writeEnd),
    closeReadEnd: () => call.close(readEnd),
  };
}
