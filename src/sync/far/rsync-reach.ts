// The conversation with an rsync: a daemon over TCP, or a program at the other end of a remote shell; up to the
// point where its file lists begin.

import { type ByteString, fromBytes, ManifoldError, toText } from "../../base/index.ts";
import { FsError, type OperatorLinks, readOwnFile, readStandardInput } from "../../fs/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import {
  type Agreement,
  beginWithDaemon,
  checksumBytes,
  compat,
  encodeArguments,
  type ListTerms,
  PlainReader,
  type PullTerms,
  protocolMax,
  shakeHands,
} from "../../rsync/index.ts";
import {
  type Channel,
  type CountedChannel,
  connectPlain,
  countedChannel,
  lineChannel,
  spawnChannel,
} from "../../transport/index.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { parseProxy, throughProxy } from "./daemon-proxy.ts";
import { startProgram } from "./reach.ts";
import { checksumsOf, compressionWish, modulePaths, shellWords } from "./rsync-arguments.ts";
import { remoteShell } from "./shell-command.ts";

/** Where rsync daemons listen. */
const daemonPort = 873;
/** A remote shell may be asking for a password. */
const shellMs = 600_000;
const daemonMs = 60_000;
const passwordBytesMax = 4096;
/** rsync's number. */
const earlyBytesMax = 5120;
const nothing = new Uint8Array(0);

/** An rsync with which hands have been shaken. */
export interface RsyncPeer {
  readonly reader: PlainReader;
  readonly terms: PullTerms;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  destroy(): void;
}

/** What is asked of it. */
export interface RsyncWish {
  /** The words behind the program, up to the paths. */
  readonly words: readonly ByteString[];
  /** Hears a daemon's message of the day. */
  readonly text: (line: ByteString) => void;
  /** Nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Reaches it. Rejects with ManifoldError. */
export async function reachRsync(
  options: Options,
  far: FarPlaces,
  surroundings: Surroundings,
  wish: RsyncWish,
): Promise<RsyncPeer> {
  const { clock } = surroundings;
  const { words } = wish;
  const protocol = Math.min(options.remote.protocol ?? protocolMax, protocolMax);
  const isShell = far.kind === "shell";
  const channel = isShell
    ? countedChannel(spawnShell(options, far, words, surroundings.umask))
    : countedChannel(await connectDaemon(options, far, surroundings, wish.signal));
  const end = (): void => channel.destroy();
  wish.signal?.addEventListener("abort", end, { once: true });
  if (wish.signal?.aborted) end();
  try {
    let settled: number | undefined;
    let inner: Channel = channel;
    if (!isShell) {
      const lines = lineChannel(channel, clock);
      settled = await beginWithDaemon(lines, {
        module: far.module ?? "",
        protocol,
        credentials: () => credentials(options, far, surroundings),
        early: earlyInput(options),
        text: (line) => options.remote.motd && wish.text(line),
        timeoutMs: options.limits.timeout || daemonMs,
      });
      if (settled === undefined) {
        throw new ManifoldError("start-client", `${channel.label} has ended the conversation`);
      }
      inner = lines;
    }
    const first = isShell ? "" : encodeArguments([...words, ".", ...modulePaths(far)]);
    const reader = new PlainReader(inner, clock);
    const timeoutMs = isShell ? shellMs : daemonMs;
    const compression = compressionWish(options.transfer.compress) ?? "none";
    const checksum = checksumsOf(options.transfer.checksumChoice);
    const opening = { settled, protocol, first, checksum, compression, timeoutMs };
    const agreed = await shakeHands(reader, opening);
    reader.channel.watch(options.limits.timeout);
    return peerOf(channel, reader, { ...agreed, list: listTerms(options, agreed) });
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    wish.signal?.removeEventListener("abort", end);
  }
}

/** Prints nothing, but hears which modules a daemon has. Rejects with ManifoldError. */
export async function listRsyncModules(
  options: Options,
  far: FarPlaces,
  surroundings: Surroundings,
  text: (line: ByteString) => void,
): Promise<void> {
  const { clock } = surroundings;
  const lines = lineChannel(await connectDaemon(options, far, surroundings), clock);
  try {
    await beginWithDaemon(lines, {
      module: undefined,
      protocol: protocolMax,
      credentials: () => credentials(options, far, surroundings),
      early: nothing,
      text,
      timeoutMs: options.limits.timeout || daemonMs,
    });
  } finally {
    lines.destroy();
  }
}

function peerOf(channel: CountedChannel, reader: PlainReader, terms: PullTerms): RsyncPeer {
  return {
    reader,
    terms,
    get bytesSent() {
      return channel.bytesSent;
    },
    get bytesReceived() {
      return channel.bytesReceived;
    },
    destroy: () => channel.destroy(),
  };
}

function spawnShell(
  options: Options,
  far: FarPlaces,
  words: readonly ByteString[],
  umask: number,
): Channel {
  const { rsyncPath: program = "rsync", oldArgs } = options.remote;
  const argv = [
    ...remoteShell(options, far),
    program,
    ...shellWords(words, far.paths, oldArgs > 0),
  ];
  return spawnChannel(argv, { label: toText(far.host), umask });
}

/** The user in front of the host is the daemon's: the remote shell has one in its own words. */
function spawnDaemon(options: Options, far: FarPlaces, umask: number): Channel {
  const host = hostOf(far);
  const program = options.remote.rsyncPath ?? "rsync";
  const words = [...remoteShell(options, { ...far, host }), program, "--server", "--daemon", "."];
  return spawnChannel(words, { label: toText(host), umask });
}

function hostOf({ host }: FarPlaces): ByteString {
  return host.slice(host.lastIndexOf("@") + 1);
}

async function connectDaemon(
  options: Options,
  far: FarPlaces,
  { clock, umask, environment = {} }: Surroundings,
  signal?: AbortSignal,
): Promise<Channel> {
  const { remote, limits } = options;
  if (far.byShell) return spawnDaemon(options, far, umask);
  if (far.program !== undefined) return startProgram(far.program, far.host, umask);
  const daemon = { host: hostOf(far), port: far.port ?? remote.port ?? daemonPort };
  const named = environment.RSYNC_PROXY || undefined;
  const proxy = named === undefined ? undefined : parseProxy(named);
  const channel = await connectPlain({
    host: proxy?.host ?? toText(daemon.host),
    port: proxy?.port ?? daemon.port,
    ipVersion: remote.ipVersion,
    localAddress: remote.address === undefined ? undefined : toText(remote.address),
    socketOptions: remote.sockopts === undefined ? undefined : toText(remote.sockopts),
    timeoutMs: limits.connectTimeout,
    clock,
    signal,
  });
  if (proxy === undefined) return channel;
  try {
    const timeoutMs = limits.connectTimeout || daemonMs;
    return await throughProxy(channel, proxy, daemon, { clock, timeoutMs });
  } catch (error) {
    channel.destroy();
    throw error;
  }
}

function earlyInput({ remote: { earlyInput: path }, links }: Options): Uint8Array {
  return path === undefined ? nothing : readGiven(path, "the early input", earlyBytesMax, links);
}

async function credentials(
  { remote, links }: Options,
  far: FarPlaces,
  { account }: Surroundings,
): Promise<{ user: ByteString; password: ByteString }> {
  const at = far.host.lastIndexOf("@");
  const user = at < 0 ? (account?.user ?? "nobody") : far.host.slice(0, at);
  const password =
    remote.passwordFile === undefined
      ? account?.password
      : readPassword(remote.passwordFile, links);
  if (password !== undefined) return { user, password };
  throw new ManifoldError(
    "start-client",
    `${toText(far.host)} wants a password for ${toText(user)}: give it by --password-file or $RSYNC_PASSWORD`,
  );
}

function readPassword(path: ByteString, links: OperatorLinks): ByteString {
  const [line = ""] = fromBytes(readGiven(path, "the password", passwordBytesMax, links)).split(
    /[\r\n]/,
  );
  return line;
}

/** Reads a file whose content a daemon gets. Throws a usage error. */
function readGiven(
  path: ByteString,
  what: string,
  bytesMax: number,
  links: OperatorLinks,
): Uint8Array {
  try {
    if (path === "-") return readStandardInput();
    const file = readOwnFile(path, bytesMax, links);
    if (file !== undefined) return file.bytes;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot read ${what} in ${toText(path)}: ${error.reason}`;
    throw new ManifoldError("usage", message, { cause: error });
  }
  throw new ManifoldError("usage", `Cannot read ${what} in ${toText(path)}: there is none`);
}

/** Returns what entries carry, by the options and what was agreed upon. */
export function listTerms(
  options: Options,
  { protocol, compat: bits, checksums }: Agreement,
): ListTerms {
  const { preserve, select, walk } = options;
  const has = (bit: number): boolean => (bits & bit) !== 0;
  return {
    protocol,
    varintFlags: has(compat.varintFlags),
    safeListEnd: has(compat.safeListEnd),
    incremental: has(compat.incremental),
    rootNames: has(compat.rootNames),
    owner: preserve.owner,
    group: preserve.group,
    devices: preserve.devices,
    specials: preserve.specials,
    links: preserve.links,
    hardLinks: preserve.hardLinks,
    atimes: preserve.atimes,
    crtimes: preserve.crtimes,
    acls: preserve.acls,
    xattrs: preserve.xattrs > 0,
    numericIds: preserve.numericIds,
    digestBytes: select.checksum ? checksumBytes(checksums.listName) : 0,
    relative: walk.relative,
    missing: walk.missingArgs === "delete",
  };
}
