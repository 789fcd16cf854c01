// What stops a run before it began because one of its ends cannot be used: in rsync's words, which
// scripts look for, or in manifold's.

import { type ByteString, joinPath, ManifoldError, toText } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";

/** A kind of trouble: its code, rsync's sentence and manifold's; % stands for the path. */
interface EndTrouble {
  readonly code: "file-select" | "io-start";
  readonly rsync: string;
  readonly plain: string;
}

const troubles = {
  enterSource: {
    code: "file-select",
    rsync: '[sender] change_dir "%" failed',
    plain: 'Cannot enter the source directory "%"',
  },
  statTarget: {
    code: "file-select",
    rsync: '[Receiver] ERROR: cannot stat destination "%"',
    plain: 'Cannot look at the target "%"',
  },
  enterTarget: {
    code: "file-select",
    rsync: '[Receiver] change_dir#1 "%" failed',
    plain: 'Cannot enter the target directory "%"',
  },
  enterTargetParent: {
    code: "file-select",
    rsync: '[Receiver] change_dir#3 "%" failed',
    plain: 'Cannot enter the directory of the target, "%"',
  },
  makeTarget: {
    code: "io-start",
    rsync: '[Receiver] mkdir "%" failed',
    plain: 'Cannot make the target directory "%"',
  },
} as const satisfies Record<string, EndTrouble>;

/** A key of the table of troubles. */
export type EndTroubleKind = keyof typeof troubles;

/** Returns the error for a path of the operator's that a call failed on. */
export function endError(
  kind: EndTroubleKind,
  path: ByteString,
  error: FsError,
  around: { readonly options: Options; readonly workingDirectory: ByteString },
): ManifoldError {
  const { code, rsync, plain } = troubles[kind];
  const exact = around.options.personality === "manifold-rsync";
  const shown = exact && !path.startsWith("/") ? absolute(path, around.workingDirectory) : path;
  const sentence = (exact ? rsync : plain).replace("%", () => toText(shown));
  const reason = exact ? `${error.reason} (${error.errno})` : error.reason;
  return new ManifoldError(code, `${sentence}: ${reason}`, {
    cause: error,
    data: { path: toText(path), errno: error.errno },
  });
}

function absolute(path: ByteString, workingDirectory: ByteString): ByteString {
  if (path === ".") return workingDirectory;
  return joinPath(workingDirectory === "/" ? "" : workingDirectory, path);
}

/** Returns the error for a target that is a file where a directory is needed. */
export function fileInTheWay(
  path: ByteString,
  several: boolean,
  { options }: { readonly options: Options },
): ManifoldError {
  const exact = options.personality === "manifold-rsync";
  const rsync = several
    ? "ERROR: destination must be a directory when copying more than 1 file"
    : "ERROR: cannot overwrite non-directory with a directory";
  const need = several ? "more than one entry needs" : "a directory needs";
  const plain = `The target "${toText(path)}" is not a directory, which ${need}`;
  return new ManifoldError("file-select", exact ? rsync : plain, { data: { path: toText(path) } });
}

const full = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Returns the error for a failed system call that concerns no single path of the transfer, so that the run ends.
 * `target` is named where the call was about an open handle.
 */
export function systemError(error: FsError, target: ByteString): ManifoldError {
  const code = full.has(error.code) ? "disk-full" : error.code === "EIO" ? "target-io" : "io-start";
  const { errno, operation, path } = error;
  const { message } = new FsError(errno, operation, path === "" ? target : path);
  return new ManifoldError(code, `Cannot go on: ${message}`, { cause: error });
}
