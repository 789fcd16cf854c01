// Flags that name further trees to compare with.
// This file is a table.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { Flag, TextFlag } from "../flag.ts";
import type { Settings } from "../settings.ts";

const category = "basis";
/** rsync's limit, and ours. */
const maxBasisDirs = 20;

/** Adds a directory; all of them must be of one kind. */
function addBasis(settings: Settings, kind: "compare" | "copy" | "link", dir: ByteString): void {
  if (settings.basisKind !== "none" && settings.basisKind !== kind) {
    throw new ManifoldError(
      "usage",
      `ERROR: the --${kind}-dest option conflicts with the --${settings.basisKind}-dest option`,
    );
  }
  settings.basisKind = kind;
  if (settings.basisDirs.length >= maxBasisDirs) {
    throw new ManifoldError(
      "usage",
      `ERROR: at most ${maxBasisDirs} --${kind}-dest args may be specified`,
    );
  }
  settings.basisDirs.push(dir);
}

function basis(
  kind: "compare" | "copy" | "link",
  row: Pick<TextFlag, "help" | "manual">,
): TextFlag {
  return {
    name: `${kind}-dest`,
    category,
    takes: "text",
    placeholder: "DIR",
    origin: "rsync",
    status: "done",
    ...row,
    apply: (settings, value) => addBasis(settings, kind, value),
  };
}

/** The rows, in help order. */
export const basisFlags: readonly Flag[] = [
  basis("compare", {
    help: "files that DIR has unchanged are not transferred",
    manual:
      "DIR is a tree to compare with besides the target; a relative one is below the target. May be given up to 20 times. Files that changed start from the one in DIR.",
  }),
  basis("copy", {
    help: "files that DIR has unchanged are copied from there",
    manual: "Like --compare-dest, but the target becomes complete.",
  }),
  basis("link", {
    help: "files that DIR has unchanged become hard links to it",
    manual:
      "Like --copy-dest, but unchanged files take no space. All preserved attributes must be equal.",
  }),
];
