// The options with which an rsync at the other end is asked for a list, or for files: everything that lists can tell, and nothing
// of what the user wants to happen here.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";

/** What is to be listed: the whole tree, what lies in its top, or the files of these paths. */
export interface VisitWish {
  readonly what: "tree" | "top" | readonly ByteString[];
  /** Content may be wanted that does not begin at 0. */
  readonly appends: boolean;
}

/** Returns them: those that say how the other end is reached stay. */
export function visitOptions(options: Options, { what, appends }: VisitWish): Options {
  const { walk, preserve, links, select, transfer, remote, output, partial } = options;
  const isTree = what === "tree";
  const isNamed = typeof what !== "string";
  const words = [
    ...(appends ? ["--append"] : []),
    ...(isNamed ? ["--files-from=-", "--from0", "--no-implied-dirs"] : []),
  ];
  return {
    ...options,
    walk: {
      ...walk,
      recurse: isTree,
      dirs: !isTree,
      incremental: false,
      relative: isNamed,
      filesFrom: undefined,
      oneFileSystem: 0,
      missingArgs: "error",
    },
    preserve: {
      ...preserve,
      mode: true,
      owner: true,
      group: true,
      times: true,
      devices: true,
      specials: true,
      links: true,
      hardLinks: isTree,
      numericIds: false,
      atimes: false,
      crtimes: false,
      acls: false,
      xattrs: 0,
    },
    links: { ...links, copyLinks: false, copyDirLinks: false, copyUnsafe: false, safe: false },
    select: { ...select, checksum: false },
    transfer: { ...transfer, inplace: false, writeDevices: false },
    output: { ...output, listOnly: false },
    partial: { ...partial, keep: false },
    remote: { ...remote, remoteOptions: words },
  };
}
