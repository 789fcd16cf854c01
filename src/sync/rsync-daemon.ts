// What an rsync daemon's client meets: lines, up to the module that it wants and the arguments of the server that it becomes.

import { type ByteString, ManifoldError, toBytes, toText } from "../base/index.ts";
import { type ClientGround, type Module, mayComeFrom } from "../daemon/index.ts";
import { openAccounts, readOwnFile, readSmallFile } from "../fs/index.ts";
import { secretBytes } from "../hash/index.ts";
import {
  agreeOnProtocol,
  checkUser,
  chooseAuthDigest,
  formatGreeting,
  formatModule,
  PlainReader,
  protocolMax,
  type UserRight,
} from "../rsync/index.ts";
import type { LineChannel } from "../transport/index.ts";
import { matchesPattern } from "../tree/index.ts";
import { type RsyncService, readArgument, serveRsync } from "./rsync-server.ts";

/** Whoever wrote these relies on them: a module that has one is not served without it. */
const notThere = [
  ...["early exec", "pre-xfer exec", "post-xfer exec", "name converter", "outgoing chmod"],
] as const;
const lineMs = 60_000;
const argumentsMax = 16_000;
const fileBytesMax = 1 << 20;

/** What serving needs of whoever composes it. */
export interface RsyncDaemonService {
  readonly clock: RsyncService["surroundings"]["clock"];
  /** Becomes the module's user for good. Throws ManifoldError. */
  becomeUser(module: Module): void;
  /** Returns how a client of a module is served, once that user has been become. */
  service(module: Module, right: UserRight, client: RsyncClient): RsyncService;
}

/** Who is served. */
export interface RsyncClient {
  readonly address: string;
  /** Undefined where nobody had to say. */
  readonly user: ByteString | undefined;
  readonly argv: readonly ByteString[];
}

/** Answers a client whose first line has come, and resolves to the exit status. Rejects with what is a bug. */
export async function answerRsync(
  lines: LineChannel,
  first: ByteString,
  ground: ClientGround,
  daemon: RsyncDaemonService,
): Promise<number> {
  const { config, log } = ground;
  const send = (text: ByteString): void => lines.send(toBytes(text));
  send(formatGreeting() + motd(config.modules));
  const greeting = readGreeting(first);
  if ("refusal" in greeting) return await part(lines, greeting.refusal);
  const wanted = await wish(lines);
  if (wanted === "" || wanted === "#list") {
    for (const module of config.modules) {
      if (module.isListed) send(formatModule(module.name, module.comment));
    }
    log("list", {});
    return await part(lines, "@RSYNCD: EXIT");
  }
  if (wanted.startsWith("#")) return await part(lines, `@ERROR: Unknown command '${wanted}'`);
  const module = config.modules.find(({ name }) => name === wanted);
  if (module === undefined) {
    log("refused", { module: toText(wanted) });
    return await part(lines, `@ERROR: Unknown module '${wanted}'`);
  }
  const missing = notThere.find((name) => (module.rsync[name] ?? "").trim() !== "");
  if (missing !== undefined) {
    log("refused", { module: toText(wanted), says: `"${missing}" is not available yet` });
    return await part(lines, `@ERROR: module ${wanted} needs "${missing}", which is not available`);
  }
  const entered = await enter(lines, module, greeting.digests, ground);
  if (typeof entered === "string") {
    log("refused", { module: toText(wanted), says: toText(entered) });
    return await part(lines, entered);
  }
  try {
    daemon.becomeUser(module);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    log("refused", { module: toText(wanted), says: error.message });
    return await part(lines, "@ERROR: invalid uid or gid setting");
  }
  send("@RSYNCD: OK\n");
  const reader = new PlainReader(lines, daemon.clock);
  const argv = await readArguments(reader);
  const client = { address: ground.address, user: entered.user, argv };
  const service = daemon.service(module, entered.right, client);
  log("enter", { module: toText(wanted), user: toText(entered.user ?? "") });
  const exit = await serveRsync(reader, argv, greeting.protocol, service);
  log("done", { module: toText(wanted), exit });
  return exit;
}

/** What is told before anything else; how it is read is the business of whoever reads lines. */
function motd(modules: readonly Module[]): ByteString {
  const path = modules.find(({ rsync }) => rsync["motd file"] !== undefined)?.rsync["motd file"];
  if (path === undefined) return "";
  try {
    const file = readSmallFile(path, fileBytesMax);
    return file === undefined ? "" : `${Buffer.from(file.bytes).toString("latin1")}\n`;
  } catch {
    // A message that cannot be read is none.
    return "";
  }
}

type ClientGreeting =
  | { readonly protocol: number; readonly digests: readonly string[] | undefined }
  | { readonly refusal: ByteString };

function readGreeting(line: ByteString): ClientGreeting {
  const form = /^@RSYNCD: (\d{1,4})(?:\.(\d{1,4}))?((?: [!-~]{1,32}){0,32}) *\r?$/;
  const [, major, minor, names = ""] = form.exec(line) ?? [];
  if (major === undefined) return { refusal: "@ERROR: protocol startup error" };
  const version = Number(major);
  if (version >= 30 && minor === undefined) {
    return { refusal: `@ERROR: your client omitted the subprotocol value: ${line}` };
  }
  if (version >= 32 && names === "") {
    return { refusal: `@ERROR: your client omitted the digest name list: ${line}` };
  }
  try {
    const theirs = version - (Number(minor ?? 0) > 0 ? 1 : 0);
    const protocol = agreeOnProtocol(theirs, protocolMax, "the client");
    return { protocol, digests: names === "" ? undefined : names.trim().split(" ") };
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return { refusal: `@ERROR: ${error.message}` };
  }
}

/** Reads which module is wanted. */
async function wish(lines: LineChannel): Promise<ByteString> {
  return (await lines.readLine(lineMs)).replace(/\r$/, "");
}

interface Entered {
  readonly right: UserRight;
  readonly user: ByteString | undefined;
}

/** Returns as whom a client comes in, or the line with which it is sent away. */
async function enter(
  lines: LineChannel,
  module: Module,
  digests: readonly string[] | undefined,
  { address, enter: takePlace }: ClientGround,
): Promise<Entered | ByteString> {
  const { name, maxConnections } = module;
  if (!mayComeFrom(module, address)) {
    return `@ERROR: access denied to ${name} from ${address} (${address})`;
  }
  const entered = await authenticate(lines, module, digests);
  if (entered === undefined) return `@ERROR: auth failed on module ${name}`;
  if (await takePlace(name)) return entered;
  return maxConnections < 0
    ? `@ERROR: max connections (${maxConnections}) reached -- try again later`
    : `@ERROR: max connections (${maxConnections}) reached -- try again later`;
}

async function authenticate(
  lines: LineChannel,
  { rsync }: Module,
  digests: readonly string[] | undefined,
): Promise<Entered | undefined> {
  const users = rsync["auth users"];
  if (users === undefined || users.trim() === "") return { right: undefined, user: undefined };
  const secrets = readSecrets(rsync["secrets file"], rsync["strict modes"] !== "no");
  const digest = chooseAuthDigest(digests, "the client");
  const challenge = Buffer.from(secretBytes(24)).toString("base64").replace(/=+$/, "");
  lines.send(toBytes(`@RSYNCD: AUTHREQD ${challenge}\n`));
  const line = (await lines.readLine(lineMs)).replace(/\r$/, "");
  const at = line.indexOf(" ");
  if (at < 1 || secrets === undefined) return undefined;
  const user = line.slice(0, at);
  const answer = { user, response: line.slice(at + 1), challenge, digest };
  const checked = checkUser(users, secrets, answer, {
    groupsOf,
    matches: (pattern, text) => matchesPattern(pattern, text),
  });
  return checked && { right: checked.right, user };
}

/** Returns the names of the groups that a user is in. */
function groupsOf(user: ByteString): ByteString[] {
  const accounts = openAccounts();
  const uid = accounts.userId(user);
  const primary = uid === undefined ? undefined : accounts.primaryGroup(uid);
  const own = primary === undefined ? undefined : accounts.groupName(primary);
  const groups = own === undefined ? [] : [own];
  const file = readSmallFile("/etc/group", fileBytesMax);
  for (const line of Buffer.from(file?.bytes ?? [])
    .toString("latin1")
    .split("\n")) {
    const [name = "", , , members = ""] = line.split(":");
    if (members.split(",").includes(user)) groups.push(name);
  }
  return groups;
}

/** A file that others can read keeps no secrets, nor does one to which somebody else's link leads. */
function readSecrets(path: ByteString | undefined, isStrict: boolean): ByteString | undefined {
  if (path === undefined) return undefined;
  try {
    const file = readOwnFile(path, fileBytesMax);
    if (file === undefined) return undefined;
    const isOpen = (file.mode & 0o006) !== 0;
    return isStrict && isOpen ? undefined : Buffer.from(file.bytes).toString("latin1");
  } catch {
    // Whatever keeps us from reading it keeps everybody out.
    return undefined;
  }
}

async function readArguments(reader: PlainReader): Promise<ByteString[]> {
  const argv: ByteString[] = [];
  for (;;) {
    const word = await readArgument(reader, lineMs);
    if (word === "") return argv;
    if (argv.length >= argumentsMax) {
      throw new ManifoldError("protocol-data", "There are too many arguments");
    }
    argv.push(word);
  }
}

/** Says the last line, and resolves to the exit status when the connection is over. */
function part(lines: LineChannel, line: ByteString): Promise<number> {
  const exit = line === "@RSYNCD: EXIT" ? 0 : 5;
  return new Promise((resolve) => {
    lines.listen({
      data: () => undefined,
      drained: () => undefined,
      closed: () => resolve(exit),
    });
    lines.send(toBytes(`${line}\n`), () => {
      lines.end();
      resolve(exit);
    });
  });
}
