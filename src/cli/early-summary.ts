// The summary event of a run that never had a reporter: whoever asked for --json reads that the command
// line was wrong, or that the log could not be opened, where everything else would have been told.

import { type ByteString, fromText } from "../base/index.ts";
import {
  closeDescriptor,
  FsError,
  openForWriting,
  ownLinks,
  writeDescriptor,
} from "../sync/index.ts";
import { sumCounters } from "../tree/index.ts";
import { summaryEvent } from "./output/json-events.ts";
import { jsonLine } from "./output/json-name.ts";

/** Verbs whose records are on standard output: their events go to standard error. */
const dataVerbs: ReadonlySet<ByteString> = new Set(["scan", "diff", "send", "invert"]);

/**
 * Writes the summary if argv asks for events. argv is one that nobody could make sense of, so the last --json in
 * it counts, be it another option's value.
 */
export function tellEarlySummary(
  argv: readonly ByteString[],
  ended: { readonly exit: number; readonly failure: string },
): void {
  const end = argv.indexOf("--");
  const flags = argv.slice(0, end < 0 ? argv.length : end);
  const wish = flags.filter((flag) => /^--(no-)?json(=|$)/.test(flag)).at(-1);
  if (wish === undefined || wish.startsWith("--no-")) return;
  const event = summaryEvent(
    {
      exit: ended.exit,
      elapsedMs: 0,
      counters: sumCounters([]),
      sent: 0,
      received: 0,
      sources: [],
      targets: [],
      failure: fromText(ended.failure),
    },
    { problems: 0, conflicts: 0 },
  );
  const bytes = Buffer.from(jsonLine(event), "latin1");
  if (wish.startsWith("--json=")) writeFile(wish.slice("--json=".length), bytes);
  else writeDescriptor(dataVerbs.has(argv[0] ?? "") ? 2 : 1, bytes);
}

/** A file that cannot be opened may be what the run ended with: it was told in words. */
function writeFile(path: ByteString, bytes: Uint8Array): void {
  try {
    const descriptor = openForWriting(path, false, ownLinks);
    writeDescriptor(descriptor, bytes);
    closeDescriptor(descriptor);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
