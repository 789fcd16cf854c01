// The list of --files-from for an end on another machine: its bytes, with a NUL behind each name.

import { toBytes } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { fileListLines } from "../plan/file-list.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Reads the list wherever it is. Throws ManifoldError. */
export function readFileList(
  { walk }: { readonly walk: Pick<Options["walk"], "filesFrom" | "from0"> },
  { readStandardInput }: Pick<Surroundings, "readStandardInput">,
): Uint8Array {
  const { filesFrom: path = "-", from0 } = walk;
  const lines: string[] = [];
  for (const line of fileListLines({ path, from0, readStandardInput })) lines.push(`${line}\0`);
  return toBytes(lines.join(""));
}
