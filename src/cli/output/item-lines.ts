// Item, deletion and list lines: decided by the gate, filled in from the formats, put on the screen
// and into the log.

import type { ByteString, Clock } from "../../base/index.ts";
import { change, type DeleteEvent, type ItemEvent, isDirectory } from "../../tree/index.ts";
import { HeldItems } from "./held-items.ts";
import { DeleteEventFields, type FieldContext, ItemEventFields, shownName } from "./item-fields.ts";
import {
  fillItemFormat,
  formatHas,
  type ItemFields,
  type ItemFormat,
  readItemFormat,
} from "./item-format.ts";
import { itemGate } from "./item-gate.ts";
import { listLine } from "./list-line.ts";
import type { LogFile } from "./log-file.ts";
import type { Screen } from "./screen.ts";
import type { ReportSettings } from "./settings.ts";

/** Where lines go, and what escapes may ask. */
export interface ItemPlaces {
  readonly screen: Screen;
  readonly log: LogFile;
  readonly context: FieldContext;
  readonly clock: Clock;
  readonly isTerminal: boolean;
}

/** Tells of entries. */
export class ItemLines {
  readonly #settings: ReportSettings;
  readonly #places: ItemPlaces;
  readonly #logHasChanges: boolean;
  readonly #deletion: ItemFormat;
  readonly #logDeletion: ItemFormat;
  readonly #held: HeldItems | undefined;
  /** The file whose name stands on the screen before its progress. */
  #announced: ByteString | undefined;

  constructor(settings: ReportSettings, places: ItemPlaces) {
    const { itemFormat, logFormat, itemize } = settings;
    this.#settings = settings;
    this.#places = places;
    this.#logHasChanges = logFormat !== undefined && formatHas(logFormat, "i");
    // A format that does not tell what was done to an entry is no use for deletions.
    const tells = itemFormat !== undefined && (itemize > 0 || formatHas(itemFormat, "o"));
    this.#deletion = tells ? itemFormat : deletionFormat;
    const logTells = logFormat !== undefined && (this.#logHasChanges || formatHas(logFormat, "o"));
    this.#logDeletion = logTells ? logFormat : deletionFormat;
    const { personality, info } = settings;
    if (personality === "manifold-rsync" && info.progress === 0) {
      const { clock, isTerminal } = places;
      this.#held = new HeldItems(
        isTerminal,
        () => clock.now(),
        (event) => this.#formatted(event, itemGate(event, settings, this.#logHasChanges).logged),
      );
    }
  }

  /** Tells of an item. */
  item(event: ItemEvent): void {
    const settings = this.#settings;
    if (settings.listOnly) {
      this.#both(
        listLine(this.#listEntry(event), { ...settings.preserve, numbers: settings.numbers }),
      );
      return;
    }
    const gate = itemGate(event, settings, this.#logHasChanges);
    if (gate.line === "none") return;
    if (gate.line === "formatted") {
      // The root is settled before anything that could overtake it.
      if (this.#held === undefined || event.path === ".") this.#formatted(event, gate.logged);
      else this.#held.hold(event);
      return;
    }
    if (settings.quiet) return;
    const name = shownName(event.path, event.mode);
    this.#both(gate.line === "name" ? name : `${name} is uptodate`);
  }

  /** Time has passed. */
  tick(): void {
    this.#held?.tick();
  }

  /** Nothing more will come. */
  finish(): void {
    this.#held?.release();
  }

  /** Tells of a deletion. */
  deletion(event: DeleteEvent): void {
    const { screen, log, context } = this.#places;
    const { itemFormat, info, dryRun, deletesLast } = this.#settings;
    if (deletesLast) this.#held?.release();
    const fields = new DeleteEventFields(event, context);
    if (info.del > 0 || itemFormat !== undefined) {
      screen.line(fillItemFormat(this.#deletion, fields));
    }
    if (!dryRun) log.line(fillItemFormat(this.#logDeletion, fields));
  }

  /** Puts a file's name on the screen before its progress, unless its item line stands there already. */
  announce(path: ByteString): void {
    if (this.#announced === path) return;
    this.#announced = path;
    if (this.#settings.info.name > 0 || this.#settings.itemFormat !== undefined) {
      this.#places.screen.line(path);
    }
  }

  #formatted(event: ItemEvent, logged: boolean): void {
    const { screen, log, context } = this.#places;
    const { itemFormat, logFormat, info, logBeforeTransfer } = this.#settings;
    const fields = new ItemEventFields(event, context);
    if (itemFormat !== undefined && !this.#isAnnounced(event, itemFormat, fields)) {
      screen.line(fillItemFormat(itemFormat, fields));
      if (logBeforeTransfer && info.progress > 0) this.#announced = event.path;
    }
    if (logged && logFormat !== undefined && !isEmpty(logFormat)) {
      log.line(fillItemFormat(logFormat, fields));
    }
  }

  /** Under --progress the name already stands above the file's progress; it is not told twice. */
  #isAnnounced(event: ItemEvent, format: ItemFormat, fields: ItemFields): boolean {
    if (this.#announced !== event.path || !(event.changes & change.transfer)) return false;
    return fillItemFormat(format, fields) === shownName(event.path, event.mode);
  }

  #listEntry(event: ItemEvent): ItemEvent {
    if (this.#settings.preserve.links || isDirectory(event.mode)) return event;
    const { linkTarget: _, ...rest } = event;
    return rest;
  }

  #both(line: ByteString): void {
    this.#places.screen.line(line);
    this.#places.log.line(line);
  }
}

const deletionFormat: ItemFormat = readItemFormat("deleting %n");

function isEmpty(format: ItemFormat | undefined): boolean {
  return format === undefined || format.length === 0;
}
