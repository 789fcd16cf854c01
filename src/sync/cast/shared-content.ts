// One stream for targets that differ: it has the content that several of them lack, and each is told beforehand what it
// is to do, and given what hardly anybody else lacks.

import { joinPath } from "../../base/index.ts";
import {
  type ByteSink,
  ChangesetWriter,
  type Header,
  type OrderedDirectory,
} from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import { sessionWords } from "../far/session-words.ts";
import { KeptPieces } from "../verbs/kept-pieces.ts";
import { WrittenListing } from "../verbs/listing-stream.ts";
import { changesetDigest, outputBytesAim } from "../verbs/stage-output.ts";
import type { Steps } from "../verbs/steps.ts";
import { writeCommonListing } from "./common-listing.ts";
import { type Recording, recordStream } from "./record-stream.ts";
import type { TargetLink } from "./target-link.ts";

/** Content that fewer than this share of the targets lack, or fewer than two, goes to each over its connection. */
const fewShare = 0.05;
const fewMin = 2;
/** A target of which less than this share of the stream is needed has a stream of its own: it would keep the rest for nothing. */
const neededShareMin = 0.25;
/** Bytes of orders and content that a target is given for itself; whoever needs more has a stream of its own. */
const ownBytesMax = 1024 ** 3;

/** What such targets are served with. */
export interface SharedContent {
  readonly links: TargetLink[];
  readonly recording: Recording;
  /** What each is told beforehand, by its standing. */
  readonly owns: ReadonlyMap<string, KeptPieces>;
  /** Lets go of what is kept for it. */
  close(): void;
}

/** What targets with the same listing need. */
interface Need {
  readonly links: readonly TargetLink[];
  readonly own: KeptPieces;
  /** Bytes of content that the stream has for them. */
  shared: number;
}

/**
 * Returns how these targets, by what they have, are best served by one stream; undefined = they are not. `base` records a
 * stream for somebody who has nothing.
 */
export function* shareContent(
  groups: ReadonlyMap<string, readonly TargetLink[]>,
  base: Recording,
): Steps<SharedContent | undefined> {
  const { detect } = base.options.own.renames;
  // Files that are believed to have moved are not content that anybody lacks.
  if (groups.size < 2 || detect === "times" || detect === "names") return undefined;
  const common = new KeptPieces();
  const quiet = { ...base, options: withoutRenames(base.options), tell: () => undefined };
  yield* keepCommon(groups, (piece) => common.add(piece));
  const table = new Set<string>();
  let bytes = 0;
  const note = (orders: OrderedDirectory, row: number): boolean => {
    table.add(joinPath(orders.path, orders.name(row)));
    bytes += sizeOf(orders, row);
    return true;
  };
  yield* recordStream({ ...quiet, kept: common, apart: note }, () => undefined);
  const needs: Need[] = [];
  if (bytes > 0) {
    for (const links of groups.values()) {
      const need = yield* findNeed(links, quiet, table);
      if (need.own.length > ownBytesMax || need.shared < neededShareMin * bytes) need.own.close();
      else needs.push(need);
    }
  }
  const owns = new Map(needs.map(({ links, own }) => [links[0]?.standing ?? "", own]));
  const close = (): void => {
    for (const kept of [common, ...owns.values()]) kept.close();
  };
  if (!pays(needs, bytes)) {
    close();
    return undefined;
  }
  const recording = { ...quiet, kept: common, tell: base.tell };
  return { links: needs.flatMap(({ links }) => links), recording, owns, close };
}

/** Says whether fewer bytes go out than with a stream for each set of equal targets. */
function pays(needs: readonly Need[], bytes: number): boolean {
  const together = needs.reduce((sum, { links, own }) => sum + links.length * own.length, bytes);
  const apart = needs.reduce((sum, { shared, own }) => sum + shared + own.length, 0);
  return together < apart;
}

function* findNeed(
  links: readonly TargetLink[],
  base: Recording,
  table: ReadonlySet<string>,
): Steps<Need> {
  const need: Need = { links, own: new KeptPieces(), shared: 0 };
  const apart = (orders: OrderedDirectory, row: number): boolean => {
    if (!table.has(joinPath(orders.path, orders.name(row)))) return false;
    need.shared += sizeOf(orders, row);
    return true;
  };
  const recording = { ...base, kept: links[0]?.kept, apart };
  const steps = recordStream(recording, (piece) => need.own.add(piece));
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    yield step.value;
    if (need.own.length > ownBytesMax) steps.return(0);
  }
  return need;
}

function* keepCommon(groups: ReadonlyMap<string, readonly TargetLink[]>, sink: ByteSink): Steps {
  const listings = [...groups.values()].map((links) => ({
    listing: new WrittenListing(links[0]?.kept.pieces() ?? [], "the target"),
    targets: links.length,
  }));
  try {
    const count = listings.reduce((sum, { targets }) => sum + targets, 0);
    const few = Math.max(fewMin, Math.ceil(count * fewShare));
    const [first] = listings;
    const header: Header = {
      ...{ kind: "listing", digest: changesetDigest(), compression: "none", hasData: false },
      ...{ preserves: first?.listing.preserves ?? [], options: new Map() },
      ...{ filters: [], program: sessionWords.program },
    };
    const writer = new ChangesetWriter(header, sink, outputBytesAim);
    // An entry that all but a few have alike is either lacked by few, or by nearly all.
    yield* writeCommonListing(listings, count - few + 1, writer);
    writer.finish({ complete: true, exit: 0 });
  } finally {
    for (const { listing } of listings) listing.close();
  }
}

function withoutRenames(options: Options): Options {
  const { own } = options;
  return { ...options, own: { ...own, renames: { ...own.renames, detect: "no" } } };
}

function sizeOf({ after }: OrderedDirectory, row: number): number {
  return after.columns.size[row] as number;
}
