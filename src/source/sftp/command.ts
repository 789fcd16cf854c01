// The command that connects to an SFTP server: the system's ssh, so that its configuration, agents, jump hosts and hardware keys
// work as they do by hand.

import type { ByteString } from "../../base/index.ts";
import { SourceError } from "../source-error.ts";

/** Whom to call. */
export interface SftpPlace {
  readonly host: ByteString;
  readonly user?: ByteString | undefined;
  readonly port?: number | undefined;
}

/** Returns the words to start. `shell` is ssh with its own options: ["ssh", "-F", "config"]. */
export function sftpCommand(
  shell: readonly ByteString[],
  { host, user, port }: SftpPlace,
): readonly ByteString[] {
  for (const word of [host, user ?? "x"]) {
    // It would be an option.
    if (word === "" || word.startsWith("-"))
      throw new SourceError(
        "refused",
        "The name of the host or user begins with a dash, or is empty",
      );
  }
  return [
    ...shell,
    ...(port === undefined ? [] : ["-p", `${port}`]),
    ...(user === undefined ? [] : ["-l", user]),
    "-s",
    "--",
    host,
    "sftp",
  ];
}
