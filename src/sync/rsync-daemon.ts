// What an rsync daemon's client meets: lines, up to the module that it wants and the arguments of the server that it becomes.

import { type ByteString, ManifoldError, toBytes, toText } from "../base/index.ts";
import {
  type ClientGround,
  type ClientVariables,
  expandModule,
  type Module,
  mayComeFrom,
} from "../daemon/index.ts";
import { type NameConverter, readSmallFile } from "../fs/index.ts";
import {
  agreeOnProtocol,
  formatGreeting,
  formatModule,
  PlainReader,
  protocolMax,
  type UserRight,
} from "../rsync/index.ts";
import type { LineChannel } from "../transport/index.ts";
import { type RsyncService, readArgument, serveRsync } from "./rsync-server.ts";
import { type AuthTerms, authenticate } from "./serving/module-auth.ts";
import { ModuleHooks } from "./serving/module-hooks.ts";

const lineMs = 60_000;
const argumentsMax = 16_000;
const fileBytesMax = 1 << 20;
/** Bytes that a client may send for "early exec": rsync's number. */
const earlyBytesMax = 5120;

/** What serving needs of whoever composes it. */
export interface RsyncDaemonService {
  readonly clock: RsyncService["surroundings"]["clock"];
  /** This process's number, for commands that are told of it. */
  readonly processId: number;
  /** What its environment says of a request (RSYNC_REQUEST): a command that refers to that means this. */
  readonly inherited: ClientVariables;
  /** It is root's until it becomes a module's user. */
  readonly isRoot: boolean;
  /** Becomes the module's user for good. Throws ManifoldError. */
  becomeUser(module: Module): void;
  /** Returns how a client of a module is served, once that user has been become. */
  service(module: Module, guest: GuestTerms): RsyncService;
}

/** What a client of a module has met. */
export interface GuestTerms {
  readonly right: UserRight;
  /** Why it is not served. */
  readonly failure: ManifoldError | undefined;
  /** Who knows names of users and groups; undefined = this machine. */
  readonly names: NameConverter | undefined;
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
  const { wanted, early } = await wish(lines);
  if (wanted === "" || wanted === "#list") {
    for (const module of config.modules) {
      if (module.isListed) send(formatModule(module.name, module.comment));
    }
    log("list", {});
    return await part(lines, "@RSYNCD: EXIT");
  }
  if (wanted.startsWith("#")) return await part(lines, `@ERROR: Unknown command '${wanted}'`);
  const module = config.modules.find(({ name }) => name === wanted);
  const refuse = (says: ByteString, logged = says): Promise<number> => {
    log("refused", { module: toText(wanted), says: toText(logged) });
    return part(lines, `@ERROR: ${says}`);
  };
  if (module === undefined) return await refuse(`Unknown module '${wanted}'`);
  const how = { digests: greeting.digests, isRoot: daemon.isRoot, lineMs };
  const entered = await enter(lines, module, how, ground);
  if ("refusal" in entered) return await refuse(entered.refusal, entered.logged);
  let guest: Guest;
  try {
    guest = guestOf(module, entered, ground, daemon);
    await guest.hooks.early(early);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return await refuse(error.message);
  }
  send("@RSYNCD: OK\n");
  log("enter", { module: toText(wanted), user: toText(entered.user ?? "") });
  const reader = new PlainReader(lines, daemon.clock);
  const exit = await serveGuest(reader, guest, greeting.protocol, daemon);
  log("done", { module: toText(wanted), exit });
  return exit;
}

/** A client that has come in. */
interface Guest {
  readonly module: Module;
  readonly right: UserRight;
  readonly hooks: ModuleHooks;
}

/** Throws a usage error when the module's parameters come to nothing for this client. */
function guestOf(
  named: Module,
  { user, right }: Entered,
  { address, log }: ClientGround,
  { processId, inherited }: RsyncDaemonService,
): Guest {
  const known: ClientVariables = {
    RSYNC_MODULE_NAME: named.name,
    RSYNC_USER_NAME: user ?? "",
    RSYNC_HOST_ADDR: address,
    RSYNC_HOST_NAME: address,
    RSYNC_PID: String(processId),
  };
  const module = expandModule(named, known);
  const variables = { ...known, RSYNC_MODULE_PATH: module.path };
  return { module, right, hooks: new ModuleHooks(module, variables, log, inherited) };
}

async function serveGuest(
  reader: PlainReader,
  { module, right, hooks }: Guest,
  protocol: number,
  daemon: RsyncDaemonService,
): Promise<number> {
  const argv = unescapeOptions(await readArguments(reader));
  let failure: ManifoldError | undefined;
  let names: NameConverter | undefined;
  try {
    // The last things that are done as the user that the daemon is.
    await hooks.before(argv);
    names = hooks.converter();
    daemon.becomeUser(module);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    failure = error;
  }
  const service = daemon.service(module, { right, failure, names });
  const exit = await serveRsync(reader, argv, protocol, service);
  hooks.after(exit);
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

/** Reads which module is wanted, and what is sent ahead for a command. */
async function wish(
  lines: LineChannel,
): Promise<{ readonly wanted: ByteString; readonly early: Uint8Array }> {
  const read = async (): Promise<ByteString> => (await lines.readLine(lineMs)).replace(/\r$/, "");
  const first = await read();
  const [, digits] = /^#early_input=(\d{1,9})$/.exec(first) ?? [];
  if (digits === undefined) return { wanted: first, early: new Uint8Array(0) };
  const count = Number(digits);
  if (count > earlyBytesMax) {
    const message = `${count} bytes come ahead, the limit is ${earlyBytesMax}`;
    throw new ManifoldError("protocol-data", message);
  }
  const early = await lines.readBytes(count, lineMs);
  return { wanted: await read(), early };
}

interface Entered {
  readonly right: UserRight;
  readonly user: ByteString | undefined;
}

/** Returns as whom a client comes in, or with which words it is sent away, and what of that is for the log. */
async function enter(
  lines: LineChannel,
  module: Module,
  how: AuthTerms,
  { address, enter: takePlace }: ClientGround,
): Promise<Entered | { readonly refusal: ByteString; readonly logged: ByteString }> {
  const { name, maxConnections } = module;
  const away = (refusal: ByteString, logged = refusal) => ({ refusal, logged });
  if (!mayComeFrom(module, address)) {
    return away(`access denied to ${name} from ${address} (${address})`);
  }
  const entrant = await authenticate(lines, module, how);
  if ("refusal" in entrant) {
    const { user, refusal } = entrant;
    const logged = `auth failed on module ${name} from ${address} for ${user}: ${refusal}`;
    return away(`auth failed on module ${name}`, logged);
  }
  if (await takePlace(name)) return entrant;
  return away(`max connections (${maxConnections}) reached -- try again later`);
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

/** A client escapes options as for a shell, and there is none; paths stay as they are, their wildcards are for us. */
function unescapeOptions(argv: readonly ByteString[]): ByteString[] {
  const dot = argv.indexOf(".");
  return argv.map((word, at) => (dot < 0 || at < dot ? word.replace(/\\(.)/gs, "$1") : word));
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
