// A conversation with an SFTP server over a channel: requests with numbers, answered in any order, as many under way as the
// caller likes.

import { type ByteString, type ManifoldError, toText } from "../../base/index.ts";
import { type Channel, onAbort } from "../../transport/index.ts";
import { SourceError } from "../source-error.ts";
import { PacketCursor, type SftpAttributes } from "./packet-cursor.ts";
import { encodePacket, type Field, PacketReader, packet, status } from "./packets.ts";

/** A name in a directory. */
export interface SftpName {
  readonly name: ByteString;
  readonly attributes: SftpAttributes;
}

/** What every server can send at once, where it does not say. */
const readBytesDefault = 32 * 1024;
/** More gains nothing: it is what ssh lets be under way on a channel. */
const readBytesMax = 64 * 1024;
const namesMax = 100_000;
const forReading = 1;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** An answer's type, and what comes after its number. */
interface Answer {
  readonly type: number;
  readonly cursor: PacketCursor;
}

/** Such a conversation. Everything rejects with SourceError. */
export class SftpSession {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  #greeting: Waiting | undefined;
  #next = 1;
  #over: SourceError | undefined;
  /** Bytes of one read. */
  readBytes = readBytesDefault;

  private constructor(channel: Channel) {
    this.#channel = channel;
    const reader = new PacketReader((bytes) => this.#take(bytes));
    channel.listen({
      data: (bytes) => this.#guarded(() => reader.push(bytes)),
      drained: () => undefined,
      closed: (error) => this.#end(closedError(channel, error)),
    });
  }

  /** Greets the server, and asks what it can take. */
  static async open(channel: Channel, signal: AbortSignal): Promise<SftpSession> {
    const session = new SftpSession(channel);
    const forget = onAbort(signal, () => channel.destroy());
    try {
      const greeted = new Promise<Answer>((resolve, reject) => {
        session.#greeting = { resolve, reject };
      });
      channel.send(encodePacket(packet.init, [{ u32: 3 }]));
      const { cursor } = await greeted;
      const extensions = new Set<ByteString>();
      while (cursor.hasMore) {
        extensions.add(cursor.string());
        cursor.string();
      }
      if (extensions.has("limits@openssh.com")) await session.#askLimits();
      return session;
    } catch (error) {
      channel.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      forget();
    }
  }

  /** Why nothing can be asked any more; undefined = it goes on. */
  get over(): SourceError | undefined {
    return this.#over;
  }

  async open(path: ByteString): Promise<ByteString> {
    const answer = await this.#ask(packet.open, [{ bytes: path }, { u32: forReading }, { u32: 0 }]);
    return expect(answer, packet.handle).string();
  }

  /** Not waited for: whatever comes of it, the handle is gone. */
  closeHandle(handle: ByteString): void {
    this.#ask(packet.close, [{ bytes: handle }]).catch(() => undefined);
  }

  async fstat(handle: ByteString): Promise<SftpAttributes> {
    return expect(await this.#ask(packet.fstat, [{ bytes: handle }]), packet.attrs).attributes();
  }

  /** Follows links. */
  async stat(path: ByteString): Promise<SftpAttributes> {
    return expect(await this.#ask(packet.stat, [{ bytes: path }]), packet.attrs).attributes();
  }

  async readlink(path: ByteString): Promise<ByteString> {
    const cursor = expect(await this.#ask(packet.readlink, [{ bytes: path }]), packet.name);
    if (cursor.u32() !== 1)
      throw new SourceError("protocol", "The server gives several targets of one link");
    return cursor.string();
  }

  /** Reads so many bytes; servers may send fewer at once, and are asked again. Rejects as "changed" at the end of the file. */
  async read(handle: ByteString, offset: number, length: number): Promise<Uint8Array> {
    const first = await this.#readOnce(handle, offset, length);
    if (first.length === length) return first;
    const whole = new Uint8Array(length);
    whole.set(first);
    for (let done = first.length; done < length; ) {
      const more = await this.#readOnce(handle, offset + done, length - done);
      whole.set(more, done);
      done += more.length;
    }
    return whole;
  }

  async #readOnce(handle: ByteString, offset: number, length: number): Promise<Uint8Array> {
    const answer = await this.#ask(packet.read, [
      { bytes: handle },
      { u64: offset },
      { u32: length },
    ]);
    const bytes = expect(answer, packet.data).slice();
    if (bytes.length === 0 || bytes.length > length) {
      throw new SourceError(
        "protocol",
        `The server sends ${bytes.length} bytes where ${length} were asked for`,
      );
    }
    return bytes;
  }

  /** Lists a directory, with "." and "..". */
  async list(path: ByteString): Promise<SftpName[]> {
    const handle = expect(
      await this.#ask(packet.opendir, [{ bytes: path }]),
      packet.handle,
    ).string();
    const names: SftpName[] = [];
    try {
      for (;;) {
        const answer = await this.#ask(packet.readdir, [{ bytes: handle }]);
        const refusal = refusalOf(answer);
        if (refusal?.code === status.eof) return names;
        if (refusal !== undefined) throw refusal.error;
        const cursor = expect(answer, packet.name);
        const count = cursor.u32();
        if (count > namesMax)
          throw new SourceError("protocol", `The server sends ${count} names at once`);
        for (let i = 0; i < count; i++) {
          const name = cursor.string();
          cursor.string();
          names.push({ name, attributes: cursor.attributes() });
        }
      }
    } finally {
      this.closeHandle(handle);
    }
  }

  close(): void {
    this.#end(new SourceError("connection", "The connection is closed"));
    this.#channel.destroy();
  }

  async #askLimits(): Promise<void> {
    const answer = await this.#ask(packet.extended, [{ bytes: "limits@openssh.com" }]);
    if (answer.type !== packet.extendedReply) return;
    answer.cursor.u64();
    const most = answer.cursor.u64();
    if (most > 0) this.readBytes = Math.min(most, readBytesMax);
  }

  #ask(type: number, fields: readonly Field[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) {
        reject(this.#over);
        return;
      }
      const number = this.#next;
      this.#next = (this.#next + 1) % 2 ** 32;
      this.#waiting.set(number, { resolve, reject });
      this.#channel.send(encodePacket(type, [{ u32: number }, ...fields]));
    });
  }

  #take(bytes: Uint8Array): void {
    const cursor = new PacketCursor(bytes);
    const type = cursor.u8();
    const number = cursor.u32();
    if (type === packet.version) {
      if (number < 3) throw new RangeError(`version ${number}`);
      this.#greeting?.resolve({ type, cursor });
      this.#greeting = undefined;
      return;
    }
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) throw new RangeError("an answer that nobody asked for");
    this.#waiting.delete(number);
    waiting.resolve({ type, cursor });
  }

  /** What breaks the form ends the conversation. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      this.#end(
        new SourceError("protocol", `What the server answers is no SFTP: ${cause.message}`, {
          cause,
        }),
      );
      this.#channel.destroy();
    }
  }

  #end(error: SourceError): void {
    this.#over ??= error;
    this.#greeting?.reject(this.#over);
    this.#greeting = undefined;
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
  }
}

function closedError(channel: Channel, error: ManifoldError | undefined): SourceError {
  const says = error?.message ?? `${channel.label} closed the connection`;
  return new SourceError("connection", says, error === undefined ? {} : { cause: error });
}

/** A status, where an answer is one. */
function refusalOf({ type, cursor }: Answer): { code: number; error: SourceError } | undefined {
  if (type !== packet.status) return undefined;
  const code = cursor.u32();
  // Version 3 has a sentence; some servers leave it out.
  const words = cursor.hasMore ? toText(cursor.string()) : "";
  const says = words === "" ? `status ${code}` : words;
  if (code === status.noSuchFile)
    return { code, error: new SourceError("absent", "There is no such file") };
  if (code === status.permissionDenied) {
    return {
      code,
      error: new SourceError("unreadable", "The server does not give it: permission denied"),
    };
  }
  if (code === status.eof)
    return { code, error: new SourceError("changed", "A file has become shorter") };
  const trouble = code === status.failure ? "unreadable" : "protocol";
  return { code, error: new SourceError(trouble, `The server refuses: ${says}`) };
}

/** Returns the fields of an answer that has to be of a type; throws what a status says. */
function expect(answer: Answer, type: number): PacketCursor {
  const refusal = refusalOf(answer);
  if (refusal !== undefined) throw refusal.error;
  if (answer.type === type) return answer.cursor;
  throw new SourceError("protocol", `The server answers with a packet of type ${answer.type}`);
}
