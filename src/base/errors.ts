// The one error class and the one table of codes.
//
// Three kinds of trouble exist (CONTRIBUTING.md, "Errors"): a bug asserts; what stops the run
// throws a ManifoldError with a code from this table; what concerns one path is a Problem value
// on the progress stream and never an exception past the stage that met it.

/** Every code a ManifoldError can carry, its exit status (rsync's numbers) and what it means. */
export const errorTable = {
  usage: { exit: 1, says: "the command line is wrong" },
  "protocol-version": { exit: 2, says: "the two ends have no protocol version in common" },
  unsupported: { exit: 4, says: "the run asks for something that this build cannot do" },
  "not-yet": { exit: 4, says: "the option waits for a capability that manifold does not have yet" },
  "start-client": { exit: 5, says: "the program that connects to the other end could not do so" },
  "socket-io": { exit: 10, says: "a connection broke" },
  "connect-timeout": { exit: 35, says: "a connection could not be made in time" },
  "message-io": { exit: 13, says: "standard output or a log could not be written" },
  "protocol-data": { exit: 12, says: "a peer or a file sent bytes that break its format" },
  "not-manifold": { exit: 2, says: "what answers there does not speak manifold's protocol" },
  "connection-lost": { exit: 12, says: "the connection to a peer broke off" },
  "remote-start": { exit: 14, says: "the program that connects to the other end did not start" },
  "remote-missing": { exit: 127, says: "the other machine could not run manifold" },
  "remote-failed": { exit: 255, says: "the remote shell failed" },
  "changeset-invalid": { exit: 12, says: "a changeset or listing breaks its format" },
  "file-select": { exit: 3, says: "a file named on the command line cannot be used" },
  "io-start": { exit: 11, says: "a file or directory the run needs cannot be opened or made" },
  "disk-full": { exit: 11, says: "the target has no space left" },
  "target-io": { exit: 11, says: "the target reported an input/output error" },
  partial: { exit: 23, says: "some files could not be transferred" },
  vanished: { exit: 24, says: "source files vanished before they could be transferred" },
  "delete-limit": { exit: 25, says: "--max-delete stopped deletions" },
  signal: { exit: 20, says: "a signal stopped the run" },
  timeout: { exit: 30, says: "a time limit stopped the run" },
  lane: { exit: 14, says: "a worker thread died" },
  memory: { exit: 22, says: "a worker thread ran out of memory" },
} as const;

/** A key of the error table. */
export type ErrorCode = keyof typeof errorTable;

/** What stops a run: a code from the table, a sentence with subject, reason and numbers. */
export class ManifoldError extends Error {
  readonly code: ErrorCode;
  /** Facts for programs: path, offset, field, limit... */
  readonly data: Readonly<Record<string, string | number>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; data?: Record<string, string | number> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ManifoldError";
    this.code = code;
    this.data = options.data ?? {};
  }

  /** The exit status that the table gives this error's code. */
  get exit(): number {
    return errorTable[this.code].exit;
  }
}
