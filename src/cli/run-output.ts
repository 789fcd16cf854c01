// Where a reporter's bytes go: the standard streams, the log file, the file of --json.

import { type ByteString, ManifoldError, systemClock, toText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { closeDescriptor, openForWriting, writeDescriptor } from "../sync/index.ts";
import type { Output } from "./output/index.ts";

/** Opens what the options name. Throws ManifoldError; `close` ends the files. */
export function openOutput(options: Options): Output & { close(): void } {
  const { logFile, json } = options.output;
  const log = logFile === undefined ? undefined : open(logFile, true, "log file");
  const events = json?.file === undefined ? undefined : open(json.file, false, "event file");
  return {
    stdout: descriptorWriter(1),
    stderr: descriptorWriter(2),
    log: descriptorWriter(log),
    json: descriptorWriter(events),
    isTerminal: process.stdout.isTTY === true,
    get columns(): number {
      return process.stdout.columns ?? 80;
    },
    clock: systemClock,
    pid: process.pid,
    close: () => {
      if (log !== undefined) closeDescriptor(log);
      if (events !== undefined) closeDescriptor(events);
    },
  };
}

/** Writes until the reader has gone; a sync goes on without listeners. */
function descriptorWriter(descriptor: number | undefined): (bytes: Uint8Array) => void {
  let listening = descriptor !== undefined;
  return (bytes) => {
    if (listening && descriptor !== undefined) listening = writeDescriptor(descriptor, bytes);
  };
}

function open(path: ByteString, append: boolean, what: string): number {
  try {
    return openForWriting(path, append);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ManifoldError("io-start", `Cannot open the ${what} "${toText(path)}": ${reason}`, {
      cause: error,
    });
  }
}
