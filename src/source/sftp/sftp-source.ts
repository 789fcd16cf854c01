// A tree on a machine that has sshd and nothing of ours, read by SFTP over the system's ssh.

import { type ByteString, type Clock, ManifoldError, toText } from "../../base/index.ts";
import { type Channel, spawnChannel } from "../../transport/index.ts";
import { isStateName, permissionMask } from "../../tree/index.ts";
import type {
  FileChunk,
  ListedEntry,
  Source,
  SourceAbilities,
  SourceFile,
  SourceListing,
  SourcePart,
} from "../source.ts";
import { SourceError } from "../source-error.ts";
import { type SftpPlace, sftpCommand } from "./command.ts";
import type { SftpAttributes } from "./packet-cursor.ts";
import { during, readWindow } from "./read-window.ts";
import { SftpSession } from "./session.ts";
import { entryOf } from "./sftp-entry.ts";

/** What such a source is made of. */
export interface SftpSourceSettings extends SftpPlace {
  /** The folder; relative to the user's home. */
  readonly path: ByteString;
  /** ssh, with options of its own. Default: ["ssh"]. */
  readonly shell?: readonly ByteString[] | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What ssh starts with as its umask; this process's when absent. */
  readonly umask?: number | undefined;
  readonly clock: Clock;
}

/** Connections at the same time: sshd lets ten be made at once (MaxStartups). */
const connectionsMax = 4;
/** Files of readFiles() under way, and their bytes. */
const filesAhead = 32;
/** Larger files are read alone. */
const smallBytesMax = 256 * 1024;
const linksAhead = 64;

/** Such a source. */
export class SftpSource implements Source {
  readonly url: string;
  readonly #settings: SftpSourceSettings;
  /** Connections, and how many reads each has. */
  readonly #closing = new AbortController();
  readonly #sessions: { readonly session: Promise<SftpSession>; reads: number }[] = [];

  constructor(settings: SftpSourceSettings) {
    this.#settings = settings;
    const { user, host, port, path } = settings;
    const place = `${user === undefined ? "" : `${toText(user)}@`}${toText(host)}${port === undefined ? "" : `:${port}`}`;
    this.url = `sftp://${place}/${toText(path).replace(/^\//, "")}`;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    const session = await this.#session(signal);
    await session.stat(this.#path(""));
    return {
      ranges: true,
      listsAtOnce: false,
      digests: false,
      tells: {
        modes: true,
        owners: true,
        symlinks: true,
        devices: false,
        hardLinks: false,
        directoryTimes: true,
      },
      timeStep: 1,
      connectionsMax,
      depth: filesAhead,
      generation: undefined,
    };
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    const session = await this.#session(signal);
    const names = await during(signal, session.list(this.#path(path)));
    const entries: ListedEntry[] = [];
    let self: Partial<ListedEntry> | undefined;
    for (const { name, attributes } of names) {
      if (name === ".") self = selfOf(attributes);
      const entry = entryOf(name, attributes);
      if (entry !== undefined && !isStateName(name)) entries.push(entry);
    }
    const below = path === "" ? "" : `${path}/`;
    return {
      entries: await this.#withTargets(session, below, entries, signal),
      isComplete: true,
      self,
    };
  }

  async #withTargets(
    session: SftpSession,
    below: ByteString,
    entries: readonly ListedEntry[],
    signal: AbortSignal,
  ): Promise<readonly ListedEntry[]> {
    const found = [...entries];
    const links = [...entries.keys()].filter((row) => entries[row]?.kind === "symlink");
    for (let first = 0; first < links.length; first += linksAhead) {
      const some = links.slice(first, first + linksAhead);
      const asked = some.map(async (row) => {
        const entry = entries[row] as ListedEntry;
        const target = await session
          .readlink(this.#path(`${below}${entry.name}`))
          .catch(absentOnly);
        found[row] = { ...entry, linkTarget: target };
      });
      await during(signal, Promise.all(asked));
    }
    return found;
  }

  async look({ path, entry }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    const session = await this.#session(signal);
    const { size, mtime } = await during(signal, session.stat(this.#path(path)));
    return { ...entry, size, mtime, mtimeNanos: 0 };
  }

  async *read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const place = this.#leastBusy();
    place.reads++;
    try {
      const session = await this.#opened(place, signal);
      yield* readWindow(session, this.#path(file.path), { file, part, signal });
    } finally {
      place.reads--;
    }
  }

  async *readFiles(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk> {
    const ahead: Promise<Uint8Array>[] = [];
    let next = 0;
    const isSmall = ({ entry }: SourceFile): boolean => (entry.size ?? 0) <= smallBytesMax;
    for (const [number, file] of files.entries()) {
      for (; next < files.length && next < number + filesAhead; next++) {
        const other = files[next] as SourceFile;
        const whole = isSmall(other)
          ? this.#whole(other, signal)
          : Promise.resolve(new Uint8Array(0));
        // Told when it is its turn.
        whole.catch(() => undefined);
        ahead.push(whole);
      }
      const bytes = (await ahead.shift()) as Uint8Array;
      if (isSmall(file)) yield { file: number, bytes };
      else {
        const part = { offset: 0, length: file.entry.size as number };
        for await (const chunk of this.read(file, part, signal))
          yield { file: number, bytes: chunk };
      }
    }
  }

  async close(): Promise<void> {
    // What is still opening ends with this.
    this.#closing.abort(new SourceError("connection", "The connection is closed"));
    for (const { session } of this.#sessions.splice(0))
      await session.then((open) => open.close()).catch(() => undefined);
  }

  async #whole(file: SourceFile, signal: AbortSignal): Promise<Uint8Array> {
    const length = file.entry.size ?? 0;
    const whole = new Uint8Array(length);
    if (length === 0) return whole;
    let done = 0;
    for await (const bytes of this.read(file, { offset: 0, length }, signal)) {
      whole.set(bytes, done);
      done += bytes.length;
    }
    return whole;
  }

  #path(path: ByteString): ByteString {
    const top = this.#settings.path === "" ? "." : this.#settings.path;
    if (path === "") return top;
    return top.endsWith("/") ? `${top}${path}` : `${top}/${path}`;
  }

  #session(signal: AbortSignal): Promise<SftpSession> {
    return this.#opened(this.#sessions[0] ?? this.#add(), signal);
  }

  /** Small files of one readFiles() share a connection; others get one of their own while there may be more. */
  #leastBusy(): { readonly session: Promise<SftpSession>; reads: number } {
    const [first = this.#add()] = [...this.#sessions].sort((one, other) => one.reads - other.reads);
    return first.reads > 0 && this.#sessions.length < connectionsMax ? this.#add() : first;
  }

  #add(): { readonly session: Promise<SftpSession>; reads: number } {
    const { shell = ["ssh"], env, umask, clock } = this.#settings;
    const connecting = async (): Promise<SftpSession> => {
      const argv = sftpCommand(shell, this.#settings);
      const label = toText(this.#settings.host);
      const around = { ...(env && { env }), ...(umask !== undefined && { umask }) };
      const channel = started(() => spawnChannel(argv, { label, clock, ...around }));
      return SftpSession.open(channel, this.#closing.signal);
    };
    const place = { session: connecting(), reads: 0 };
    // Whoever waits for it is told.
    place.session.catch(() => undefined);
    this.#sessions.push(place);
    return place;
  }

  /** A connection that has broken is made anew by the next one that asks. */
  async #opened(
    place: { readonly session: Promise<SftpSession> },
    signal: AbortSignal,
  ): Promise<SftpSession> {
    const forget = (): void => {
      const at = this.#sessions.findIndex(({ session }) => session === place.session);
      if (at >= 0) this.#sessions.splice(at, 1);
    };
    try {
      const session = await during(signal, place.session);
      if (session.over === undefined) return session;
      forget();
      throw session.over;
    } catch (error) {
      if (!signal.aborted) forget();
      throw error;
    }
  }
}

function selfOf({ mode, mtime, uid, gid }: SftpAttributes): Partial<ListedEntry> {
  return {
    ...(mode !== undefined && { mode: mode & permissionMask }),
    mtime,
    mtimeNanos: 0,
    uid,
    gid,
  };
}

/** A link that has gone meanwhile has no target. */
function absentOnly(error: unknown): undefined {
  if (error instanceof SourceError && ["absent", "unreadable"].includes(error.trouble))
    return undefined;
  throw error;
}

function started(start: () => Channel): Channel {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    throw new SourceError("connection", error.message, { cause: error });
  }
}
