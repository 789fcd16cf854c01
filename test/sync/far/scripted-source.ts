// A source's end by hand, which pushes a small tree to an agent under test: everything that it says can be
// exchanged for something that no good end would say.

import { systemClock } from "../../../src/base/index.ts";
import { ListedDirectory } from "../../../src/changeset/index.ts";
import { createDigest, digestOf } from "../../../src/hash/index.ts";
import {
  decodeControl,
  decodeNews,
  decodeRequest,
  decodeWishes,
  encodeContent,
  encodeContentHead,
  encodeControl,
  encodeDirectory,
  encodeListingHead,
  encodeSentFiles,
  hasRow,
  isChunkWish,
  lane,
  type OpenPeer,
  openSession,
  type RowDigests,
  type SameAnswer,
  type Segment,
  type SentFile,
  type StartMessage,
} from "../../../src/session/index.ts";
import { sessionWords } from "../../../src/sync/far/session-words.ts";
import { runAgent } from "../../../src/sync/index.ts";
import { memoryChannels } from "../../../src/transport/index.ts";
import {
  Directory,
  type ProgressEvent,
  typeDirectory,
  typeRegular,
} from "../../../src/tree/index.ts";
import {
  farOptions,
  type Outcome,
  outcomeOf,
  startMessage,
  surroundings,
  within,
} from "./far-rig.ts";

/** An entry of a scripted directory. */
export interface Entry {
  readonly name: string;
  readonly mode?: number;
  readonly size?: number;
  readonly mtime?: number;
  readonly link?: string;
}

/** Content of the tree's files; the target has "basis" with other content of the same length and a block more. */
export const contents = { a: "content of a", basis: "new basis" } as const;

/** The tree that is pushed unless a script says something else. */
export const honest: readonly Entry[] = [
  { name: "a", size: contents.a.length },
  { name: "basis", size: contents.basis.length },
  { name: "d", mode: typeDirectory | 0o755 },
];

/** Returns a directory's record. */
export function body(
  entries: readonly Entry[],
  more: Partial<Omit<Parameters<typeof encodeDirectory>[0], "listing">> = {},
): Uint8Array {
  const listing = list(entries);
  listing.path = more.path ?? "";
  const record = { path: "", top: "", isWhole: true, self: undefined, hasInodes: false };
  return encodeDirectory({ ...record, absent: [], events: [], ...more, listing });
}

/** Returns a listing with these entries, in the order in which they are given. */
export function list(entries: readonly Entry[]): ListedDirectory {
  const columns = new Directory();
  const words = [
    "uid",
    "gid",
    "mtimeNanos",
    "atime",
    "ctime",
    "crtime",
    "rdevMajor",
    "rdevMinor",
  ] as const;
  for (const { name, mode = typeRegular | 0o644, size = 0, mtime = 1000, link } of entries) {
    const row = columns.add(name, mode);
    for (const word of words) columns[word][row] = 0;
    columns.uid[row] = process.geteuid?.() ?? 0;
    columns.gid[row] = process.getegid?.() ?? 0;
    columns.size[row] = size;
    columns.mtime[row] = mtime;
    if (link !== undefined) columns.setLinkTarget(row, link);
  }
  return new ListedDirectory(columns);
}

/** Returns the message that brings a directory. */
export function directory(
  record: Uint8Array,
  at: { directory: number; parent: number; index: number },
): Uint8Array {
  const head = encodeListingHead({ kind: "directory", walk: 1, ...at, bodyBytes: record.length });
  return Buffer.concat([head, record]);
}

/** A file as it is sent, and its bytes. */
export interface Scripted {
  readonly file: SentFile;
  readonly bytes: Uint8Array;
}

/** What a script may say otherwise of a file. */
interface Otherwise {
  readonly size?: number;
  readonly mtime?: number;
  readonly digest?: Uint8Array;
  readonly segments?: readonly Segment[];
}

/** Returns what is sent of a file with this content; in segments when these or their digest are given. */
export function file(row: number, text: string, more: Otherwise = {}): Scripted {
  const bytes = more.segments === undefined ? Buffer.from(text) : new Uint8Array(0);
  const { size = bytes.length, mtime = 1000 } = more;
  const state = { row, size, mtime, mtimeNanos: 0, position: 0 };
  if (more.segments === undefined && more.digest === undefined) {
    return { file: { ...state, kind: "whole", length: bytes.length }, bytes };
  }
  const segments = more.segments ?? [{ kind: "literal", length: bytes.length }];
  const digest = more.digest ?? digestOf("blake3", Buffer.from(text));
  return { file: { ...state, kind: "segments", digest, segments }, bytes };
}

interface HowSent {
  readonly compresses?: boolean;
  /** Another one than that of what is said. */
  readonly digest?: Uint8Array;
  /** What is said of files that were only asked about. */
  readonly same?: SameAnswer;
}

/** Returns the body of content. */
export function contentBody(
  files: readonly Scripted[],
  { compresses = false, digest, same }: HowSent = {},
): Uint8Array {
  const records = encodeSentFiles(
    files.map((one) => one.file),
    same,
  ).slice();
  const bytes = Buffer.concat(files.map((one) => one.bytes));
  const hash = createDigest("blake3");
  hash.update(records);
  hash.update(bytes);
  const sent = { digest: digest ?? hash.digest(), records, bytes };
  return Buffer.concat(encodeContent(sent, compresses));
}

/** Returns the message that answers a wish. */
export function content(
  id: number,
  files: readonly Scripted[],
  otherwise: HowSent = {},
): Uint8Array {
  const sent = contentBody(files, otherwise);
  return Buffer.concat([encodeContentHead(id, sent.length), sent]);
}

/** What a scripted source says other than an honest one. Each gets the way to say it. */
export interface Script {
  /** Options of the run besides -a. */
  readonly options?: readonly string[];
  /** What the source was asked for; by default it is trusted. */
  readonly asked?: StartMessage["asked"];
  /** Said before anything else, in the place of `ends`. */
  readonly begin?: (peer: OpenPeer) => void;
  /** Said when the walk begins, in the place of the tree. */
  readonly walk?: (peer: OpenPeer) => void;
  /** Said to a wish for these rows, in the place of their content. `isForChunks`: only for chunks of them. */
  readonly answer?: (
    peer: OpenPeer,
    wish: {
      id: number;
      rows: readonly number[];
      isForChunks: boolean;
      directory: number;
      bytes: number;
      question: RowDigests | undefined;
    },
  ) => void;
  /** Said when digests are to come with directories, or no longer. */
  readonly digests?: (peer: OpenPeer, wanted: boolean) => void;
  /** Said when the record of a directory is wanted of which a sum was said. */
  readonly list?: (peer: OpenPeer, directory: number) => void;
  /** The script leaves something open that an honest end would say: then the connection is cut. */
  readonly cuts?: boolean;
}

/** How the agent ended, and what it told its client. */
export interface ScriptedEnd {
  readonly agent: Outcome;
  /** Exit status, or code and text, as told to the client. */
  readonly told: string;
  readonly problems: readonly ProgressEvent[];
}

/** Pushes to an agent under test and returns how that ended. */
export async function playSource(target: string, script: Script): Promise<ScriptedEnd> {
  const [near, far] = memoryChannels("far");
  const agent = outcomeOf(runAgent(far, surroundings()));
  const asked = farOptions(["-a", ...(script.options ?? []), "/nowhere/", `host:${target}`]);
  const peer = await openSession(near, {
    ...sessionWords,
    side: "initiator",
    clock: systemClock,
  });
  peer.send(lane.control, startMessage(asked, script.asked));
  let told = "nothing";
  const problems: ProgressEvent[] = [];
  let isClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (isClosed = resolve));
  peer.listen({
    message: (number, message) => {
      if (number === lane.control) told = toldBy(message) ?? told;
      else if (number === lane.news) {
        const { events, end } = decodeNews(message);
        problems.push(...events.filter(({ type }) => type === "problem"));
        told = (end && toldBy(encodeControl(end))) ?? told;
        if (end !== undefined) peer.end();
      } else if (number === lane.request) hear(peer, script, message);
    },
    drained: () => undefined,
    closed: isClosed,
  });
  (script.begin ?? sayEnds)(peer);
  if (script.cuts) setImmediate(() => near.end());
  const outcome = await within(agent, 10_000);
  await within(closed, 10_000);
  return { agent: outcome, told, problems };
}

function toldBy(message: Uint8Array): string | undefined {
  const said = decodeControl(message);
  if (said.kind === "ended") return `exit ${said.exit}`;
  return said.kind === "failed" ? `${said.code}: ${said.message}` : undefined;
}

/** Says what the arguments bring. */
export function sayEnds(peer: OpenPeer): void {
  const ends = { kind: "ends", mentions: 2, lone: "dot", poured: true, incomplete: false } as const;
  peer.send(lane.control, encodeControl({ ...ends, labels: ["/nowhere/"], events: [] }));
}

/** Says the honest tree. */
export function sayTree(peer: OpenPeer, first?: Uint8Array): void {
  sayDirectories(peer, first);
  sayWalked(peer);
}

/** Says the directories of the honest tree. */
export function sayDirectories(peer: OpenPeer, first: Uint8Array = body(honest)): void {
  peer.send(lane.listing, directory(first, { directory: 0, parent: 0, index: 0 }));
  peer.send(
    lane.listing,
    directory(body([], { path: "d" }), { directory: 1, parent: 0, index: 0 }),
  );
}

/** Says that the walk is over. */
export function sayWalked(peer: OpenPeer, events: readonly ProgressEvent[] = []): void {
  peer.send(lane.listing, encodeListingHead({ kind: "walked", walk: 1, events, lineRate: 0 }));
}

function hear(peer: OpenPeer, script: Script, message: Uint8Array): void {
  const request = decodeRequest(message);
  if (request.kind === "walk") (script.walk ?? sayTree)(peer);
  else if (request.kind === "digests") script.digests?.(peer, request.wanted);
  else if (request.kind === "list") script.list?.(peer, request.directory);
  else if (request.kind === "fetch") {
    const { files: wanted, question } = decodeWishes(request.body, 0xffff_ffff);
    // What is only asked about may be sent, too.
    const asked = honest.flatMap((_, row) => (hasRow(question, row) ? [row] : []));
    const rows = [...wanted.map(({ row }) => row), ...asked];
    if (script.answer === undefined)
      peer.send(lane.content, content(request.id, rows.map(honestFile)));
    else {
      const { id, directory, bytes } = request;
      const isForChunks = wanted.some(isChunkWish);
      script.answer(peer, { id, rows, isForChunks, directory, bytes, question });
    }
  }
}

/** Returns the content of a row of the honest tree. */
export function honestFile(row: number): Scripted {
  const { name } = honest[row] as Entry;
  return file(row, contents[name as keyof typeof contents]);
}
