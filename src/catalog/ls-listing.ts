// `ls -lR` of a whole tree: what Debian's and Ubuntu's mirrors publish as ls-lR.gz. Made by `ls`, for people: dates of the last
// half year have minutes, older ones only the day, and both are in the time zone of whoever made it.

import { type ByteString, joinPath, ManifoldError } from "../base/index.ts";
import { monthNumber, parseIsoTime, utcSeconds, yearOf } from "./calendar.ts";
import type { CatalogKind, CatalogReader, CatalogTime, EntrySink } from "./entry.ts";
import { Lines } from "./lines.ts";
import { isSafeName, isStatePath, requireSafePath } from "./safe-path.ts";

/** What is not in the list itself. */
export interface LsSettings {
  /** When it was made, in seconds since 1970: dates without a year are of the year before it. */
  readonly madeAt: number;
  readonly sink: EntrySink;
}

const catalog = "An ls-lR listing";
const daySeconds = 86_400;

const kinds: ReadonlyMap<string, CatalogKind> = new Map([
  ["-", "file"],
  ["d", "directory"],
  ["l", "symlink"],
]);

/** Type, permissions, links, owner, group, size or device numbers, the rest. */
const row = /^([-dlbcpsD])([-rwxsStT]{9})[.+@]? +\d+ +(\S+) +(\S+) +(?:\d+, +)?(\d+) (.*)$/s;
/** The date in the forms of --time-style=locale (C), long-iso and full-iso, one blank, the name. */
const recent = /^ *([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d) (.*)$/s;
const older = /^ *([A-Z][a-z]{2}) +(\d{1,2}) +(\d{4}) (.*)$/s;
const longIso = /^ *(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d) (.*)$/s;
const fullIso = /^ *(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} [+-]\d{4}) (.*)$/s;

/** Reads the whole list, and gives entries directory by directory, as they stand there. */
export class LsReader implements CatalogReader {
  readonly #settings: LsSettings;
  readonly #lines: Lines;
  /** How the list calls the top; unknown until its first header. */
  #top: ByteString | undefined;
  #directory: ByteString = "";
  #isHidden = false;
  /** A header stands at the beginning or after an empty line, and nowhere else. */
  #mayBeHeader = true;

  constructor(settings: LsSettings) {
    this.#settings = settings;
    this.#lines = new Lines(catalog, (line) => this.#line(line));
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): void {
    this.#lines.end();
  }

  #line(line: ByteString): void {
    if (line === "") {
      this.#mayBeHeader = true;
      return;
    }
    if (this.#mayBeHeader && line.endsWith(":") && !row.test(line)) {
      this.#mayBeHeader = false;
      this.#header(line.slice(0, -1));
      return;
    }
    this.#mayBeHeader = false;
    if (/^total \d+/.test(line)) return;
    const found = row.exec(line);
    if (found === null) {
      throw new ManifoldError(
        "protocol-data",
        `${catalog} has a line that \`ls -l\` does not write`,
      );
    }
    this.#entry(found);
  }

  #header(written: ByteString): void {
    this.#top ??= written.replace(/\/+$/, "");
    const top = this.#top;
    const isTop = written.replace(/\/+$/, "") === top;
    const isBelow = isTop || written.startsWith(`${top}/`);
    const path = isBelow ? written.slice(top.length).replace(/^\/+/, "") : written;
    this.#directory = isTop ? "" : requireSafePath(path, catalog);
    this.#isHidden = this.#directory !== "" && isStatePath(this.#directory);
  }

  #entry([, type = "", bits = "", user = "", group = "", digits = "", rest = ""]: string[]): void {
    const dated = this.#dated(rest);
    if (dated === undefined) {
      throw new ManifoldError("protocol-data", `${catalog} has a date in a form that is not known`);
    }
    const kind = kinds.get(type) ?? "other";
    const arrow = kind === "symlink" ? dated.name.indexOf(" -> ") : -1;
    const name = arrow < 0 ? dated.name : dated.name.slice(0, arrow);
    if (name === "." || name === "..") return;
    if (!isSafeName(name)) requireSafePath(`/${name}`, catalog);
    const path = joinPath(this.#directory, name);
    if (this.#isHidden || isStatePath(name)) return;
    this.#settings.sink({
      path,
      kind,
      time: dated.time,
      mode: parseBits(bits),
      user,
      group,
      ...(kind === "file" && { size: Number(digits) }),
      ...(arrow >= 0 && { linkTarget: dated.name.slice(arrow + 4) }),
    });
  }

  #dated(rest: string): { name: ByteString; time: CatalogTime | undefined } | undefined {
    const full = fullIso.exec(rest);
    if (full !== null) {
      const time = parseIsoTime(full[1] ?? "");
      return { name: full[2] ?? "", time: time && { ...time, step: 0, isZoneKnown: true } };
    }
    const iso = longIso.exec(rest);
    if (iso !== null) {
      const [, year, month = "", day, hour, minute, name = ""] = iso;
      return { name, time: this.#minutes(Number(year), month, [day, hour, minute].map(Number)) };
    }
    const old = older.exec(rest);
    if (old !== null) {
      const [, month = "", day, year, name = ""] = old;
      const date = { year: Number(year), month: monthNumber(month), day: Number(day) };
      return { name, time: timeOf(utcSeconds(date), daySeconds) };
    }
    const young = recent.exec(rest);
    if (young === null) return undefined;
    const [, month = "", day, hour, minute, name = ""] = young;
    return { name, time: this.#yearless(month, [day, hour, minute].map(Number)) };
  }

  /** Of the last half year, or just ahead of the clock: the latest such date that is not a day in the future. */
  #yearless(month: string, numbers: number[]): CatalogTime | undefined {
    const { madeAt } = this.#settings;
    const year = yearOf(madeAt) + 1;
    for (const candidate of [year, year - 1, year - 2]) {
      const time = this.#minutes(candidate, month, numbers);
      if (time !== undefined && time.seconds < madeAt + daySeconds) return time;
    }
    return undefined;
  }

  #minutes(
    year: number,
    month: string,
    [day = 0, hour = 0, minute = 0]: number[],
  ): CatalogTime | undefined {
    return timeOf(utcSeconds({ year, month: monthNumber(month), day, hour, minute }), 60);
  }
}

function timeOf(seconds: number | undefined, step: number): CatalogTime | undefined {
  return seconds === undefined ? undefined : { seconds, nanos: 0, step, isZoneKnown: false };
}

/** Returns the permission bits of "rwxr-sr-t". */
function parseBits(bits: string): number {
  let mode = 0;
  for (let i = 0; i < 9; i++) {
    const letter = bits[i] ?? "-";
    // A capital letter: the special bit is set, the execute bit is not.
    if (letter !== "-" && letter !== "S" && letter !== "T") mode |= 0o400 >> i;
    if (letter === "s" || letter === "S") mode |= i < 3 ? 0o4000 : 0o2000;
    if (letter === "t" || letter === "T") mode |= 0o1000;
  }
  return mode;
}
