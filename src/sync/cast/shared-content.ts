// One stream for targets that differ: it has the content that several of them lack, and each is told beforehand what it
// is to do, and given what hardly anybody else lacks.

import { type ByteString, type Clock, joinPath } from "../../base/index.ts";
import {
  type ByteSink,
  ChangesetWriter,
  type Header,
  type OrderedDirectory,
} from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import { sessionWords } from "../far/session-words.ts";
import type { SignatureOf } from "../verbs/capture-transfer.ts";
import { KeptPieces } from "../verbs/kept-pieces.ts";
import { WrittenListing } from "../verbs/listing-stream.ts";
import { changesetDigest, outputBytesAim } from "../verbs/stage-output.ts";
import type { Steps } from "../verbs/steps.ts";
import { writeCommonListing } from "./common-listing.ts";
import {
  GroupSigning,
  maySign,
  type SignedFile,
  signedFilesMax,
  signedSize,
} from "./group-signing.ts";
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
  /** What they have in common of large files that change; undefined = there are none. */
  readonly signing: GroupSigning | undefined;
  /** Lets go of what is kept for it. */
  close(): void;
}

/** What targets with the same listing need. */
interface Need {
  readonly links: readonly TargetLink[];
  readonly own: KeptPieces;
  /** Bytes of content that the stream has for them. */
  shared: number;
  /** Large files of the stream that they have in the old size, and that they take without. */
  readonly signed: Set<ByteString>;
  readonly unsigned: Set<ByteString>;
}

/** What several targets lack: paths, large files that most have in the same old size, with that, and bytes. */
interface Lacked {
  readonly paths: ReadonlySet<ByteString>;
  readonly large: ReadonlyMap<ByteString, number>;
  readonly bytes: number;
}

/**
 * Returns how these targets, by what they have, are best served by one stream; undefined = they are not. `base` records a
 * stream for somebody who has nothing.
 */
export function* shareContent(
  groups: ReadonlyMap<string, readonly TargetLink[]>,
  base: Recording,
  clock: Clock,
): Steps<SharedContent | undefined> {
  const { detect } = base.options.own.renames;
  // Files that are believed to have moved are not content that anybody lacks.
  if (groups.size < 2 || detect === "times" || detect === "names") return undefined;
  const common = new KeptPieces();
  const quiet = { ...base, options: withoutRenames(base.options), tell: () => undefined };
  yield* keepCommon(groups, (piece) => common.add(piece));
  const lacked = yield* findLacked({ ...quiet, kept: common });
  const { bytes } = lacked;
  const needs: Need[] = [];
  if (bytes > 0) {
    for (const links of groups.values()) {
      const need = yield* findNeed(links, quiet, lacked);
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
  const links = needs.flatMap((need) => need.links);
  const signing = signingOf(needs, lacked, clock);
  if (signing !== undefined) yield signing.gather(links);
  const signatureOf: SignatureOf = (path) => signing?.signatureOf(path);
  const recording = { ...quiet, kept: common, tell: base.tell, signatureOf };
  const left = links.filter(({ isUnsigned, isThere }) => isThere && !isUnsigned);
  return { links: left, recording, owns, signing, close };
}

/** Returns what asks for sums of large files that everybody who takes them from the stream has in the old size; undefined = there are none. */
function signingOf(needs: readonly Need[], { large }: Lacked, clock: Clock) {
  const refused = new Set(needs.flatMap(({ unsigned }) => [...unsigned]));
  const files = new Map(
    [...large]
      .filter(([path]) => !refused.has(path))
      .map(([path, size]): [ByteString, SignedFile] => [path, { path, size, common: undefined }]),
  );
  if (files.size === 0) return undefined;
  const taken = new Map(needs.map(({ links, signed }) => [links[0]?.standing, signed]));
  return new GroupSigning([...files.values()], clock, ({ standing }) =>
    [...(taken.get(standing) ?? [])].flatMap((path) => files.get(path) ?? []),
  );
}

/** Finds out what the stream is to have. */
function* findLacked(recording: Recording): Steps<Lacked> {
  const paths = new Set<ByteString>();
  const large = new Map<ByteString, number>();
  let bytes = 0;
  const note = (orders: OrderedDirectory, row: number): boolean => {
    const path = joinPath(orders.path, orders.name(row));
    paths.add(path);
    const size = maySign(recording) ? signedSize(orders, row) : undefined;
    if (size !== undefined && large.size < signedFilesMax) large.set(path, size);
    bytes += sizeOf(orders, row);
    return true;
  };
  yield* recordStream({ ...recording, apart: note }, () => undefined);
  return { paths, large, bytes };
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
  { paths, large }: Lacked,
): Steps<Need> {
  const sets = { signed: new Set<ByteString>(), unsigned: new Set<ByteString>() };
  const need: Need = { links, own: new KeptPieces(), shared: 0, ...sets };
  const apart = (orders: OrderedDirectory, row: number): boolean => {
    const path = joinPath(orders.path, orders.name(row));
    if (!paths.has(path)) return false;
    need.shared += sizeOf(orders, row);
    const size = large.get(path);
    if (size !== undefined) {
      const isSame = signedSize(orders, row) === size;
      (isSame ? need.signed : need.unsigned).add(path);
    }
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
