// The directory of --temp-dir, looked at before a run begins: without it no file could be written.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { Endpoints, EndsContext } from "./run-ends.ts";

/** Returns why the run cannot use its --temp-dir; undefined when it can, or there is none to look at yet. */
export function tempDirTrouble(
  { fs, options }: Pick<EndsContext, "fs" | "options">,
  { target, targetExists }: Pick<Endpoints, "target" | "targetExists">,
): ManifoldError | undefined {
  const { tempDir } = options.transfer;
  if (tempDir === undefined || target === undefined) return undefined;
  const isBelowTarget = !tempDir.startsWith("/");
  if (isBelowTarget && !targetExists) return undefined;
  try {
    fs.closeDirectory(
      fs.openRoot(isBelowTarget ? `${target.path}/${tempDir}` : tempDir, "bounded"),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // rsync finds out with each file that a link leads where it must not.
    const code = error.code === "ELOOP" ? "partial" : "usage";
    return new ManifoldError(code, sentence(tempDir, error, options.personality), { cause: error });
  }
}

function sentence(tempDir: ByteString, error: FsError, personality: string): string {
  const shown = toText(tempDir);
  if (personality === "manifold" || error.code === "ELOOP")
    return `Cannot use the --temp-dir "${shown}": ${error.reason}`;
  const what = error.code === "ENOTDIR" ? "is not a directory" : "does not exist";
  return `The temp-dir ${what}: ${shown}`;
}
