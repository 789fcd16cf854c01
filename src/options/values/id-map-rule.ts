// What one pair of --usermap or --groupmap says, as data. id-map.ts parses and applies the rules.
import type { ByteString } from "../../base/index.ts";

/** The left side of a pair: an id, a range of ids (ends included), a name, or a wildcard name. */
export type IdMapFrom =
  | { readonly kind: "id"; readonly id: number }
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "name"; readonly name: ByteString }
  | { readonly kind: "pattern"; readonly pattern: ByteString };

/** The right side of a pair: an id to use as it is, or a name for the receiver to look up. */
export type IdMapTo =
  | { readonly kind: "id"; readonly id: number }
  | { readonly kind: "name"; readonly name: ByteString };

/** One FROM:TO pair; the first pair that matches an entry's owner decides. */
export interface IdMapRule {
  readonly from: IdMapFrom;
  readonly to: IdMapTo;
}
