// The command that reaches another machine: ssh, or what --rsh says, taken apart as rsync takes it
// apart (rsync(1), --rsh), and the program that is to run there.

import { type ByteString, baseName, ManifoldError } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";

/**
 * Returns the program and its arguments; with --old-args the places are among them, for the other machine's shell to take
 * apart. Throws "usage" for a command that ends in a quote.
 */
export function shellCommand(options: Options, far: FarPlaces): ByteString[] {
  const { remote, personality } = options;
  const isRsync = personality === "manifold-rsync";
  const program = remote.rsyncPath ?? (isRsync ? "manifold-rsync" : "manifold");
  const role = isRsync ? ["--server", "--manifold"] : ["agent"];
  const places = remote.oldArgs > 0 ? [".", ...far.paths] : [];
  return [...remoteShell(options, far), program, ...role, ...places];
}

/** Returns the remote shell and the machine that it leads to. Throws "usage" for a command that ends in a quote. */
export function remoteShell({ remote }: Options, { host }: FarPlaces): ByteString[] {
  const at = host.lastIndexOf("@");
  const user = at < 0 ? [] : ["-l", host.slice(0, at)];
  const command = splitCommand(remote.rsh ?? "ssh");
  // Other remote shells may not know these options.
  const isSsh = baseName(command[0] ?? "") === "ssh";
  const family = isSsh && remote.ipVersion !== undefined ? [`-${remote.ipVersion}`] : [];
  return [...command, ...family, ...user, host.slice(at + 1)];
}

/** A run of plain characters, or something in quotes, in which a doubled quote is one. */
const part = /[^ '"]+|'(?:[^']|'')*'(?!')|"(?:[^"]|"")*"(?!")/y;

/** Splits at spaces outside of quotes. Throws "usage" for a command that ends in a quote. */
export function splitCommand(command: ByteString): ByteString[] {
  const words: ByteString[] = [];
  let word: ByteString | undefined;
  for (let at = 0; at < command.length; at = part.lastIndex) {
    part.lastIndex = at;
    const [text] = part.exec(command) ?? [];
    if (text !== undefined) word = (word ?? "") + unquoted(text);
    else if (command[at] === " ") {
      if (word !== undefined) words.push(word);
      word = undefined;
      part.lastIndex = at + 1;
    } else {
      throw new ManifoldError("usage", `Missing trailing-${command[at]} in remote-shell command.`);
    }
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new ManifoldError("usage", "The remote-shell command is empty.");
  return words;
}

function unquoted(text: ByteString): ByteString {
  const [quote = ""] = text;
  if (quote !== "'" && quote !== '"') return text;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}
