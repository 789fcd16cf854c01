// Flags that say which entries take part: walking, choosing and comparing.
// This file is a table.
import { count, type Flag, set, store, toggle } from "../flag.ts";
import { applyArchive } from "../initial-settings.ts";
import { parseSize } from "../values/size.ts";

const category = "selection";

/** The rows, in help order. */
export const selectionFlags: readonly Flag[] = [
  {
    name: "archive",
    short: "a",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "copy trees as they are: stands for -rlptgoD",
    manual: `Recurse, and keep symlinks, permissions, times, groups, owners, devices and special files. ACLs (-A), extended attributes (-X), access times (-U), creation times (-N) and hard links (-H) are not included.

manifold behaves as if this option had been given first; a --no-OPTION turns one of its parts off again.`,
    apply: applyArchive,
  },
  {
    name: "recursive",
    short: "r",
    negations: ["no-recursive", "no-r"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "descend into directories",
    manual:
      "Walk the source directories to the bottom. With --files-from only an explicit -r recurses; the one inside -a does not.",
    apply: set("recurse", "explicit"),
    negate: set("recurse", "no"),
  },
  toggle("incremental", {
    name: "inc-recursive",
    aliases: ["i-r"],
    negations: ["no-inc-recursive", "no-i-r"],
    category,
    help: "begin to transfer before the scan is complete (default)",
    negationHelp: "complete the scan before anything is transferred",
    manual:
      "Start working on the first directories while later ones are still being scanned. Options that need the whole listing first, such as --delete-before, --delete-after, --delay-updates and --prune-empty-dirs, turn this off by themselves.",
  }),
  {
    name: "dirs",
    short: "d",
    negations: ["no-dirs", "no-d"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "take directories themselves, not what is below them",
    manual: `Transfer the directories that are named, or found as contents of a named one that ends in a slash or is ".", without descending further. It is implied by --files-from and by --list-only; -r includes it.`,
    apply: set("dirs", "yes"),
    negate: set("dirs", "no"),
  },
  {
    name: "old-dirs",
    aliases: ["old-d"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "like --dirs, in the way that very old servers understand",
    manual: "Recurse, but exclude everything below the first level by the filter rule '- /*/*'.",
    apply: set("dirs", "old"),
  },
  toggle("relative", {
    name: "relative",
    short: "R",
    negations: ["no-relative", "no-R"],
    category,
    help: "keep the whole path of each source argument",
    manual: `Rebuild below the target the path that each source argument has, not only its last component. A "/./" inside the argument marks where the kept part begins. It is implied by --files-from.`,
  }),
  toggle("impliedDirs", {
    name: "implied-dirs",
    aliases: ["i-d"],
    negations: ["no-implied-dirs", "no-i-d"],
    category,
    help: "with -R, also send the attributes of parent directories (default)",
    negationHelp: "with -R, leave parent directories as the target has them",
    manual:
      "With --relative, the directories leading to a source argument get the source's attributes. --no-implied-dirs leaves existing ones alone, symlinks to directories included, and makes missing ones with default attributes.",
  }),
  {
    name: "files-from",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "done",
    help: "read the names to transfer from FILE",
    manual: `Read source names, relative to the one source argument, from FILE or from standard input if FILE is "-". Empty lines and lines starting with "#" or ";" are skipped; leading slashes and ".." that would leave the source are neutralised. Implies -R and -d, and takes back the -r inside -a.`,
    apply: store("filesFrom"),
  },
  toggle("from0", {
    name: "from0",
    short: "0",
    negations: ["no-from0"],
    category,
    help: "lists and rule files are separated by null bytes",
    manual:
      "Entries in the files of --files-from, --exclude-from, --include-from and of merge rules end with a null byte instead of a newline, so that names may contain newlines. It does not change --cvs-exclude files.",
  }),
  {
    name: "one-file-system",
    short: "x",
    negations: ["no-one-file-system", "no-x"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "stay on the file system of each source argument",
    manual:
      "Do not descend into directories on which another file system is mounted; the mount point itself is sent as an empty directory. Given twice, mount points are left out as well. The deletion scan on the target obeys the same rule.",
    apply: count("oneFileSystem"),
    negate: set("oneFileSystem", 0),
  },
  toggle("pruneEmptyDirs", {
    name: "prune-empty-dirs",
    short: "m",
    negations: ["no-prune-empty-dirs", "no-m"],
    category,
    help: "leave out directories that hold nothing but directories",
    manual:
      "Drop directories from the listing when, after filtering, no non-directory is anywhere below them. They count as absent, so a deletion removes them from the target. A protect rule keeps a directory.",
  }),
  toggle("ignoreMissingArgs", {
    name: "ignore-missing-args",
    category,
    help: "a source that does not exist is no error",
    manual:
      "Say nothing about source arguments and --files-from entries that do not exist. Files that vanish later are still reported.",
  }),
  toggle("existing", {
    name: "existing",
    aliases: ["ignore-non-existing"],
    category,
    help: "make nothing that the target does not have",
    manual:
      "Only update what exists on the target. Together with --ignore-existing nothing is transferred at all, which is useful to only delete.",
  }),
  toggle("ignoreExisting", {
    name: "ignore-existing",
    category,
    help: "update nothing that the target has",
    manual:
      "Only create what the target lacks. Existing directories are still entered, and get their attributes.",
  }),
  toggle("update", {
    name: "update",
    short: "u",
    category,
    help: "skip files that are newer on the target",
    manual:
      "Skip a file whose modification time on the target is later than on the source. If both times are equal, different sizes still cause an update. A difference in type is always an update.",
  }),
  toggle("checksum", {
    name: "checksum",
    short: "c",
    negations: ["no-checksum", "no-c"],
    category,
    help: "compare contents, not size and time",
    manual:
      "Decide by content whether files of equal size differ, and ignore their times. Every such file is read on both sides; a copy on one machine compares bytes and stops at the first difference.",
  }),
  toggle("ignoreTimes", {
    name: "ignore-times",
    short: "I",
    category,
    help: "transfer even what has equal size and time",
    manual: "Turn off the quick check: every file is updated.",
  }),
  toggle("sizeOnly", {
    name: "size-only",
    category,
    help: "files of equal size are equal",
    manual: "Leave modification times out of the quick check.",
  }),
  {
    name: "modify-window",
    short: "@",
    category,
    takes: "number",
    placeholder: "NUM",
    origin: "rsync",
    status: "done",
    default: "0",
    help: "times that differ by NUM seconds or less are equal",
    manual:
      "Compare modification times with this tolerance, in seconds. 0 compares whole seconds, a negative number nanoseconds too; 1 suits FAT file systems.",
    apply: store("modifyWindow"),
  },
  {
    name: "max-size",
    category,
    takes: "text",
    placeholder: "SIZE",
    origin: "rsync",
    status: "done",
    help: "do not transfer files larger than SIZE",
    manual:
      "SIZE is a number with an optional fraction and unit: B, K, M, G, T or P. K, KiB and so on count in powers of 1024, KB and so on in powers of 1000. A final +1 or -1 moves the limit by one byte. Files that are too large are still in the listing, so they are not deleted on the target.",
    apply: (settings, value) => {
      settings.maxSize = parseSize(value, { option: "max-size", unit: "B", min: 0 });
    },
  },
  {
    name: "min-size",
    category,
    takes: "text",
    placeholder: "SIZE",
    origin: "rsync",
    status: "done",
    help: "do not transfer files smaller than SIZE",
    manual: "The counterpart of --max-size, with the same sizes.",
    apply: (settings, value) => {
      settings.minSize = parseSize(value, { option: "min-size", unit: "B", min: 0 });
    },
  },
  toggle("mkpath", {
    name: "mkpath",
    negations: ["no-mkpath"],
    category,
    help: "make all missing parent directories of the target",
    manual:
      "Without it only the last component of the target's path is made. It also decides how the target is read: a missing path with a trailing slash becomes a directory.",
  }),
  toggle("qsort", {
    name: "qsort",
    category,
    hidden: true,
    status: "accepted",
    help: "ask for another sorting routine",
    manual: "Accepted for compatibility; there is one sorting routine.",
  }),
];
