// The real rsync: what it prints, and what it did as the events that our stages would have told.
//
// The events come from a run with a format that has every field between separators; a second run
// on an equal target, with the options under test, gives the text that our faces must print for them.

import { spawnSync } from "node:child_process";
import {
  change,
  type DeleteEvent,
  type ItemEvent,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeRegular,
  typeSymlink,
} from "../../../src/tree/index.ts";

/** How a program ended. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
}

/**
 * Runs rsync in a folder; output as byte strings. `asNobody` = as that user, where we are root. Of argv, spawn can
 * carry only what is UTF-8.
 */
export function runRsync(
  argv: readonly string[],
  options: { readonly cwd: string; readonly locale?: string; readonly asNobody?: boolean },
): Ran {
  const { cwd, locale = "C.UTF-8", asNobody = false } = options;
  const nobody = asNobody && process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const ran = spawnSync(
    "rsync",
    argv.map((argument) => Buffer.from(argument, "latin1").toString("utf8")),
    { cwd, env: { ...process.env, LC_ALL: locale }, timeout: 30_000, ...nobody },
  );
  return {
    stdout: ran.stdout.toString("latin1"),
    stderr: ran.stderr.toString("latin1"),
    exit: ran.status,
  };
}

/** Says whether the rsync that our shapes were taken from is installed. */
export function haveOracle(): boolean {
  const { stdout } = spawnSync("rsync", ["--version"], { encoding: "utf8" });
  return (stdout ?? "").startsWith("rsync  version 3.5.");
}

const separator = "\x01";
const fields = ["i", "l", "U", "G", "B", "M", "C", "n", "L"];

/** Runs rsync and returns what it did, unchanged entries included, in its order. */
export function observeEvents(argv: readonly string[], cwd: string): (ItemEvent | DeleteEvent)[] {
  const format = fields.map((letter) => `%${letter}`).join(separator);
  const ran = runRsync(["-ii", `--out-format=${format}`, ...argv], { cwd, locale: "C" });
  if (ran.exit !== 0) throw new Error(`rsync failed: ${ran.stderr}`);
  return ran.stdout
    .split("\n")
    .filter((line) => line.includes("\\#001"))
    .map(readEvent);
}

function readEvent(line: string): ItemEvent | DeleteEvent {
  const [item = "", size, uid, gid, mode = "", time = "", sum = "", name = "", link = ""] = line
    .split("\\#001")
    .map(unescapeBytes);
  const path = name === "./" ? "" : name.replace(/\/$/, "");
  if (item.startsWith("*deleting")) {
    return { type: "delete", path, mode: name.endsWith("/") ? typeDirectory : typeRegular };
  }
  const changes = readChanges(item, link.startsWith(" => "));
  return {
    type: "item",
    path,
    changes,
    mode: readType(item[1] ?? "") | readMode(mode),
    size: Number(size),
    mtime: readTime(time),
    uid: Number(uid),
    gid: gid === "DEFAULT" ? 0 : Number(gid),
    literal: changes & change.transfer ? Number(size) : 0,
    matched: 0,
    ...(link === "" ? {} : { linkTarget: link.slice(4) }),
    ...(sum.trim() === "" ? {} : { checksum: sum }),
  };
}

function unescapeBytes(text: string): string {
  return text.replace(/\\#([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

const letterBits: Readonly<Record<string, number>> = {
  c: change.content,
  s: change.size,
  t: change.mtime,
  T: change.mtimeNow,
  p: change.mode,
  o: change.owner,
  g: change.group,
  u: change.atime,
  n: change.crtime,
  b: change.atime | change.crtime,
  a: change.acl,
  x: change.xattr,
  "+": change.created,
};

function readChanges(item: string, isLinked: boolean): number {
  let changes = 0;
  for (const letter of item.slice(2)) changes |= letterBits[letter] ?? 0;
  if (item[0] === ">") changes |= change.transfer;
  if (item[0] === "c") changes |= change.local;
  if (item[0] === "h") changes |= change.local | change.hardLink;
  // Blank letters mean that all is well, except an equal entry that becomes a link, or a new one
  // that is as in a basis directory.
  const isBlank = item.slice(2).trim() === "";
  if (isBlank && !isLinked && item[0] !== "c") changes |= change.upToDate;
  return changes;
}

function readType(letter: string): number {
  if (letter === "d") return typeDirectory;
  if (letter === "L") return typeSymlink;
  if (letter === "D") return typeCharacter;
  return letter === "S" ? typeFifo : typeRegular;
}

function readMode(text: string): number {
  let mode = 0;
  for (let i = 0; i < 9; i++) if (!"-ST".includes(text[i] ?? "-")) mode |= 0o400 >> i;
  if (/s/i.test(text[2] ?? "")) mode |= 0o4000;
  if (/s/i.test(text[5] ?? "")) mode |= 0o2000;
  if (/t/i.test(text[8] ?? "")) mode |= 0o1000;
  return mode;
}

function readTime(text: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = text
    .split(/[/:-]/)
    .map(Number);
  const date = new Date(2000, month - 1, day, hour, minute, second);
  date.setFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}
