// The channel to a run's other machine: a program that a remote shell starts, a daemon of ours over TLS,
// or whoever the user's own command connects to.

import { type ByteString, ManifoldError, toBytes, toText } from "../../base/index.ts";
import { checkHost, formatWish, loadIdentity, parseAnswer, type Wish } from "../../daemon/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import {
  type Channel,
  connectSecure,
  defaultPort,
  formatPlace,
  type LineChannel,
  lineChannel,
  loopbackPair,
  spawnChannel,
} from "../../transport/index.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { shellCommand } from "./shell-command.ts";

/** How long a daemon may take to answer; it starts a process, and may be busy with others. */
const answerMs = 60_000;

/** Returns the channel on which the run's session begins. Rejects with ManifoldError. */
export async function reachFar(
  options: Options,
  far: FarPlaces,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<Channel> {
  if (far.kind === "shell") {
    const { umask } = surroundings;
    return spawnChannel(shellCommand(options, far), { label: far.host, umask });
  }
  const wish = { kind: "module", name: far.module ?? "" } as const;
  return (await wishOf(options, far, { ...surroundings, signal }, wish)).lines;
}

/** A module as a daemon tells of it. */
export interface ListedModule {
  readonly name: ByteString;
  readonly comment: ByteString;
}

/** Asks a daemon which modules there are for us. Rejects with ManifoldError. */
export async function listModules(
  options: Options,
  far: FarPlaces,
  surroundings: Surroundings,
): Promise<ListedModule[]> {
  const { lines, answer } = await wishOf(options, far, surroundings, { kind: "list" });
  if (!/^\d{1,6}$/.test(answer)) {
    throw new ManifoldError("protocol-data", `${lines.label}: "${answer}" is no count of modules`);
  }
  const modules: ListedModule[] = [];
  for (let left = Number(answer); left > 0; left--) {
    const [name = "", comment = ""] = (await lines.readLine(answerMs)).split("\t");
    modules.push({ name, comment });
  }
  lines.end();
  return modules;
}

async function wishOf(
  options: Options,
  far: FarPlaces,
  around: Surroundings & { readonly signal?: AbortSignal | undefined },
  wish: Wish,
): Promise<{ readonly lines: LineChannel; readonly answer: ByteString }> {
  const { clock, umask } = around;
  const lines =
    far.program === undefined
      ? await secureLines(options, far, around)
      : lineChannel(await startProgram(far.program, far.host, umask), clock);
  try {
    lines.send(toBytes(`${formatWish(wish)}\n`));
    const line = await lines.readLine(answerMs);
    if (line.startsWith("@RSYNCD:")) throw rsyncAnswers(lines.label);
    return { lines, answer: parseAnswer(line, lines.label) };
  } catch (error) {
    lines.destroy();
    throw error;
  }
}

/** Connects to a daemon of ours and makes sure that it is the one that was met before. */
async function secureLines(
  { remote, limits }: Options,
  far: FarPlaces,
  { keys, clock, signal }: Parameters<typeof wishOf>[2],
): Promise<LineChannel> {
  if (keys === undefined) throw new ManifoldError("usage", "This run has no keys to connect with.");
  const port = far.port ?? remote.port ?? defaultPort;
  const host = toText(far.host);
  const channel = await connectSecure({
    host,
    port,
    identity: loadIdentity(keys.files.key),
    ipVersion: remote.ipVersion,
    localAddress: remote.address === undefined ? undefined : toText(remote.address),
    socketOptions: remote.sockopts === undefined ? undefined : toText(remote.sockopts),
    timeoutMs: limits.connectTimeout,
    clock,
    signal,
  });
  try {
    const { knownHosts } = keys.files;
    await checkHost(knownHosts, formatPlace(host, port), channel.peerKey, keys.firstContact);
    return lineChannel(channel, clock);
  } catch (error) {
    channel.destroy();
    throw error;
  }
}

/** Starts what connects: the command is the user's own, for a shell; %H is the host. */
export async function startProgram(
  program: ByteString,
  host: ByteString,
  umask: number,
): Promise<Channel> {
  const command = program.replace(/%(.)/g, (both, letter) =>
    letter === "H" ? host : letter === "%" ? "%" : both,
  );
  // rsync gives such a command one socket as both its standard input and output, and daemons look at who is at its other end.
  const socket = await loopbackPair();
  return spawnChannel(["/bin/sh", "-c", command], { label: toText(host), socket, umask });
}

function rsyncAnswers(label: string): ManifoldError {
  const message = `${label}: an rsync daemon answers, and manifold sends by its own protocol only`;
  return new ManifoldError("not-yet", message, { data: { answers: "rsync" } });
}
