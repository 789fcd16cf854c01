// What an rsync client tells the server that it starts, or that a daemon becomes for it: rsync's words, not ours, and of a daemon's
// clients not all of them are taken.

import { type ByteString, type Clock, systemClock } from "../base/index.ts";
import type { Options } from "./options.ts";
import { type MetFlag, readArgv } from "./read-argv.ts";
import { flagIndex } from "./read-flags.ts";
import { refusal, refusedOptions } from "./refused-options.ts";
import { resolveFarEnd } from "./resolve-far-end.ts";

/** What a server is started with. */
export interface ServerWords {
  /** It is the sender. */
  readonly isSender: boolean;
  /** What the client can do, in letters. */
  readonly capabilities: ByteString;
  /** The rest of the words come over the wire. */
  readonly isSecluded: boolean;
  /** Options. */
  readonly words: readonly ByteString[];
  readonly paths: readonly ByteString[];
}

/** Takes the words of a server's command line apart; the paths stand behind a ".". */
export function readServerWords(argv: readonly ByteString[]): ServerWords {
  const dot = argv.indexOf(".");
  const before = dot < 0 ? argv : argv.slice(0, dot);
  const paths = dot < 0 ? [] : argv.slice(dot + 1);
  let capabilities = "";
  let isSender = false;
  let isSecluded = false;
  const words: ByteString[] = [];
  for (const word of before) {
    if (word === "--server") continue;
    if (word === "--sender") {
      isSender = true;
      continue;
    }
    const [, letters = "", rest] = /^-([A-Za-z@]*?)e(\d*\.\S*)$/.exec(word) ?? [];
    const cluster = rest === undefined ? undefined : letters;
    if (rest !== undefined) capabilities = rest.replace(/^\d*\./, ".");
    const own = cluster === undefined ? word : `-${cluster}`;
    const isCluster = /^-[A-Za-z@]+$/.test(own);
    if (isCluster && own.includes("s")) isSecluded = true;
    const kept = isCluster ? own.replaceAll("s", "") : own;
    // Said twice, it is to be verified: a server has no other word for that.
    const isAgain = kept === "--append" && words.includes(kept);
    if (kept !== "-") words.push(...(isAgain ? ["--append-verify"] : formatWords(kept)));
  }
  return { isSender, capabilities, isSecluded, words, paths };
}

/** What items are told of, a client says by a format that it will not see filled. */
function formatWords(word: ByteString): ByteString[] {
  const [, format] = /^--(?:log|out)-format=(.*)$/s.exec(word) ?? [];
  if (format === undefined) return [word];
  if (format.includes("%I")) return ["-ii"];
  return format.includes("%i") || format.includes("%o") ? ["-i"] : [];
}

/** What is asked of a server. */
export interface ServerRequest {
  readonly words: readonly ByteString[];
  /** What this end adds. */
  readonly ownWords: readonly ByteString[];
  readonly isSender: boolean;
  readonly paths: readonly ByteString[];
  /** Options that are refused, as rsync's "refuse options" names them; undefined = the client may do all that we may. */
  readonly refused: readonly ByteString[] | undefined;
}

/** Options that are about files of the server's own, or that start programs. */
const neverForClients = new Set([
  "log-file",
  "write-batch",
  "only-write-batch",
  "read-batch",
  "tee",
  "rsh",
  "rsync-path",
  "remote-option",
  "password-file",
  "early-input",
  "daemon",
  "config",
  "copy-as",
  "insecure-links",
  "confine-root",
]);

/** Returns the options of a run that an rsync client wants. Throws ManifoldError. */
export function parseServer(
  request: ServerRequest,
  clock: Pick<Clock, "wallTime"> = systemClock,
): Options {
  const { words, ownWords, isSender, paths, refused } = request;
  if (refused !== undefined) refuseWords(words, refused);
  // A server without a path has nothing to do.
  const places = paths.length === 0 ? [] : isSender ? [...paths, "."] : [".", paths[0] ?? "."];
  return resolveFarEnd([...words, ...ownWords], places, "manifold-rsync", clock, "The client");
}

function refuseWords(words: readonly ByteString[], refused: readonly ByteString[]): void {
  const isRefused = refusedOptions(refused);
  const visit = (met: MetFlag): undefined => {
    if (neverForClients.has(met.flag.name ?? "") || isRefused(met.flag)) throw refusal(met);
  };
  readArgv(words, { index: flagIndex, posixOrder: false, visit });
}
