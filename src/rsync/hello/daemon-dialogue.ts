// The client's part of the lines with which a conversation with an rsync daemon begins, up to its list of arguments.

import { type ByteString, ManifoldError, toBytes, toText } from "../../base/index.ts";
import type { LineChannel } from "../../transport/index.ts";
import { brokenProtocol } from "../wire/wire-cursor.ts";
import { authResponse, chooseAuthDigest } from "./auth.ts";
import { formatGreeting, type Greeting, parseAnswer, parseGreeting } from "./greeting.ts";

/** Lines of a message of the day, or modules, that are listened to. */
const textLinesMax = 100_000;

/** What a client asks a daemon for. */
export interface DaemonWish {
  /** Undefined = which modules there are. */
  readonly module: ByteString | undefined;
  /** The highest protocol that is to be spoken. */
  readonly protocol: number;
  /** Asked only when a password is wanted. */
  readonly credentials: () => Promise<{ readonly user: ByteString; readonly password: ByteString }>;
  /** What a daemon's "early exec" reads. */
  readonly early: Uint8Array;
  /** Hears the message of the day, or modules, line by line. */
  readonly text: (line: ByteString) => void;
  /** How long each line may take. */
  readonly timeoutMs: number;
}

/** Begins; resolves to the protocol that is spoken, and undefined = the daemon has said all. Rejects with ManifoldError. */
export async function beginWithDaemon(
  lines: LineChannel,
  wish: DaemonWish,
): Promise<number | undefined> {
  const send = (line: ByteString): void => lines.send(toBytes(line));
  const read = (): Promise<string> => lines.readLine(wish.timeoutMs);
  send(formatGreeting(wish.protocol));
  const first = await read();
  if (first.startsWith("@ERROR")) throw refused(lines.label, first.replace(/^@ERROR:? ?/, ""));
  const greeting = parseGreeting(first.replace(/\r$/, ""), lines.label);
  if (wish.early.length > 0) {
    send(`#early_input=${wish.early.length}\n`);
    lines.send(wish.early);
  }
  send(`${wish.module ?? "#list"}\n`);
  for (let count = 0; ; count++) {
    if (count >= textLinesMax) throw brokenProtocol("its message of the day has no end");
    const answer = parseAnswer((await read()).replace(/\r$/, ""));
    if (answer.kind === "ok") return Math.min(greeting.protocol, wish.protocol);
    if (answer.kind === "exit") return undefined;
    if (answer.kind === "refused") throw refused(lines.label, answer.says);
    if (answer.kind === "text") wish.text(answer.line);
    else send(await proof(greeting, wish, answer.challenge, lines.label));
  }
}

async function proof(
  { digests }: Greeting,
  { credentials }: DaemonWish,
  challenge: ByteString,
  label: string,
): Promise<ByteString> {
  const digest = chooseAuthDigest(digests, label);
  const { user, password } = await credentials();
  return `${user} ${authResponse(digest, password, challenge)}\n`;
}

function refused(label: string, says: ByteString): ManifoldError {
  const text = toText(says)
    .replace(/[^\P{Cc}]/gu, "?")
    .slice(0, 500);
  return new ManifoldError("start-client", `${label} refuses: ${text}`);
}
