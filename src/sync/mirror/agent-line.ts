// One conversation with an agent of ours that is a source of many: it walks its tree once and tells all of it, and gives any part of
// any file, as many at a time as are asked for. Its target never sees it: here is nothing but a list and parts of files.

import { type ByteString, type Clock, joinPath, ManifoldError } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import {
  type DirectoryRecord,
  decodeDirectory,
  decodeListingMessage,
  encodeControl,
  encodeRequest,
  encodeWanted,
  type ListingMessage,
  lane,
  type OpenPeer,
  openSession,
  type RequestMessage,
  type SentFile,
  understand,
} from "../../session/index.ts";
import type { Channel } from "../../transport/index.ts";
import { Directory, isDirectory } from "../../tree/index.ts";
import { Carriers } from "../far/carriers.ts";
import { outOfTurn } from "../far/out-of-turn.ts";
import { greetingMs, sessionWords } from "../far/session-words.ts";
import { startMessage } from "../far/start-message.ts";
import { Switchboard } from "../far/switchboard.ts";
import { openArrived } from "../lane/arrived-content.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Where to, and how one gets there. */
export interface AgentPlace {
  readonly options: Options;
  /** A program behind a remote shell, or a daemon of ours, and the top of the tree as the only path. */
  readonly far: FarPlaces;
  readonly surroundings: Surroundings;
  readonly reach: (signal: AbortSignal) => Promise<Channel>;
}

/** A file, by the numbers that the agent knows it by. */
export interface AgentFile {
  readonly directory: number;
  readonly row: number;
}

/** Part of a file that has come, or why it has not. */
export interface AgentPart {
  readonly file: SentFile;
  readonly bytes: Uint8Array;
  /** The bytes are not needed any more. */
  readonly done: () => void;
}

const nothing = new Uint8Array(0);

/** Such a conversation. */
export class AgentLine {
  readonly #session: OpenPeer;
  readonly #board: Switchboard;
  readonly #carriers: Carriers;
  #failure: ManifoldError | undefined;
  readonly #waiting = new Set<(error: ManifoldError) => void>();

  private constructor(session: OpenPeer) {
    this.#session = session;
    this.#board = new Switchboard(session);
    this.#carriers = new Carriers(session, 1, () => undefined);
  }

  /** Begins one: the agent has found its tree. `signal`: nobody waits for it any more. Rejects with ManifoldError. */
  static async open(place: AgentPlace, signal: AbortSignal): Promise<AgentLine> {
    const channel = await place.reach(signal);
    const end = (): void => channel.destroy();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      return await AgentLine.#begin(place, channel);
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  static async #begin(place: AgentPlace, channel: Channel): Promise<AgentLine> {
    const { far, surroundings } = place;
    const start = startMessage(agentOptions(place.options), far, surroundings, () => undefined);
    const session = await openAgent(channel, encodeControl(start), surroundings.clock);
    const line = new AgentLine(session);
    const board = line.#board;
    board.onBroken((error) => line.#fail(error));
    try {
      await line.#orFailure<void>((resolve, reject) => {
        board.onControl((message) => {
          if (message.kind !== "ends") throw outOfTurn(`a ${message.kind} message`);
          const [problem] = message.events;
          if (!message.incomplete) resolve();
          else reject(new ManifoldError("file-select", wordsOf(problem)));
        });
      });
    } catch (error) {
      line.close();
      throw error;
    }
    board.on(lane.content, (message) => line.#carriers.takeContent(message));
    return line;
  }

  /** It is over. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Has the tree walked, once; hears of each directory by its number. Rejects with ManifoldError. */
  async walk(heard: (number: number, record: DirectoryRecord) => void): Promise<void> {
    const board = this.#board;
    const paths = new Map<number, readonly ByteString[]>();
    await this.#orFailure<void>((resolve) => {
      board.on(lane.listing, (bytes) => {
        const message = decodeListingMessage(bytes);
        if (message.walk !== 1) throw outOfTurn("another walk");
        if (message.kind === "walked") {
          resolve();
          return;
        }
        if (message.kind === "directory") this.#take(message, paths, heard);
        const taken = message.kind === "directory" ? message.body.length : 0;
        this.#send({ kind: "taken", directories: 1, bytes: taken });
      });
      const walk = { quiet: false, lastName: undefined, isLone: false, ahead: false, sums: 0 };
      this.#send({ kind: "walk", walk: 1, ...walk });
    });
  }

  /** A directory is where its parent has one, whatever it says of itself. */
  #take(
    { directory, parent, index, body }: ListingMessage & { readonly kind: "directory" },
    paths: Map<number, readonly ByteString[]>,
    heard: (number: number, record: DirectoryRecord) => void,
  ): void {
    const record = understand("directory", () => decodeDirectory(body, new Directory()));
    const isTop = directory === parent;
    if (paths.has(directory) || isTop !== (paths.size === 0)) throw outOfTurn("a directory");
    const path = isTop ? "" : paths.get(parent)?.[index];
    if (record.path !== path) throw outOfTurn("a directory that nobody has named");
    const { columns } = record.listing;
    const below: ByteString[] = [];
    for (let i = 0; i < columns.count; i++) {
      if (isDirectory(columns.mode[i] as number)) below.push(joinPath(path, columns.name(i)));
    }
    paths.set(directory, below);
    heard(directory, record);
  }

  /** Asks for part of a file. Rejects with ManifoldError. */
  part({ directory, row }: AgentFile, position: number, length: number): Promise<AgentPart> {
    const wish = { row, digest: undefined, known: [], signature: undefined, inPlace: false };
    const body = encodeWanted([{ ...wish, piece: { position, length } }]);
    return this.#orFailure((resolve) => {
      this.#carriers.ask({
        request: (id) => ({
          kind: "fetch",
          id,
          directory,
          bytes: length,
          body,
          signature: undefined,
        }),
        ...{ bytes: length, isHeldBack: false, isOnce: false, signature: undefined },
        answered: (content, done) => {
          const { files, bytes } = openArrived(content);
          const [placed] = files;
          if (placed === undefined || files.length > 1 || placed.file.row !== row) {
            throw outOfTurn("content of another file");
          }
          const { file, start } = placed;
          const isWhole = file.kind === "whole" && file.length <= length;
          const came = isWhole ? bytes.subarray(start, start + file.length) : nothing;
          resolve({ file, bytes: came, done });
        },
      });
    });
  }

  /** Ends it. */
  close(): void {
    this.#board.letGo();
    this.#board.tell({ kind: "ended", exit: 0 });
    this.#fail(new ManifoldError("connection-lost", "The conversation is over"));
    for (const number of [lane.listing, lane.content]) this.#board.on(number, () => undefined);
    this.#session.end();
  }

  #send(message: RequestMessage): void {
    if (!this.isBroken) this.#session.send(lane.request, encodeRequest(message));
  }

  #fail(error: ManifoldError): void {
    this.#failure ??= error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #orFailure<T>(
    begin: (resolve: (value: T) => void, reject: (error: ManifoldError) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const refuse = (error: ManifoldError): void => {
        this.#waiting.delete(refuse);
        reject(error);
      };
      this.#waiting.add(refuse);
      begin((value) => {
        this.#waiting.delete(refuse);
        resolve(value);
      }, refuse);
    });
  }
}

async function openAgent(channel: Channel, start: Uint8Array, clock: Clock): Promise<OpenPeer> {
  try {
    return await openSession(channel, {
      ...sessionWords,
      side: "initiator",
      handshakeTimeoutMs: greetingMs,
      clock,
      early: [{ lane: lane.control, parts: [start] }],
    });
  } catch (error) {
    channel.destroy();
    throw error;
  }
}

/** What the agent is asked as: for everything that lists can tell, and nothing of what the user wants to happen here. */
function agentOptions(options: Options): Options {
  const { walk, remote } = options;
  return {
    ...options,
    personality: "manifold",
    filterRules: [],
    walk: { ...walk, filesFrom: undefined },
    remote: { ...remote, words: ["--hard-links"], oldArgs: 0, trustSender: true },
  };
}

function wordsOf(problem: { readonly type: string } | undefined): string {
  const said = problem?.type === "problem" && "errno" in problem ? problem.errno : undefined;
  return said === 13 ? "Permission denied" : "No such file or directory";
}
