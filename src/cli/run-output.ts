// Where a reporter's bytes go: the standard streams, the log file, the file of --json.

import {
  type ByteString,
  errno,
  ManifoldError,
  systemClock,
  toBytes,
  toText,
} from "../base/index.ts";
import type { Options, Personality } from "../options/index.ts";
import {
  closeDescriptor,
  FsError,
  isNoTerminal,
  openForWriting,
  writeDescriptor,
} from "../sync/index.ts";
import type { Output } from "./output/index.ts";
import { unwritten } from "./write-text.ts";

/** The output of a run, with what became of it. */
export interface RunOutput extends Output {
  /** What could not be written, as an error; undefined when all was, or its reader had gone. */
  refusal(): ManifoldError | undefined;
  /** Ends the files. */
  close(): void;
}

/** Opens what the options name. Throws ManifoldError. */
export function openOutput(options: Options): RunOutput {
  const { output, links, personality } = options;
  const { logFile, json } = output;
  const streams = [
    new Stream(1, "standard output"),
    new Stream(2, "standard error"),
    logFile === undefined ? undefined : openLog(logFile, links, personality),
    json?.file === undefined ? undefined : openStream(json.file, false, links, "event file"),
  ] as const;
  const [stdout, stderr, log, events] = streams;
  return {
    stdout: (bytes) => stdout.write(bytes),
    stderr: (bytes) => stderr.write(bytes),
    log: (bytes) => log?.write(bytes),
    json: (bytes) => events?.write(bytes),
    isTerminal: !isNoTerminal(1) && process.stdout.isTTY === true,
    get columns(): number {
      return process.stdout.columns ?? 80;
    },
    clock: systemClock,
    pid: process.pid,
    refusal: () => streams.map((stream) => stream?.refusal).find((found) => found !== undefined),
    close: () => {
      log?.close();
      events?.close();
    },
  };
}

/** A descriptor that is written to until it takes no more; a sync goes on without listeners. */
class Stream {
  readonly #descriptor: number;
  readonly #name: string;
  #errno = 0;

  constructor(descriptor: number, name: string) {
    this.#descriptor = descriptor;
    this.#name = name;
  }

  write(bytes: Uint8Array): void {
    if (this.#errno === 0) this.#errno = writeDescriptor(this.#descriptor, bytes);
  }

  /** A reader who has gone (`| head`) has seen enough; anything else was wanted and is missing. */
  get refusal(): ManifoldError | undefined {
    if (this.#errno === 0 || this.#errno === errno.EPIPE) return undefined;
    return unwritten(this.#name, this.#errno);
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }
}

/** rsync goes on without the log that it cannot open. */
function openLog(
  path: ByteString,
  links: Options["links"],
  personality: Personality,
): Stream | undefined {
  try {
    return openStream(path, true, links, "log file");
  } catch (error) {
    const cause = error instanceof ManifoldError ? error.cause : undefined;
    if (personality === "manifold" || !(cause instanceof FsError)) throw error;
    const line = `rsync: [client] failed to open log-file ${path}: ${cause.reason} (${cause.errno})\n`;
    writeDescriptor(2, toBytes(line));
    return undefined;
  }
}

function openStream(
  path: ByteString,
  append: boolean,
  links: Options["links"],
  what: string,
): Stream {
  const name = `the ${what} "${toText(path)}"`;
  try {
    return new Stream(openForWriting(path, append, links), name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("io-start", `Cannot open ${name}: ${error.reason}`, { cause: error });
  }
}
