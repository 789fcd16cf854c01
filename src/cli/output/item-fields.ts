// What the %-escapes stand for, for an entry that was updated and for one that was deleted.

import type { ByteString } from "../../base/index.ts";
import {
  change,
  type DeleteEvent,
  formatItem,
  type ItemEvent,
  isDirectory,
  isRegular,
  isSymlink,
} from "../../tree/index.ts";
import type { ItemFields } from "./item-format.ts";
import { namesLeader } from "./item-gate.ts";
import { modeText } from "./mode-text.ts";
import type { RunInfo } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";
import { timeText } from "./time-text.ts";

/** What escapes need besides the entry. */
export interface FieldContext {
  readonly settings: ReportSettings;
  readonly direction: RunInfo["direction"];
  readonly pid: number;
  /** Milliseconds since 1970. */
  wallTime(): number;
}

/** Letters that stand for nothing outside of a daemon. */
const emptyLetters = new Map<string, ByteString>([["m", ""]]);

/** Fields of an item. */
export class ItemEventFields implements ItemFields {
  readonly #event: ItemEvent;
  readonly #context: FieldContext;
  readonly arrow: string;
  readonly #link: ByteString;

  constructor(event: ItemEvent, context: FieldContext) {
    this.#event = event;
    this.#context = context;
    const { madeOf } = event;
    const isMade = madeOf !== undefined;
    this.arrow = isMade
      ? " <- "
      : namesLeader(event)
        ? " => "
        : isSymlink(event.mode)
          ? " -> "
          : "";
    this.#link = isMade
      ? shownName(madeOf, event.mode)
      : this.arrow === ""
        ? ""
        : (event.linkTarget ?? "");
  }

  bytes(letter: string): number | undefined {
    if (letter === "l") return this.#event.size;
    if (letter === "b") return this.#sent();
    if (letter === "c") return this.#answered();
    return undefined;
  }

  text(letter: string): ByteString | undefined {
    const event = this.#event;
    const { settings, direction } = this.#context;
    switch (letter) {
      case "n":
        return shownName(event.path, event.mode);
      case "L":
        return this.#link;
      case "i":
        return itemLetters(event, direction);
      case "f":
        return longName(event);
      case "o":
        return direction === "pull" ? "recv" : "send";
      case "U":
        return settings.preserve.owner ? String(event.uid) : "0";
      case "G":
        return settings.preserve.group ? String(event.gid) : "DEFAULT";
      case "M":
        return timeText(event.mtime).replaceAll(" ", "-");
      case "B":
        return modeText(event.mode).slice(1);
      case "C":
        return isRegular(event.mode) && event.checksum !== undefined
          ? event.checksum
          : " ".repeat(settings.checksumDigits);
      default:
        return commonText(letter, this.#context);
    }
  }

  /**
   * %b. rsync counts what went through the pipe between its processes; a whole file costs 39 bytes
   * (index, flags, empty sums, end, digest) and 4 for each piece of 32 KiB besides its data.
   */
  #sent(): number {
    const { changes, literal } = this.#event;
    const { settings } = this.#context;
    if (!(changes & change.transfer) || settings.dryRun) return 0;
    if (settings.personality === "manifold") return literal;
    return 39 + literal + 4 * Math.ceil(literal / 32768);
  }

  /** %c. In rsync the signature that came back, 16 bytes when there is none; here what matched. */
  #answered(): number {
    const { changes, matched } = this.#event;
    const { settings } = this.#context;
    if (!(changes & change.transfer) || settings.dryRun) return 0;
    return settings.personality === "manifold" ? matched : 16;
  }
}

/** Fields of a deletion; only name and type are known. */
export class DeleteEventFields implements ItemFields {
  readonly #event: DeleteEvent;
  readonly #context: FieldContext;
  readonly arrow = "";

  constructor(event: DeleteEvent, context: FieldContext) {
    this.#event = event;
    this.#context = context;
  }

  bytes(letter: string): number | undefined {
    return letter === "l" || letter === "b" || letter === "c" ? 0 : undefined;
  }

  text(letter: string): ByteString | undefined {
    const { settings } = this.#context;
    switch (letter) {
      case "n":
        return shownName(this.#event.path, this.#event.mode);
      case "L":
        return "";
      case "i":
        return "*deleting  ";
      case "f":
        return this.#event.path;
      case "o":
        return "del.";
      case "U":
        return "0";
      case "G":
        return settings.preserve.group ? "0" : "DEFAULT";
      case "M":
        return timeText(0).replaceAll(" ", "-");
      case "B":
        return "---------";
      case "C":
        return " ".repeat(settings.checksumDigits);
      default:
        return commonText(letter, this.#context);
    }
  }
}

/** Returns the name as lines show it: directories with a slash, the transfer's root as "./". */
export function shownName(path: ByteString, mode: number): ByteString {
  const name = path === "" ? "." : path;
  return isDirectory(mode) ? `${name}/` : name;
}

function commonText(letter: string, context: FieldContext): ByteString | undefined {
  if (letter === "p") return String(context.pid);
  if (letter === "t") return timeText(context.wallTime() / 1000);
  return emptyLetters.get(letter);
}

function itemLetters(event: ItemEvent, direction: RunInfo["direction"]): string {
  const letters = formatItem(event.changes, event.mode);
  return direction === "push" && letters.startsWith(">") ? `<${letters.slice(1)}` : letters;
}

/** %f: the path on the source side without its leading slash. */
function longName(event: ItemEvent): ByteString {
  const path = event.sourcePath ?? (event.path || ".");
  const clean = path.replace(/\/{2,}/g, "/");
  const name = clean.endsWith("/") ? `${clean}.` : clean;
  return name.startsWith("/") ? name.slice(1) : name;
}
