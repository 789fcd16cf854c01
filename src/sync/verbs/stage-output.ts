// What the stage verbs have in common: headers, the exit status, who hears of problems.

import type { ByteString } from "../../base/index.ts";
import type {
  ByteSink,
  ChangesetDigest,
  Header,
  Preserved,
  Totals,
} from "../../changeset/index.ts";
import { hasCompression } from "../../changeset/index.ts";
import { strongDigestName } from "../../hash/index.ts";
import type { Options } from "../../options/index.ts";
import type { ProblemEvent, ProgressEvent } from "../../tree/index.ts";
import { exitStatus } from "../plan/exit-status.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import type { ToldProblem } from "./listing-stream.ts";

/** What a stage verb works with. */
export interface StageContext {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** Where its records go. */
  readonly sink: ByteSink;
  /** The bytes of standard input, as they come. */
  readonly standardInput: () => Iterable<Uint8Array>;
  readonly tell: (event: ProgressEvent) => void;
  /** Hears at the end how much was written. */
  readonly finished?: (totals: Readonly<Totals>) => void;
  /** Name and version, for headers. */
  readonly program: string;
}

/** Bytes of records that are handed on at once: a call of the system each would cost more than the records. */
export const outputBytesAim = 256 * 1024;

/** The digest that this machine makes changesets with. */
export function changesetDigest(): ChangesetDigest {
  return strongDigestName() === "blake3" ? "blake3" : "sha256";
}

/** Returns a header for what this stage writes. */
export function stageHeader(
  { options, program }: StageContext,
  kind: Header["kind"],
  preserves: readonly Preserved[],
): Header {
  const { compress } = options.transfer;
  const wanted = compress.choice === "zstd" && hasCompression("zstd") ? "zstd" : "deflate";
  return {
    kind,
    digest: changesetDigest(),
    compression: compress.on ? wanted : "none",
    hasData: false,
    preserves,
    options: new Map(),
    filters: options.filterRules.map(({ value }) => value),
    program,
  };
}

/** Adds up how a stage fares, and tells. */
export class StageOutcome {
  readonly #tell: (event: ProgressEvent) => void;
  readonly #exits = new Set<number>();

  constructor(tell: (event: ProgressEvent) => void) {
    this.#tell = tell;
  }

  /** Takes a problem of this stage and tells it. */
  problem(problem: ToldProblem): void {
    this.passed(problem.exit);
    const { message, ...rest } = problem;
    const event: ProblemEvent = {
      type: "problem",
      ...rest,
      ...(message !== undefined && { message }),
    };
    this.#tell(event);
  }

  /** Takes an exit status of an earlier stage, which told its problems itself. */
  passed(exit: number): void {
    if (exit !== 0) this.#exits.add(exit);
  }

  /** A warning about the command line. */
  warn(message: ByteString): void {
    this.problem({ path: "", role: "source", operation: "filter", errno: 0, exit: 0, message });
  }

  /** The worst of all. */
  get exit(): number {
    return exitStatus(this.#exits);
  }
}
