// What an rsync client finds at the other end when manifold is there: rsync's server, in either direction, over whatever leads to
// it (a remote shell, or a daemon that has let the client in).

import { type ByteString, type Clock, ManifoldError } from "../base/index.ts";
import { secretBytes } from "../hash/index.ts";
import { type Options, parseServer, readServerWords, type ServerWords } from "../options/index.ts";
import {
  type Agreement,
  type ChosenChecksums,
  FrameSender,
  PlainReader,
  protocolMax,
  sayFailure,
  shakeHandsAsServer,
  shortage,
  tag,
} from "../rsync/index.ts";
import type { Channel } from "../transport/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import { expandPlaces } from "./far/expand-places.ts";
import { asksForRules, maySendIncrementally } from "./far/push-arguments.ts";
import { checksumsOf, compressionWish, unavailableOption } from "./far/rsync-arguments.ts";
import { listTerms } from "./far/rsync-reach.ts";
import { ServerTexts } from "./far/server-texts.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { RsyncReceiver, type ServerVoice } from "./rsync-receiver.ts";
import { RsyncSender } from "./rsync-sender.ts";
import { insideModule, listInside, listWords } from "./serving/module-paths.ts";

/** A remote shell may be slow, and so may a person who types a password. */
const helloMs = 600_000;
const argumentsMax = 16_000;
/** The protocol from which on silence can be spoken of. */
const tellsTimeout = 31;
/** A client may still be sending when it is refused: what is not read would undo what it was told. Arbitrary. */
const partingMs = 300;

/** How an rsync client is served. */
export interface RsyncService {
  readonly surroundings: Surroundings;
  readonly voice: ServerVoice;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** Options that the client may not give, as "refuse options" has them; undefined = it may do all that we may. */
  readonly refused: readonly ByteString[] | undefined;
  /** Options that hold whatever the client gave. */
  words(isSender: boolean): readonly ByteString[];
  /** Wildcards in paths are for us, and paths are those of a module of this name. */
  readonly module: ByteString | undefined;
  /** Filter rules ahead of the client's own. */
  began(role: "source" | "target", paths: readonly ByteString[]): void;
  /** The longest silence that is borne, in milliseconds; 0 = what the client says. */
  readonly timeoutMs: number;
  /** Why nothing happens. */
  readonly failure?: ManifoldError | undefined;
  readonly stopped?: AbortSignal | undefined;
}

/** The names in a list that lies in a module, a NUL behind each. */
type Listed = Uint8Array | undefined;

/** Serves whoever started this process with a pipe, and resolves to the exit status. Rejects with what is a bug. */
export async function serveRsyncPipe(
  channel: Channel,
  clock: Clock,
  argv: readonly ByteString[],
  service: RsyncService,
): Promise<number> {
  try {
    return await serveRsync(new PlainReader(channel, clock), argv, undefined, service);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    channel.destroy();
    return error.exit;
  }
}

/** Serves one run and resolves to the exit status. `settled`: the protocol that a daemon's lines have come to. Rejects with what is a bug. */
export async function serveRsync(
  reader: PlainReader,
  argv: readonly ByteString[],
  settled: number | undefined,
  service: RsyncService,
): Promise<number> {
  const words = await allWords(reader, argv);
  const asked = service.failure ?? optionsOf(words, service);
  const isAccepted = !(asked instanceof ManifoldError);
  // The client goes by its own words until it is told that they are refused.
  const options = isAccepted ? asked : saidOptions(words, service);
  const agreed = await shakeHandsAsServer(reader, {
    settled,
    protocol: Math.min(options?.remote.protocol ?? protocolMax, protocolMax),
    word: words.capabilities,
    mayBeIncremental: words.isSender && isAccepted && maySendIncrementally(asked),
    checksum: toldChecksums(options),
    compression:
      options === undefined ? "none" : (compressionWish(options.transfer.compress) ?? "none"),
    seed: options?.transfer.checksumSeed || newSeed(),
    timeoutMs: helloMs,
  });
  let listed: Listed;
  try {
    if (service.failure !== undefined) throw service.failure;
    if (asked instanceof ManifoldError) throw asked;
    check(asked, words, service);
    if (words.isSender) listed = listInside(asked, service.surroundings);
    service.began(words.isSender ? "source" : "target", words.paths);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return await refuse(reader, agreed, error, service.surroundings.clock);
  }
  reader.channel.watch(service.timeoutMs || options?.limits.timeout || 0);
  if (service.timeoutMs > 0) tellTimeout(reader, agreed.protocol, service.timeoutMs);
  try {
    return words.isSender
      ? await send(reader, asked as Options, agreed, { ...service, listed })
      : await receive(reader, asked as Options, agreed, service);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return error.exit;
  }
}

/** Whoever has chosen one tells no names, also where it is one that is refused in a moment. */
function toldChecksums(options: Options | undefined): ChosenChecksums | undefined {
  const choice = options?.transfer.checksumChoice;
  return choice && (checksumsOf(choice) ?? ["md5", "md5"]);
}

/** A client that would be silent for longer hears how long it may. */
function tellTimeout(reader: PlainReader, protocol: number, timeoutMs: number): void {
  if (protocol < tellsTimeout) return;
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setInt32(0, Math.ceil(timeoutMs / 1000), true);
  new FrameSender(reader.channel).message(tag.ioTimeout, payload);
}

function check(options: Options, { isSender }: ServerWords, service: RsyncService): void {
  if (!isSender && !service.mayWrite) throw denied("ERROR: module is read only");
  if (isSender && !service.mayRead) throw denied("ERROR: module is write only");
  const unavailable = unavailableOption(options, isSender);
  if (unavailable === undefined) return;
  throw new ManifoldError("not-yet", `${unavailable} is not available yet with rsync's protocol`);
}

function denied(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}

/** With --secluded-args most of the words come over the wire, ahead of everything else. */
async function allWords(reader: PlainReader, argv: readonly ByteString[]): Promise<ServerWords> {
  const words = readServerWords(argv);
  if (!words.isSecluded) return words;
  const more: ByteString[] = [];
  for (;;) {
    const word = await readArgument(reader, helloMs);
    if (word === "") break;
    if (more.length >= argumentsMax) {
      throw new ManifoldError("protocol-data", "There are too many arguments");
    }
    more.push(word);
  }
  // The first one is a name for a program.
  const rest = readServerWords(more.slice(1));
  return { ...words, words: [...words.words, ...rest.words], paths: rest.paths };
}

/** Reads an argument up to its NUL. */
export function readArgument(reader: PlainReader, timeoutMs: number): Promise<ByteString> {
  return reader.read((cursor) => {
    let end = cursor.at;
    while (end < cursor.end && cursor.bytes[end] !== 0) end++;
    if (end === cursor.end) throw shortage;
    const word = cursor.string("an argument", end - cursor.at, 5119);
    cursor.byte();
    return word;
  }, timeoutMs);
}

/** Returns the options of the run, or why there is none. */
function optionsOf(asked: ServerWords, service: RsyncService): Options | ManifoldError {
  const { words, isSender, isSecluded } = asked;
  const { module, refused, surroundings } = service;
  const ownWords = service.words(isSender);
  try {
    const paths = module === undefined ? asked.paths : insideModule(asked.paths, module);
    const request = { words: listWords(words), ownWords, isSender, paths, refused };
    const options = parseServer(request, surroundings.clock);
    if (module === undefined && !isSecluded) return options;
    const fs = openDoor(surroundings);
    const { relative } = options.walk;
    const how = { fs, expansion: "wildcards", relative, home: undefined } as const;
    const found = expandPlaces(paths, how);
    return isSender ? { ...options, sources: found } : { ...options, target: found[0] };
  } catch (error) {
    if (error instanceof ManifoldError) return error;
    throw error;
  }
}

/** Returns what a client's words say, whoever may say it; undefined = nothing. */
function saidOptions(
  { words, isSender, paths }: ServerWords,
  { surroundings }: RsyncService,
): Options | undefined {
  try {
    const request = { words, ownWords: [], isSender, paths, refused: undefined };
    return parseServer(request, surroundings.clock);
  } catch (error) {
    if (error instanceof ManifoldError) return undefined;
    throw error;
  }
}

function newSeed(): number {
  const seed = new DataView(secretBytes(4).buffer).getInt32(0, true);
  return seed === 0 ? 1 : seed;
}

/** Tells the client why there is no run, and waits until it has gone. */
function refuse(
  reader: PlainReader,
  { protocol }: Agreement,
  error: ManifoldError,
  clock: Clock,
): Promise<number> {
  const frames = new FrameSender(reader.channel);
  return new Promise((resolve) => {
    reader.listen({
      data: () => undefined,
      drained: () => undefined,
      closed: () => resolve(error.exit),
    });
    sayFailure(frames, `${error.message}\n`, error.exit, protocol, () => {
      reader.channel.end();
      clock.after(partingMs, () => resolve(error.exit));
    });
  });
}

async function send(
  reader: PlainReader,
  asked: Options,
  agreed: Agreement,
  { surroundings, voice, stopped, listed }: RsyncService & { readonly listed: Listed },
): Promise<number> {
  const texts = new ServerTexts({ lines: (event) => voice.lines(event, asked) });
  const options =
    listed === undefined
      ? asked
      : { ...asked, walk: { ...asked.walk, filesFrom: "-", from0: true } };
  const sender = new RsyncSender(
    options,
    {
      ...surroundings,
      links: options.links,
      cache: undefined,
      ...(listed && { readStandardInput: () => listed }),
    },
    {
      tell: (event: ProgressEvent) => texts.tell(event),
      text: () => undefined,
      connected: (frames) => texts.connect(frames),
    },
  );
  stopped?.addEventListener("abort", () => sender.cancel(stopped.reason));
  const list = listTerms(options, agreed);
  const { dryRun, append } = options.transfer;
  const readsNames = options.walk.filesFrom === "-" && listed === undefined;
  const ways = { dryRun, append, isServer: true, readsRules: true, readsNames };
  await sender.run(reader, { ...agreed, list, ...ways }, undefined);
  return texts.exit;
}

async function receive(
  reader: PlainReader,
  options: Options,
  agreed: Agreement,
  { surroundings, voice, stopped }: RsyncService,
): Promise<number> {
  const around = { ...surroundings, links: options.links };
  const receiver = new RsyncReceiver(options, around, voice);
  stopped?.addEventListener("abort", () => receiver.cancel(stopped.reason));
  const list = listTerms(options, agreed);
  return await receiver.run(reader, {
    ...agreed,
    list,
    dryRun: options.transfer.dryRun,
    withoutSums: options.transfer.append !== "no",
    server: { readsRules: asksForRules(options) },
  });
}
