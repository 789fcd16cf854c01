// $RSYNC_PROXY: a web proxy that leads to daemons, as rsync's clients use one (rsync(1)): [USER:PASSWORD@]HOST:PORT.

import { type ByteString, type Clock, ManifoldError, toBytes, toText } from "../../base/index.ts";
import { type Channel, lineChannel } from "../../transport/index.ts";

/** Lines ahead of the conversation. Arbitrary. */
const headLinesMax = 100;

/** Such a proxy. */
export interface DaemonProxy {
  readonly host: string;
  readonly port: number;
  /** What is in front of the host: a user and a password. */
  readonly credentials: ByteString | undefined;
}

/** Reads the variable. Throws a usage error, which does not show a password. */
export function parseProxy(text: string): DaemonProxy {
  const at = text.lastIndexOf("@");
  const [, host = "", digits = ""] = /^\[?([^\s\]]+?)\]?:(\d{1,5})$/.exec(text.slice(at + 1)) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > 65_535) {
    throw new ManifoldError("usage", "invalid proxy specification: should be HOST:PORT");
  }
  const credentials = at < 0 ? undefined : text.slice(0, at);
  return { host, port, credentials };
}

/** Has the proxy lead to a daemon, and returns the conversation with that. Rejects with ManifoldError. */
export async function throughProxy(
  channel: Channel,
  { credentials }: DaemonProxy,
  daemon: { readonly host: ByteString; readonly port: number },
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<Channel> {
  const { host, port } = daemon;
  // What follows a line end would be a line of its own.
  if (/[\s\0]/.test(host)) {
    throw new ManifoldError("usage", "A host's name with blanks or line ends is told to no proxy");
  }
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const lines = lineChannel(channel, clock);
  const login =
    credentials === undefined
      ? ""
      : `Proxy-Authorization: Basic ${Buffer.from(credentials, "utf8").toString("base64")}\r\n`;
  lines.send(toBytes(`CONNECT ${place} HTTP/1.0\r\n${login}\r\n`));
  const answer = await lines.readLine(timeoutMs);
  if (!/^HTTP\/\S+ 2\d\d(?:\s|$)/.test(answer)) {
    const says = toText(answer.trim().replace(/[^ -~]/g, "?"));
    throw new ManifoldError("socket-io", `bad response from proxy ${channel.label} -- ${says}`);
  }
  for (let count = 0; count < headLinesMax; count++) {
    const line = await lines.readLine(timeoutMs);
    if (line === "" || line === "\r") return lines;
  }
  const message = `proxy ${channel.label} sends more than ${headLinesMax} lines ahead`;
  throw new ManifoldError("protocol-data", message);
}
