// What feeds the inside of a subdirectory, as far as it follows from what feeds its parent.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { Origin } from "../../pipeline/index.ts";

/** Returns the subdirectory `name` of a place that feeds its parent; `isOther`: another place has brought the entry. */
export function originInside(from: Origin, name: ByteString, isOther: boolean): Origin {
  const { root, named, order } = from;
  const path = joinPath(from.path, name);
  const optional = isOther || from.optional === true;
  return optional ? { root, path, named, order, optional } : { root, path, named, order };
}
