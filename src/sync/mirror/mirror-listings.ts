// Directories of the transfer as the reference has them: which of its directories each is, and what filters hide.

import type { ByteString } from "../../base/index.ts";
import type { ListedEntry } from "../../source/index.ts";
import { FilterLevel, type FilterRuleSet, verdictHide } from "../../tree/index.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import { FileNumbers, type ListedRows, recordOf } from "./listing-record.ts";
import type { MirrorDirectories } from "./mirror-directories.ts";
import type { WaitingRules } from "./waiting-rules.ts";

/** What listing needs. */
export interface MirrorListingsSettings {
  readonly directories: MirrorDirectories;
  /** The one name in the top; undefined = the top is the tree itself. */
  readonly name: ByteString | undefined;
  readonly filterRules: FilterRuleSet | undefined;
  readonly hardLinks: boolean;
  /** What waits for later stages; undefined = nothing does. */
  readonly waits?: WaitingRules | undefined;
}

/** A directory. */
export interface MirrorListing extends ListedRows {
  /** Path below the source's root, "" for that. */
  readonly path: ByteString;
}

/** Lists. */
export class MirrorListings {
  readonly #settings: MirrorListingsSettings;
  readonly #fileNumbers: FileNumbers | undefined;
  readonly #filters: FilterLevel | undefined;

  constructor(settings: MirrorListingsSettings) {
    this.#settings = settings;
    this.#fileNumbers = settings.hardLinks ? new FileNumbers() : undefined;
    this.#filters = sourceFilters(settings.filterRules);
  }

  /** It will not be wanted, nor what is below. */
  skip(path: ByteString): void {
    this.#settings.directories.skip(path);
  }

  /** Returns a directory. Never rejects: what went wrong is in the record. */
  async of({ known }: TreeNode): Promise<MirrorListing> {
    const { name, directories } = this.#settings;
    const { path } = known;
    const isTop = path === "";
    if (isTop && name !== undefined) return this.#named(name);
    const below = name === undefined ? path : path.slice(name.length + 1);
    const { listing, problems } = await directories.take(below);
    const listed = recordOf(listing, {
      path,
      top: name ?? "",
      fileNumbers: this.#fileNumbers,
      problems,
      isNamed: false,
      hasSelf: isTop,
      hides: either(this.#hides(path), this.#settings.waits?.in(below)),
    });
    return { path: below, ...listed };
  }

  /** A top with nothing in it but the tree. */
  async #named(name: ByteString): Promise<MirrorListing> {
    const { listing, problems } = await this.#settings.directories.peek("");
    const self: Partial<ListedEntry> = listing.self ?? {};
    const entries = [{ ...self, name, kind: "directory" } as const];
    const listed = recordOf(
      { entries, isComplete: listing.isComplete },
      {
        path: "",
        top: "",
        fileNumbers: undefined,
        problems: listing.isComplete ? [] : problems,
        isNamed: true,
        hasSelf: false,
        hides: undefined,
      },
    );
    return { path: "", ...listed };
  }

  #hides(path: ByteString): Hides | undefined {
    return this.#filters && hidesOf(this.#filters, path);
  }
}

/** Says whether filters hide a name. */
export type Hides = (name: ByteString, isDirectory: boolean) => boolean;

/** Returns what filters hide in a directory of the transfer; undefined = nothing. */
export function hidesOf(filters: FilterLevel, path: ByteString): Hides | undefined {
  const level = filters.enter(path, () => undefined);
  if (level.isEmpty) return undefined;
  return (name, isDirectory) => {
    const bytes = Buffer.from(name, "latin1");
    return (level.verdict(bytes, 0, bytes.length, isDirectory) & verdictHide) !== 0;
  };
}

/** Returns the filters of the whole transfer. */
export function sourceFilters(rules: FilterRuleSet | undefined): FilterLevel | undefined {
  const root = { path: "/", readFile: () => undefined };
  return rules && FilterLevel.begin(rules, "source", root);
}

function either(one: Hides | undefined, other: Hides | undefined): Hides | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (name, isDirectory) => one(name, isDirectory) || other(name, isDirectory);
}
