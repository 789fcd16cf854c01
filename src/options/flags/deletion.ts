// Flags about removing things: from the target, or from the source after the transfer.
// This file is a table.
import { type Flag, set, store, toggle } from "../flag.ts";

const category = "deletion";

/** The rows, in help order. */
export const deletionFlags: readonly Flag[] = [
  toggle("delete", {
    name: "delete",
    category,
    help: "remove from the target what the source does not have",
    manual: `Only in directories whose whole contents are transferred. Excluded names are not removed. Nothing is removed from a directory that could not be read completely.

manifold removes at the end, after everything else has succeeded; manifold-rsync removes during the transfer, as rsync does. Needs -r or -d.`,
  }),
  toggle("deleteBefore", {
    name: "delete-before",
    category,
    help: "delete, before anything is transferred",
    manual: "Implies --delete. Makes room on a full target, but waits for the complete scan.",
  }),
  {
    name: "delete-during",
    aliases: ["del"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "delete in each directory before it is transferred",
    manual: "Implies --delete.",
    apply: set("deleteDuring", "during"),
  },
  {
    name: "delete-delay",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "find out during the transfer what to delete, do it at the end",
    manual: "Implies --delete. This is what manifold does when no time is asked for.",
    apply: set("deleteDuring", "delay"),
  },
  toggle("deleteAfter", {
    name: "delete-after",
    category,
    help: "delete after everything is transferred",
    manual:
      "Implies --delete. Rule files that arrive with this transfer are already obeyed, but the complete scan must be kept.",
  }),
  toggle("deleteExcluded", {
    name: "delete-excluded",
    category,
    help: "delete excluded names too",
    manual:
      "Implies --delete. Rules that do not name a side then only hide names on the source and protect nothing on the target.",
  }),
  toggle("deleteMissingArgs", {
    name: "delete-missing-args",
    category,
    help: "delete what a missing source argument would have become",
    manual:
      "A source argument or --files-from entry that does not exist is removed from the target. Independent of --delete.",
  }),
  {
    name: "max-delete",
    category,
    takes: "number",
    placeholder: "NUM",
    origin: "rsync",
    status: "done",
    help: "delete at most NUM files and directories",
    manual: "Further deletions are skipped and the run ends with exit status 25. 0 only warns.",
    apply: store("maxDelete"),
  },
  toggle("ignoreErrors", {
    name: "ignore-errors",
    negations: ["no-ignore-errors"],
    category,
    help: "delete in spite of read errors",
    manual:
      "Deletions normally stop for the whole run when the source could not be read completely. This lets them go on.",
  }),
  toggle("force", {
    name: "force",
    negations: ["no-force"],
    category,
    help: "a file may replace a directory that is not empty",
    manual: "Only needed without --delete.",
  }),
  toggle("removeSourceFiles", {
    name: "remove-source-files",
    aliases: ["remove-sent-files"],
    category,
    help: "remove files from the source once they are on the target",
    manual:
      "Directories stay. A file that changed since it was read, or that lies behind a symlink to a directory (-L, -k), is not removed, and that is an error.",
  }),
];
