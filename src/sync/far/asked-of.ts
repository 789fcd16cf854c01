// What a source on another machine was asked for, in the words in which it was asked.

import { ownLinks } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { StartMessage } from "../../session/index.ts";
import { AskedBuilder, type AskedPaths } from "../plan/asked-paths.ts";
import { fileListLines } from "../plan/file-list.ts";
import { clampLine, plainArgument, relativeArgument } from "../plan/source-argument.ts";

/** Returns what was asked for; undefined = nobody here knows: a shell made the places (--old-args), or the list is there. */
export function askedOf(
  { places, expansion, list }: NonNullable<StartMessage["asked"]>,
  walk: Options["walk"],
): AskedPaths | undefined {
  const builder = new AskedBuilder(walk);
  const argumentOf = walk.relative ? relativeArgument : plainArgument;
  if (list instanceof Uint8Array) {
    const lines = { path: "-", from0: true, links: ownLinks, readStandardInput: () => list };
    for (const line of fileListLines(lines)) {
      builder.add(argumentOf(clampLine(line, walk.relative)), false);
    }
    return builder.paths();
  }
  if (list !== undefined || expansion === "command-line") return undefined;
  for (const place of places) builder.add(argumentOf(place), expansion !== "none");
  return builder.paths();
}
