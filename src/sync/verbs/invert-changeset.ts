// `manifold invert < cset > inverse`.

import { ManifoldError } from "../../base/index.ts";
import { type Header, invertChangeset } from "../../changeset/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import { RecordPump, recordsOf } from "./record-pump.ts";
import type { StageContext } from "./stage-output.ts";

/** Reads a changeset from standard input, writes its inverse, and returns the exit status that it carries. */
export function invertInput(context: StageContext): number {
  const { options, program } = context;
  const store = new ScratchStore();
  const pump = new RecordPump(context.standardInput());
  try {
    const compression = options.transfer.compress.on ? "deflate" : "none";
    const header = (of: Header): Header => {
      if (of.kind === "changeset") return { ...of, compression, program };
      throw new ManifoldError("file-select", "Cannot invert: standard input is a listing");
    };
    const { totals, exit } = invertChangeset(recordsOf(pump), store, header, context.sink);
    context.finished?.(totals);
    return exit;
  } finally {
    pump.close();
    store.close();
  }
}
