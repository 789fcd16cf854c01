// A program of the operator's that answers lines with lines for as long as this process lives, by descriptors that every thread can
// use.

import { spawn } from "node:child_process";
import process from "node:process";
import { ManifoldError } from "../../base/index.ts";
import { outputPipe } from "./output-pipe.ts";

/** Its two ends here. They block. */
export interface LineProgram {
  readonly requests: number;
  readonly answers: number;
}

/** Starts it, as the user that this process is now. Throws ManifoldError where that cannot be. */
export function startLineProgram(
  [program = "", ...words]: readonly string[],
  variables: Readonly<Record<string, string>>,
): LineProgram {
  const [to, from] = [outputPipe(), outputPipe()];
  if (to === undefined || from === undefined) {
    throw new ManifoldError("unsupported", `Without system calls there is no pipe to ${program}`);
  }
  const child = spawn(program, words, {
    env: { ...process.env, ...variables },
    stdio: [to.readEnd, from.writeEnd, "inherit"],
  });
  // Whoever asks it hears that it is not there.
  child.once("error", () => undefined);
  child.unref();
  to.closeReadEnd();
  from.closeWriteEnd();
  return { requests: to.writeEnd, answers: from.readEnd };
}
