// Extended attributes and ACLs of a staged file: set by name, after it was closed.

import { change } from "../../tree/index.ts";
import { allAttributes, setXattrs } from "./attributes.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import type { Staged } from "./staging.ts";

/** Sets the extended attributes and ACLs of a staged file. */
export function setStagedXattrs(context: ReceiveContext, staged: Staged, entry: SourceEntry): void {
  const { listing, index } = entry;
  const bits = allAttributes(context.options, listing, index) & (change.acl | change.xattr);
  if (bits !== 0)
    setXattrs(context.fs, staged.dir, staged.name, listing.xattrs.get(index) ?? [], bits);
}
