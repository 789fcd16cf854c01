// Users and groups by a program that an operator has named ("name converter" of rsyncd.conf(5)), which answers lines with lines.

import { readSync, writeSync } from "node:fs";
import { type ByteString, ManifoldError } from "../base/index.ts";
import { openAccounts } from "./accounts.ts";
import type { Accounts } from "./accounts-lookup.ts";

/** Such a program that runs. Plain: it goes to lanes, which take turns. */
export interface NameConverter {
  /** Descriptors of this process that block: what it reads, what it writes. */
  readonly requests: number;
  readonly answers: number;
  /** One 32-bit word: 1 = somebody waits for an answer. */
  readonly turn: SharedArrayBuffer;
}

const answerBytesMax = 1024;
const newline = 10;

/** Returns accounts of which the program tells names and numbers. They throw ManifoldError when it has ended. */
export function convertedAccounts(converter: NameConverter): Accounts {
  const known = new Map<ByteString, ByteString>();
  const ask = (kind: string, word: ByteString): ByteString => {
    // A name that is two lines would be two requests.
    if (word === "" || word.length > answerBytesMax || /[\n\0]/.test(word)) return "";
    const request = `${kind} ${word}\n`;
    let answer = known.get(request);
    if (answer === undefined) {
      answer = inTurn(converter, request);
      known.set(request, answer);
    }
    return answer;
  };
  const nameOf = (kind: string, id: number): ByteString | undefined =>
    ask(kind, String(id)) || undefined;
  const idOf = (kind: string, name: ByteString): number | undefined => {
    const digits = ask(kind, name);
    return /^\d{1,10}$/.test(digits) && Number(digits) <= 0xffffffff ? Number(digits) : undefined;
  };
  return {
    ...openAccounts(),
    userName: (uid) => nameOf("uid", uid),
    groupName: (gid) => nameOf("gid", gid),
    userId: (name) => idOf("usr", name),
    groupId: (name) => idOf("grp", name),
  };
}

function inTurn(converter: NameConverter, request: ByteString): ByteString {
  const turn = new Int32Array(converter.turn);
  while (Atomics.compareExchange(turn, 0, 0, 1) !== 0) Atomics.wait(turn, 0, 1);
  try {
    return exchange(converter, request);
  } finally {
    Atomics.store(turn, 0, 0);
    Atomics.notify(turn, 0, 1);
  }
}

function exchange({ requests, answers }: NameConverter, request: ByteString): ByteString {
  try {
    writeSync(requests, Buffer.from(request, "latin1"));
    const bytes = Buffer.alloc(answerBytesMax);
    let length = 0;
    while (length < bytes.length) {
      // One at a time: what follows is the answer to somebody else.
      const got = readSync(answers, bytes, length, 1, null);
      if (got === 0) break;
      if (bytes[length] === newline) return bytes.toString("latin1", 0, length);
      length++;
    }
  } catch (error) {
    throw failed((error as Error).message);
  }
  throw failed("it has ended, or answers without an end");
}

function failed(reason: string): ManifoldError {
  return new ManifoldError("start-client", `The name converter cannot be asked: ${reason}`);
}
