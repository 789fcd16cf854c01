// A target's way to the casts of a master that it knows, instead of waiting for masters (`manifold catch --master`).

import { ManifoldError } from "../../base/index.ts";
import { type CatchOptions, castModule, catcherPlace, type Options } from "../../options/index.ts";
import { type Channel, lineChannel } from "../../transport/index.ts";
import { reachFar } from "../far/reach.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** What a target that came by itself is told when it is its turn. */
export const comeLine = "come";
/** Whoever has had everything waits for the end of the cast, and asks again now and then whether it is over. */
const turnMs = 60_000;

/** Goes there and resolves when it is this target's turn. `id`: 32 hexadecimal digits, the same when it comes back. Rejects with ManifoldError. */
export async function visitMaster(
  options: Options,
  { host, port }: NonNullable<CatchOptions["master"]>,
  around: Surroundings,
  id: string,
): Promise<Channel> {
  const far = { ...catcherPlace, host, port, module: castModule };
  const lines = lineChannel(await reachFar(options, far, around), around.clock);
  try {
    lines.send(Buffer.from(`visit ${id}\n`));
    const line = await lines.readLine(turnMs);
    if (line === comeLine) return lines;
    throw new ManifoldError("protocol-data", `${lines.label} has no cast`);
  } catch (error) {
    lines.destroy();
    throw error;
  }
}

/** Says whether it makes sense to go there again after this: there may be a cast later, or the next time. */
export function mayVisitAgain({ code }: ManifoldError): boolean {
  return ["socket-io", "connect-timeout", "connection-lost", "timeout"].includes(code);
}
