// How messages name an entry of a source directory.

import type { ByteString } from "../../base/index.ts";

/** Returns the path of an entry as the user would write it, given the directory's, which may end in a slash. */
export function entryLabel(directory: ByteString, name: ByteString): ByteString {
  return directory === "" || directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}
