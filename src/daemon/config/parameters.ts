// The parameters of the configuration: what each is called, what its value may be, and what becomes of
// rsync's parameters that do not work here. This file is a table.

import type { ByteString } from "../../base/index.ts";
import { parseSocketOptions } from "../../transport/index.ts";

/** What a value may be. Reading returns undefined for what it may not. */
export interface ValueType<Value> {
  readonly expects: string;
  read(value: ByteString): Value | undefined;
}

const booleans: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  "1": true,
  no: false,
  false: false,
  "0": false,
};

const flag: ValueType<boolean> = {
  expects: "yes or no",
  read: (value) => booleans[value.toLowerCase()],
};
const text: ValueType<ByteString> = { expects: "text", read: (value) => value };
const path: ValueType<ByteString> = {
  expects: "an absolute path",
  read: (value) => (value.startsWith("/") && !value.includes("\0") ? value : undefined),
};
const words: ValueType<readonly string[]> = {
  expects: "words",
  read: (value) => value.split(/[\s,]+/).filter((word) => word !== ""),
};

function integer(min: number, max: number): ValueType<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    read: (value) => {
      if (!/^-?\d{1,15}$/.test(value)) return undefined;
      const number = Number(value);
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** Options that a server's connections get. */
const socketOptions: ValueType<string> = {
  expects: "TCP_NODELAY and SO_KEEPALIVE, of which any may have =0 or =1",
  read: (value) => {
    try {
      parseSocketOptions(value);
      return value;
    } catch {
      // Whatever it says, no others can be set.
      return undefined;
    }
  },
};

/** Files of keys, or everybody. */
const keys: ValueType<ByteString> = {
  expects: "an absolute path, or *",
  read: (value) => (value === "*" ? value : path.read(value)),
};

/** A day, in seconds and a little more, is longer than any timeout that makes sense. */
const secondsMax = 100_000;

/** Parameters that stand before the first module, or in [global]. */
export const globalParameters = {
  port: integer(1, 65535),
  address: text,
  "key file": path,
  "pid file": path,
  "log file": path,
  "socket options": socketOptions,
  "listen backlog": integer(1, 65535),
} as const;

/** Parameters of a module; before the first one they are the defaults of all. */
export const moduleParameters = {
  path,
  comment: text,
  "read only": flag,
  "write only": flag,
  list: flag,
  uid: text,
  gid: words,
  "max connections": integer(-1, 1_000_000),
  timeout: integer(0, secondsMax),
  "allowed keys": keys,
  "hosts allow": words,
  "hosts deny": words,
  "munge symlinks": flag,
  "numeric ids": flag,
  "fake super": flag,
  "ignore errors": flag,
  "incoming chmod": text,
  "refuse options": words,
  "temp dir": text,
  filter: text,
  include: text,
  exclude: text,
  "include from": path,
  "exclude from": path,
} as const;

/** rsync's parameters that change nothing here, and why: told as a warning. */
export const idleParameters: Readonly<Record<string, string>> = {
  "use chroot": "every file is reached through a directory that is held open, with or without it",
  "daemon chroot": "every file is reached through a directory that is held open",
  "lock file": "connections are counted by the daemon itself",
  "strict modes": "a key file that others can read is always refused",
  "reverse lookup": "names are not looked up",
  "forward lookup": "names are not looked up",
  "syslog facility": "the log is a file or standard error",
  "syslog tag": "the log is a file or standard error",
  "transfer logging": "connections are logged",
  "log format": "log lines have one form",
  "max verbosity": "what a client is told costs the server nothing",
  "motd file": "nothing is told before a transfer",
  "dont compress": "what does not compress is found out by trying",
  "open noatime": "the client's option decides",
};

/** rsync's parameters that somebody may rely on for safety or content, and that do not work here: refused. */
export const refusedParameters: Readonly<Record<string, string>> = {
  "auth users": `clients are known by their keys: use "allowed keys"`,
  "secrets file": `clients are known by their keys: use "allowed keys"`,
  "auth digest": `clients are known by their keys: use "allowed keys"`,
  "proxy protocol": "a client's address is that of its connection",
  "proxy protocol hosts": "a client's address is that of its connection",
  "name converter": "no programs are run for clients",
  "early exec": "no programs are run for clients",
  "pre-xfer exec": "no programs are run for clients",
  "post-xfer exec": "no programs are run for clients",
  "insecure links": "links never lead out of a module",
  "ignore nonreadable": "what cannot be read is told",
  "outgoing chmod": "modes are changed where files are written: clients have --chmod",
  charset: "names are bytes and stay as they are",
  "daemon uid": "the service manager chooses the daemon's user; a module has its own",
  "daemon gid": "the service manager chooses the daemon's group; a module has its own",
};
