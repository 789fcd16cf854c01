// A whole receive in this very thread.

import { ReceiveRun } from "../../src/sync/index.ts";
import type { ProgressEvent } from "../../src/tree/index.ts";
import { read } from "../options/resolve.ts";
import { inlineSurroundings } from "./run-inline.ts";

/** How it ended. */
export interface Received {
  readonly exit: number;
  readonly events: readonly ProgressEvent[];
}

/** Applies a changeset to a folder, verified first or as a pipe would bring it; the umask must be 0. Throws what stops it. */
export async function receiveInline(
  target: string,
  changeset: Uint8Array,
  { isRepeatable, argv = [] }: { isRepeatable: boolean; argv?: readonly string[] },
): Promise<Received> {
  const parsed = read(["receive", ...argv, target], { personality: "manifold" });
  if (parsed.kind !== "run") throw new Error("no run");
  const events: ProgressEvent[] = [];
  const tell = (event: ProgressEvent): number => events.push(event);
  const common = {
    options: parsed.options,
    surroundings: inlineSurroundings(undefined),
    tell,
    program: "test",
  };
  const standardInput = (): Iterable<Uint8Array> => [];
  const pieces = (): Iterable<Uint8Array> => [changeset];
  const run = new ReceiveRun(
    { ...common, sink: () => undefined, standardInput },
    { pieces, isRepeatable },
  );
  return { exit: await run.run(async () => undefined), events };
}
