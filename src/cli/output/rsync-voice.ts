// How rsync says what stopped it: whether its name stands before the sentence, and which of its
// processes speaks in the line after it. Scripts match the whole of both lines. Observed.
// This file is a table.

import type { ByteString } from "../../base/index.ts";

/** How a sentence is spoken. */
interface Voice {
  /** rsync's name and a colon come before it. */
  readonly named: boolean;
  /** Who speaks in the line that follows; undefined = as always with that exit status. */
  readonly role?: string;
}

const alone = { named: false } as const;

/** Beginnings of sentences, and how they are spoken. */
const voices: readonly (readonly [RegExp, Voice])[] = [
  [/^ERROR: (the|at most \d+) --/, { named: true }],
  [/^(ERROR|WARNING|FATAL)\b/, alone],
  [/^Unknown --(info|debug) item/, alone],
  [/^Daemon option\(s\) used/, alone],
  [/^unknown (checksum|compress) name/, alone],
  [/^(No colon|No name) found /, { ...alone, role: "Receiver" }],
  [/^Invalid number in --/, { ...alone, role: "Receiver" }],
  [/^The temp-dir /, { ...alone, role: "Receiver" }],
  [/^The source and destination cannot both be remote/, { ...alone, role: "Receiver" }],
  [/^The --(password-file|contimeout) option /, { ...alone, role: "sender" }],
  [/^--files-from cannot be remote/, { ...alone, role: "sender" }],
  [/^(Empty source arg|Unexpected (remote|local) arg)/, { ...alone, role: "sender" }],
  [/^--protocol must be /, { ...alone, role: "sender" }],
];

const usual: Voice = { named: true };

/** Returns how rsync speaks the sentence. */
export function rsyncVoice(sentence: ByteString): Voice {
  const speaker = /^\[(\w+)\] /.exec(sentence)?.[1];
  if (speaker !== undefined) return { named: true, role: speaker };
  return voices.find(([beginning]) => beginning.test(sentence))?.[1] ?? usual;
}
