// Which targets of a cast are served together: those that have the same, and those that differ, where one stream with
// what several lack pays.

import type { Clock } from "../../base/index.ts";
import type { SignatureOf } from "../verbs/capture-transfer.ts";
import type { KeptPieces } from "../verbs/kept-pieces.ts";
import type { Steps } from "../verbs/steps.ts";
import { GroupSigning } from "./group-signing.ts";
import type { Recording } from "./record-stream.ts";
import { shareContent } from "./shared-content.ts";
import type { TargetLink } from "./target-link.ts";

/** Targets that are served by one stream. */
export interface CastGroup {
  readonly links: TargetLink[];
  readonly recording: Recording;
  /** What each is told before the stream, by its standing; undefined = the stream says all. */
  readonly owns?: ReadonlyMap<string, KeptPieces>;
  /** What they have in common of large files that change; undefined = there are none. */
  readonly signing?: GroupSigning | undefined;
  /** Lets go of what is kept for it. */
  close(): void;
}

/** Puts targets together. */
export class CastGroups {
  readonly #record: (kept: KeptPieces | undefined) => Recording;
  readonly #isSame: boolean;
  readonly #clock: Clock;
  /** Targets that it does not pay for to share a stream with others. */
  readonly #apart = new Set<number>();

  /** `record`: begins to record for targets that have this. `isSame`: all get the same, whatever they have. */
  constructor(record: (kept: KeptPieces | undefined) => Recording, isSame: boolean, clock: Clock) {
    this.#record = record;
    this.#isSame = isSame;
    this.#clock = clock;
  }

  /** Returns targets that were sent nothing yet, the most first; undefined = there are none. */
  *next(links: readonly TargetLink[]): Steps<CastGroup | undefined> {
    const waiting = links.filter(({ isServed, isThere }) => isThere && !isServed);
    const differing = waiting.filter(({ id, isBare }) => !isBare && !this.#apart.has(id));
    const shared = yield* shareContent(this.#sort(differing), this.#record(undefined), this.#clock);
    for (const { id } of differing) this.#apart.add(id);
    if (shared !== undefined) return shared;
    const [group] = [...this.#sort(waiting).values()].sort((a, b) => b.length - a.length);
    const [first] = group ?? [];
    if (group === undefined || first === undefined) return undefined;
    const whole = this.#record(first.isBare ? undefined : first.kept);
    const close = (): void => undefined;
    const find = first.isUnsigned ? undefined : GroupSigning.find(group, whole, this.#clock);
    const signing = find && (yield* find);
    if (signing === undefined) return { links: group, recording: whole, close };
    const signed = group.filter(({ isUnsigned, isThere }) => isThere && !isUnsigned);
    const signatureOf: SignatureOf = (path) => signing.signatureOf(path);
    return { links: signed, recording: { ...whole, signatureOf }, signing, close };
  }

  /** Says whether a target may take part in what is under way for a group. */
  suits({ links: [first], owns }: CastGroup, link: TargetLink): boolean {
    if (owns !== undefined) return owns.has(this.#keyOf(link));
    return first !== undefined && this.#keyOf(first) === this.#keyOf(link);
  }

  #sort(links: readonly TargetLink[]): Map<string, TargetLink[]> {
    const groups = new Map<string, TargetLink[]>();
    for (const link of links) {
      const key = this.#keyOf(link);
      groups.set(key, [...(groups.get(key) ?? []), link]);
    }
    return groups;
  }

  #keyOf({ standing, isUnsigned }: TargetLink): string {
    return this.#isSame ? "" : `${standing ?? ""}${isUnsigned ? " unsigned" : ""}`;
  }
}
