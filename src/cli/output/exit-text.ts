// Exit statuses in words: rsync's sentence for each, the place its error line names (scripts match
// the whole line), and manifold's own meaning.

/** One row: [rsync's sentence, "file(line) [role]" of rsync 3.5.0, manifold's meaning]. */
type Row = readonly [says: string, place: string, means: string];

const atEnd = "main.c(1394) [sender=3.5.0]";

const rows = new Map<number, Row>([
  [1, ["syntax or usage error", "main.c(1886) [client=3.5.0]", "the command line is wrong"]],
  [
    2,
    [
      "protocol incompatibility",
      "compat.c(620) [sender=3.5.0]",
      "the other end speaks another protocol",
    ],
  ],
  [
    3,
    [
      "errors selecting input/output files, dirs",
      "main.c(768) [Receiver=3.5.0]",
      "a file or directory named on the command line cannot be used",
    ],
  ],
  [
    4,
    ["requested action not supported", "main.c(1886) [client=3.5.0]", "that is not possible here"],
  ],
  [
    5,
    [
      "error starting client-server protocol",
      "main.c(1966) [client=3.5.0]",
      "the conversation with the server could not be started",
    ],
  ],
  [10, ["error in socket IO", "io.c(930) [sender=3.5.0]", "the connection failed"]],
  [
    11,
    [
      "error in file IO",
      "receiver.c(657) [receiver=3.5.0]",
      "the disk is full or failed; nothing that was there is lost",
    ],
  ],
  [
    12,
    [
      "error in rsync protocol data stream",
      "io.c(232) [sender=3.5.0]",
      "the data broke off or is damaged",
    ],
  ],
  [
    13,
    [
      "errors with program diagnostics",
      "log.c(320) [sender=3.5.0]",
      "messages could not be written",
    ],
  ],
  [14, ["error in IPC code", "pipe.c(85) [sender=3.5.0]", "a worker died"]],
  [15, ["sibling process crashed", atEnd, "a worker crashed"]],
  [16, ["sibling process terminated abnormally", atEnd, "a worker ended unexpectedly"]],
  [19, ["received SIGUSR1", "main.c(1660) [sender=3.5.0]", "a signal stopped the run"]],
  [
    20,
    [
      "received SIGINT, SIGTERM, or SIGHUP",
      "rsync.c(874) [sender=3.5.0]",
      "a signal stopped the run",
    ],
  ],
  [21, ["waitpid() failed", atEnd, "a child process could not be waited for"]],
  [22, ["error allocating core memory buffers", "util2.c(80) [sender=3.5.0]", "out of memory"]],
  [
    23,
    [
      "some files/attrs were not transferred (see previous errors)",
      atEnd,
      "some files or attributes were not transferred",
    ],
  ],
  [
    24,
    [
      "some files vanished before they could be transferred",
      atEnd,
      "some source files vanished before they could be transferred",
    ],
  ],
  [25, ["the --max-delete limit stopped deletions", atEnd, "--max-delete stopped deletions"]],
  [
    30,
    ["timeout in data send/receive", "io.c(197) [sender=3.5.0]", "a time limit stopped the run"],
  ],
  [
    35,
    [
      "timeout waiting for daemon connection",
      "socket.c(280) [client=3.5.0]",
      "the server did not answer in time",
    ],
  ],
  [124, ["remote shell failed", "io.c(232) [sender=3.5.0]", "the remote shell failed"]],
  [125, ["remote shell killed", "io.c(232) [sender=3.5.0]", "the remote shell was killed"]],
  [
    126,
    [
      "remote command could not be run",
      "io.c(232) [sender=3.5.0]",
      "the remote command could not be run",
    ],
  ],
  [
    127,
    ["remote command not found", "io.c(232) [sender=3.5.0]", "the remote command was not found"],
  ],
]);

/**
 * Returns rsync's last line for an exit status other than 0, as told by the process `role` (undefined = the one that
 * usually tells it). Vanished files are a warning only.
 */
export function rsyncExitLine(exit: number, role?: string): string {
  const [says, usualPlace] = rows.get(exit) ?? ["unexplained error", atEnd];
  const place = role === undefined ? usualPlace : usualPlace.replace(/\w+(?==)/, role);
  return `rsync ${exit === 24 ? "warning" : "error"}: ${says} (code ${exit}) at ${place}`;
}

/** Returns what an exit status means, as half a sentence. */
export function exitMeaning(exit: number): string {
  if (exit === 0) return "everything was done";
  return rows.get(exit)?.[2] ?? "something went wrong";
}
