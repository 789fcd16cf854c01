// What each of the processes that work together says to the others, a line after the other in a file of its own that only it writes to:
// how fast it is, what it has brought, and, if it conducts, what is wanted.

import { type ByteString, toBytes } from "../../base/index.ts";
import type { KnownState } from "../mirror/choose-reference.ts";
import { isOrder, keyForm, type OrderRecord } from "./order-record.ts";

/** A line. */
export type MemberLine =
  /** The first one: where its content comes from. */
  | { readonly is: "source"; readonly url: string }
  /** The second one: when it came, by the file system's clock, in seconds; and, if it may say what the tree is, its source's state. */
  | { readonly is: "came"; readonly time: number; readonly state?: KnownState | null | undefined }
  /** From time to time: bytes a second, and how many it has claimed and not brought. */
  | { readonly is: "pulse"; readonly rate: number; readonly left: number }
  /** It will do nothing any more. */
  | { readonly is: "gone" }
  /** Part of an order is in its file; with BLAKE3 of it. */
  | {
      readonly is: "brought";
      readonly key: string;
      readonly from: number;
      readonly to: number;
      readonly digest: string;
    }
  /** It cannot bring part of an order: its source does not have that, or has it otherwise. */
  | { readonly is: "lacks"; readonly key: string; readonly from: number; readonly to: number }
  /** It has let go a claim. */
  | { readonly is: "freed"; readonly claim: string; readonly turn: number }
  /** Whoever conducts wants this; `term` counts conductors. */
  | { readonly is: "wants"; readonly term: number; readonly order: OrderRecord }
  /** Whoever conducts has no use for an order any more. */
  | { readonly is: "over"; readonly term: number; readonly key: string }
  /** Whoever conducts has looked at what a line (at `at` in the file of `member`) says it has brought, and it is not there or not right. */
  | {
      readonly is: "refused";
      readonly member: ByteString;
      readonly at: number;
      readonly isBlamed: boolean;
    };

const hexForm = /^[0-9a-f]{64}$/;
const nameForm = /^[\x21-\x7e]{1,255}$/;

/** Writes a line. */
export function formatLine(line: MemberLine): Uint8Array {
  return toBytes(`${JSON.stringify(line)}\n`);
}

/** Reads a line, without its end; undefined = it is none: anybody may have written it. */
export function parseLine(text: ByteString): MemberLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const line = value as Record<string, unknown>;
  const check = checks[line.is as MemberLine["is"]];
  return check?.(line) === true ? (value as MemberLine) : undefined;
}

type Check = (line: Record<string, unknown>) => boolean;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const matches = (value: unknown, form: RegExp): boolean =>
  typeof value === "string" && form.test(value);
const isSpan: Check = ({ key, from, to }) =>
  matches(key, keyForm) && isCount(from) && isCount(to) && from < to;

/** Says whether something that was read says which state a tree is in. */
export function isKnownState(value: unknown): value is KnownState {
  if (typeof value !== "object" || value === null) return false;
  const { from, time } = value as Partial<Record<keyof KnownState, unknown>>;
  return typeof from === "string" && (time === undefined || Number.isFinite(time));
}

const checks: Readonly<Partial<Record<MemberLine["is"], Check>>> = {
  source: ({ url }) => typeof url === "string",
  came: ({ time, state }) =>
    Number.isFinite(time) && (state === undefined || state === null || isKnownState(state)),
  pulse: ({ rate, left }) => isCount(rate) && isCount(left),
  gone: () => true,
  brought: (line) => isSpan(line) && matches(line.digest, hexForm),
  lacks: isSpan,
  freed: ({ claim, turn }) => matches(claim, nameForm) && isCount(turn),
  wants: ({ term, order }) => isCount(term) && isOrder(order),
  over: ({ term, key }) => isCount(term) && matches(key, keyForm),
  refused: ({ member, at, isBlamed }) =>
    matches(member, nameForm) && isCount(at) && typeof isBlamed === "boolean",
};
