// A real rsync to pull from: a daemon on standard input and output, for $RSYNC_CONNECT_PROG, or over a remote shell that
// runs its command here; and its own configuration.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a place has. */
export interface RsyncPlace {
  /** What the environment of a client has to be. */
  readonly env: Readonly<Record<string, string>>;
  /** A remote shell. */
  readonly shell: string;
  /** The daemon's configuration. */
  readonly config: string;
}

/** Makes a daemon's configuration with a module "m" for `source`, which may be the target, and a remote shell, in a folder. */
export function rsyncPlace(
  folder: string,
  source: string,
  more = "",
  isWritable = false,
): RsyncPlace {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "rsyncd.conf");
  const module = `[m]\npath = ${source}\nread only = ${isWritable ? "no" : "yes"}\ncomment = a module\n${more}`;
  const user = process.geteuid?.() === 0 ? "uid = 0\ngid = 0\n" : "";
  writeFileSync(config, `${user}use chroot = no\nlog file = ${folder}/daemon.log\n${module}`);
  const shell = join(folder, "shell");
  writeFileSync(shell, '#!/bin/sh\nif [ "$1" = -l ]; then shift 2; fi\nshift\nexec sh -c "$*"\n', {
    mode: 0o755,
  });
  return { env: { RSYNC_CONNECT_PROG: `rsync --daemon --config=${config}` }, shell, config };
}
