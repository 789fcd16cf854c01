// What a sync is about to do, recorded as a changeset with data (--tee, --write-batch): the plan's
// sources are compared with the target as it is, and nothing is touched. Where the ends are on two machines, the
// source's end records: it tells which directories it enters, and gets the target's listings of those.

import { type ByteString, joinPath } from "../../base/index.ts";
import {
  ChangesetWriter,
  compareDirectories,
  type ListedDirectory,
  type OrderedDirectory,
  type Preserved,
  takesContent,
} from "../../changeset/index.ts";
import type { Signature } from "../../delta/index.ts";
import type { FilterRuleSet } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { wantsRenames } from "../plan/detects-renames.ts";
import type { RootSetting } from "../plan/lane-settings.ts";
import type { Endpoints } from "../plan/run-ends.ts";
import { wantedNodes } from "../plan/stage-options.ts";
import { changesOldContent } from "./changes-old-content.ts";
import { type ListingStream, type ToldProblem, WrittenListing } from "./listing-stream.ts";
import { LiveListing } from "./live-listing.ts";
import type { AsksDigests, MoveDetection } from "./move-choice.ts";
import { commonNames } from "./preserved-names.ts";
import { SentFiles } from "./sent-files.ts";
import { openStageLane } from "./stage-lane.ts";
import {
  changesetDigest,
  outputBytesAim,
  type StageContext,
  StageOutcome,
  stageHeader,
} from "./stage-output.ts";
import type { Steps } from "./steps.ts";
import { writeDifference } from "./write-difference.ts";
import { writeListing } from "./write-listing.ts";

/** The source's side of what is recorded. */
export interface CapturedSource extends Pick<Endpoints, "plan" | "incomplete"> {
  /** The target, where it is on this machine, for filters. */
  readonly target: RootSetting | undefined;
}

/** Says of a row of orders that its content goes another way. */
export type GoesApart = (orders: OrderedDirectory, row: number) => boolean;

/** Returns the sums of the blocks of the target's file at a path; undefined = they are not known. */
export type SignatureOf = (path: ByteString) => Signature | undefined;

/** Says whether directories of the target are looked at that the source does not have: to be deleted, or for what moved. */
export function capturesAll(options: StageContext["options"], incomplete: boolean): boolean {
  const { mode, force } = options.delete;
  return (mode !== "none" && !incomplete) || force || wantsRenames(options);
}

/**
 * Writes the changeset of a transfer on this machine, with or without data, to the context's sink and returns the exit
 * status. Throws ManifoldError.
 */
export function* captureTransfer(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  { plan, target, targetExists, incomplete }: Endpoints,
  hasData = true,
): Steps<number> {
  let lane: LaneContext | undefined;
  const openStanding = (source: LiveListing): ListingStream => {
    if (target === undefined || !targetExists) return nothingThere(source.preserves);
    lane = openTarget(context, rules, target);
    const all = capturesAll(context.options, incomplete);
    // Where nothing goes and nothing is looked for, only what the source has is looked at.
    return new LiveListing(lane, {
      side: "target",
      enters: (path) => all || source.hasInView(path),
    });
  };
  try {
    const ends = { plan, target, incomplete, hasData };
    return yield* captureAgainst(context, rules, ends, openStanding);
  } finally {
    lane?.close();
  }
}

/**
 * The same against listings of the target that another machine wrote; without a byte there is no target. `ask` asks
 * that machine for digests. `apart`: contents that are left out. `signatureOf`: what is known of old ones.
 */
export function captureFar(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  source: CapturedSource,
  pieces: Iterable<Uint8Array> | undefined,
  how: {
    readonly ask: AsksDigests;
    readonly hasData: boolean;
    readonly apart?: GoesApart;
    readonly signatureOf?: SignatureOf;
  },
): Steps<number> {
  return captureAgainst(context, rules, { ...source, ...how }, ({ preserves }) =>
    pieces === undefined ? nothingThere(preserves) : new WrittenListing(pieces, "the target"),
  );
}

/** Writes which directories the source enters: what captureFar needs to know of. */
export function* listEntered(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  source: CapturedSource,
): Steps {
  // What is met is met again when it is recorded.
  const outcome = new StageOutcome(() => undefined);
  const lane = openSource(context, rules, source, outcome);
  try {
    const listing = new LiveListing(lane, { side: "source", plan: source.plan });
    yield* writeListing(context, listing, outcome, true);
  } finally {
    lane.close();
  }
}

/** Writes the listings of a target that captureFar wants, on the target's machine. */
export function* listStanding(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  target: RootSetting,
  {
    entered,
    isPlain = false,
  }: {
    /** What listEntered wrote; undefined = all of it is wanted. */
    readonly entered?: Iterable<Uint8Array> | undefined;
    /** As LiveListing's. */
    readonly isPlain?: boolean;
  },
): Steps {
  const lane = openTarget(context, rules, target);
  const names = entered && new WrittenListing(entered, "the source");
  let next = names?.next();
  const enters = (path: string): boolean => {
    while (next !== undefined && compareDirectories(next.path, path) < 0) next = names?.next();
    return names === undefined || next?.path === path;
  };
  try {
    const digest = context.options.select.checksum ? { digest: changesetDigest() } : {};
    const listing = new LiveListing(lane, { side: "target", isPlain, enters, ...digest });
    // They travel in the listing, and are told by whoever records.
    yield* writeListing(context, listing, new StageOutcome(() => undefined));
  } finally {
    names?.close();
    lane.close();
  }
}

function* captureAgainst(
  context: StageContext,
  rules: FilterRuleSet | undefined,
  ends: CapturedSource & {
    readonly hasData: boolean;
    readonly ask?: AsksDigests;
    readonly apart?: GoesApart;
    readonly signatureOf?: SignatureOf;
  },
  openStanding: (source: LiveListing) => ListingStream,
): Steps<number> {
  const { options } = context;
  const { hasData, apart = nothingApart, signatureOf = noSignature } = ends;
  // What the scan meets is told by the run, which meets it again; what was not recorded is told here.
  const outcome = new StageOutcome(() => undefined);
  const sending = new StageOutcome(context.tell);
  const lane = openSource(context, rules, ends, outcome);
  const source = new LiveListing(lane, { side: "source", plan: ends.plan });
  let standing: ListingStream | undefined;
  try {
    standing = openStanding(source);
    const preserves = commonNames(source, standing);
    const header = { ...stageHeader(context, "changeset", preserves), hasData };
    const writer = new ChangesetWriter(header, context.sink, outputBytesAim);
    const problem = (told: ToldProblem): void => {
      sending.problem(told);
      outcome.passed(told.exit);
      writer.problem(told);
    };
    const files = new SentFiles(lane, writer, problem, source.places);
    const moves = movesOf(options, ends, { source, target: standing, digest: header.digest });
    yield* writeDifference(outcome, {
      ...{ source, target: standing, writer },
      deletes: options.delete.mode !== "none" && !ends.incomplete,
      force: options.delete.force,
      diff: { ...lane.diff, ...wantedNodes(lane.settings) },
      ...(moves && { moves }),
      describe: () => undefined,
      follow: (_path, orders, from, to) =>
        hasData ? sendRows(files, orders, { from, to }, { apart, signatureOf }) : nothingFollows,
    });
    return outcome.exit;
  } finally {
    source.close();
    standing?.close();
    lane.close();
  }
}

/** Renames are recorded where the run looks for them; what the sender has compared needs no sums of blocks. */
function movesOf(
  options: StageContext["options"],
  { hasData, ask }: { readonly hasData: boolean; readonly ask?: AsksDigests },
  trees: Pick<MoveDetection, "source" | "target" | "digest">,
): MoveDetection | undefined {
  const { detect } = options.own.renames;
  if (detect === "no" || !wantsRenames(options) || !hasData) return undefined;
  return { ...trees, ...(ask && { ask }), detect, deltas: false, sign: () => undefined };
}

function* sendRows(
  files: SentFiles,
  orders: OrderedDirectory,
  { from, to }: { readonly from: number; readonly to: number },
  { apart, signatureOf }: { readonly apart: GoesApart; readonly signatureOf: SignatureOf },
): Steps {
  for (let row = from; row < to; row++) {
    if (!takesContent(orders, row) || apart(orders, row)) continue;
    const beginsFromOld = changesOldContent(orders, row) && !orders.bases.has(row);
    const known = beginsFromOld ? signatureOf(joinPath(orders.path, orders.name(row))) : undefined;
    const fits = known?.fileLength === orders.before.columns.size[row];
    yield* files.send(orders, row, fits ? known : undefined, row - from);
  }
}

function nothingApart(): boolean {
  return false;
}

function noSignature(): undefined {
  return undefined;
}

const nothingFollows: Steps = (function* (): Steps {
  // Without data there are orders only.
})();

function openSource(
  { options, surroundings }: StageContext,
  rules: FilterRuleSet | undefined,
  { plan, target }: CapturedSource,
  outcome: StageOutcome,
): LaneContext {
  const filters = { rules, warn: outcome.warn.bind(outcome) };
  const at = { path: ".", side: "source", sources: plan.roots, target } as const;
  return openStageLane({ ...{ options, surroundings, filters }, ...at });
}

function openTarget(
  { options, surroundings }: StageContext,
  rules: FilterRuleSet | undefined,
  { path }: RootSetting,
): LaneContext {
  // Warnings about filters are the run's to give.
  const filters = { rules, warn: () => undefined };
  return openStageLane({ options, surroundings, filters, path, side: "target" });
}

/** The listing of a target that is still to be made. */
function nothingThere(preserves: readonly Preserved[]): ListingStream {
  return {
    ...{ preserves, digest: undefined, place: undefined, exit: 0, isComplete: true },
    next: (): ListedDirectory | undefined => undefined,
    takeProblems: () => [],
    close: () => undefined,
  };
}
