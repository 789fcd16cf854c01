// The list of a daemon's modules, as rsync prints it.

import { ManifoldError, toText } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import { listModules, listRsyncModules } from "../sync/index.ts";
import { surroundings } from "./surroundings.ts";
import { writeText } from "./write-text.ts";

const nameWidth = 15;

/** Prints which modules there are for us, and returns the exit status. Rejects with ManifoldError. */
export async function printModules(options: Options, far: FarPlaces): Promise<number> {
  const { wire } = options.remote;
  const mayBeOurs = far.program !== undefined && wire !== "rsync";
  if (far.kind === "rsync-daemon" && !mayBeOurs) return await printRsyncModules(options, far);
  try {
    return await printOwnModules(options, far);
  } catch (error) {
    // What a command of the user's connects to was a daemon of ours until it answered.
    const isRsync = error instanceof ManifoldError && error.data.answers === "rsync";
    if (!isRsync || wire !== undefined) throw error;
    return await printRsyncModules(options, far);
  }
}

async function printRsyncModules(options: Options, far: FarPlaces): Promise<number> {
  await listRsyncModules(options, far, surroundings(options.links), (line) =>
    writeText(`${toText(line)}\n`),
  );
  return 0;
}

async function printOwnModules(options: Options, far: FarPlaces): Promise<number> {
  const modules = await listModules(options, far, surroundings(options.links));
  const lines = modules.map(({ name, comment }) =>
    options.output.json
      ? JSON.stringify({ type: "module", name: toText(name), comment: toText(comment) })
      : `${toText(name).padEnd(nameWidth)}\t${toText(comment)}`,
  );
  writeText(lines.map((line) => `${line}\n`).join(""));
  return 0;
}
