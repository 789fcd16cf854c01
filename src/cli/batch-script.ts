// The script beside a batch, which replays it: FILE.sh (rsync(1), BATCH MODE). Every word that came
// from the command line stands in single quotes, so that nothing in it is the shell's.

import { type ByteString, fromText, ManifoldError, toBytes, toText } from "../base/index.ts";
import type { Options, Personality } from "../options/index.ts";
import { closeDescriptor, FsError, openForWriting, writeDescriptor } from "../sync/index.ts";

const scriptMode = 0o700;

/** Writes the script of the batch FILE. Throws ManifoldError. */
export function writeBatchScript(options: Options): void {
  const { capture } = options.own;
  if (capture === undefined) return;
  const path = `${capture.file}.sh`;
  const text = batchScript(options, process.argv[1] ?? "");
  let errno = 0;
  try {
    const descriptor = openForWriting(path, false, options.links, scriptMode);
    errno = writeDescriptor(descriptor, toBytes(text));
    closeDescriptor(descriptor);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("file-select", openError(path, error.reason));
  }
  if (errno !== 0) {
    throw new ManifoldError("io-start", openError(path, new FsError(errno, "write", path).reason));
  }
}

function openError(path: ByteString, reason: string): string {
  return `Batch file "${toText(path)}" open error: ${reason}`;
}

/** Returns the text. `started`: the module that this process began with. */
export function batchScript({ own, personality, target }: Options, started: string): ByteString {
  const { file, replay } = own.capture ?? { file: "", replay: [] };
  const verb = personality === "manifold" ? ["sync"] : [];
  const words = [launcherOf(started, personality), ...verb, ...replay, `--read-batch=${file}`];
  return `${words.map(quoted).join(" ")} -- "\${1:-${innerQuoted(target ?? ".")}}"\n`;
}

/** The launcher that belongs to a build of a checkout or package; elsewhere the name is looked for in PATH. */
function launcherOf(started: string, personality: Personality): ByteString {
  const name = personality === "manifold" ? "manifold" : "manifold-rsync";
  const root = /^(.*)\/(?:\.build\/[^/]+|dist)\/[^/]+$/.exec(started)?.[1];
  return root === undefined ? name : fromText(`${root}/${name}`);
}

/** A word in single quotes. */
function quoted(word: ByteString): ByteString {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The same inside of double quotes, where single ones would stand for themselves. */
function innerQuoted(word: ByteString): ByteString {
  return word.replace(/[$`"\\]/g, "\\$&");
}
