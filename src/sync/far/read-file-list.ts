// The list of --files-from for an end on another machine: its bytes, with a NUL behind each name.

import { type ByteString, ManifoldError, toBytes, toText } from "../../base/index.ts";
import { ownLinks } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { readFileAt } from "../lane/lane-filters.ts";
import { fileListLines } from "../plan/file-list.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Reads the list wherever it is. Throws ManifoldError. */
export function readFileList(
  { walk }: { readonly walk: Pick<Options["walk"], "filesFrom" | "from0"> },
  { readStandardInput, links = ownLinks }: Pick<Surroundings, "readStandardInput" | "links">,
): Uint8Array {
  const { filesFrom: path = "-", from0 } = walk;
  const lines: string[] = [];
  for (const line of fileListLines({ path, from0, links, readStandardInput }))
    lines.push(`${line}\0`);
  return toBytes(lines.join(""));
}

/** Reads a list that a client names, where it can reach nothing but what is behind the run's door. Throws ManifoldError. */
export function readListInside(
  path: ByteString,
  from0: boolean,
  surroundings: Surroundings,
): Uint8Array {
  const content = readFileAt(openDoor(surroundings), path);
  if (content instanceof Uint8Array) {
    const readStandardInput = (): Uint8Array => content;
    return readFileList({ walk: { filesFrom: "-", from0 } }, { readStandardInput });
  }
  const reason = content?.reason ?? "No such file or directory";
  throw new ManifoldError("usage", `cannot open the files-from file ${toText(path)}: ${reason}`);
}
