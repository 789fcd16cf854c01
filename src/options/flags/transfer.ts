// Flags that say how content gets into the files of the target, and what happens to old content.
// This file is a table.
import { count, type Flag, set, store, toggle } from "../flag.ts";
import { parseSize } from "../values/size.ts";

const category = "transfer";

/** Options that write or replay a recording of the transfer. */

/** The rows, in help order. */
export const transferFlags: readonly Flag[] = [
  toggle("dryRun", {
    name: "dry-run",
    short: "n",
    category,
    help: "change nothing, tell what would be done",
    manual: "The items told are the same as those of a real run.",
  }),
  toggle("wholeFile", {
    name: "whole-file",
    short: "W",
    negations: ["no-whole-file", "no-W"],
    category,
    help: "copy changed files whole (default on one machine)",
    negationHelp: "rebuild changed files from the old ones and the differences",
    manual:
      "Do not look for data that the target's old file already has. It is the default when both ends are on one machine.",
  }),
  toggle("inplace", {
    name: "inplace",
    negations: ["no-inplace"],
    category,
    help: "write into existing files instead of replacing them",
    manual:
      "Keeps hard links and saves space, but a file is half new while it is written, and stays so when the run is interrupted. It cannot be combined with --partial-dir or --delay-updates.",
  }),
  {
    name: "append",
    negations: ["no-append"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "only add what is missing at the end of shorter files",
    manual:
      "The existing part is taken as right without looking. Files that are not shorter are skipped. Implies --inplace, and cannot be combined with --whole-file.",
    apply: set("append", "append"),
    negate: set("append", "no"),
  },
  {
    name: "append-verify",
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "like --append, but check the existing part",
    manual: "A file whose existing part turns out to be wrong is sent again, without --append.",
    apply: set("append", "verify"),
  },
  toggle("sparse", {
    name: "sparse",
    short: "S",
    negations: ["no-sparse", "no-S"],
    category,
    help: "make holes where there are only null bytes",
    manual: "Runs of null bytes take no space on the target.",
  }),
  toggle("preallocate", {
    name: "preallocate",
    category,
    help: "reserve the space of a file before writing it",
    manual: "Uses fallocate. Files come out less fragmented, and a full disk shows early.",
  }),
  toggle("backup", {
    name: "backup",
    short: "b",
    negations: ["no-backup"],
    category,
    help: "keep what is replaced or deleted",
    manual:
      "The old file is renamed with the suffix of --suffix, or moved into --backup-dir. With --delete and without --backup-dir, names with the suffix are protected from deletion.",
  }),
  {
    name: "backup-dir",
    category,
    takes: "text",
    placeholder: "DIR",
    origin: "rsync",
    status: "done",
    help: "keep it below DIR, in the same structure",
    manual: "Implies --backup. A relative DIR is below the target.",
    apply: store("backupDir"),
  },
  {
    name: "suffix",
    category,
    takes: "text",
    placeholder: "SUFFIX",
    origin: "rsync",
    status: "done",
    default: "~, or none with --backup-dir",
    help: "add SUFFIX to the names of kept files",
    manual: "It may not contain slashes, and may be empty only with --backup-dir.",
    apply: store("suffix"),
  },
  toggle("partial", {
    name: "partial",
    negations: ["no-partial"],
    category,
    help: "keep files whose transfer was interrupted",
    manual:
      "Interrupted files stay under their own name (manifold: in DEST/.manifold), or in $RSYNC_PARTIAL_DIR if that is set, and help the next run. What came of 1 MiB and more over a line stays for the next run anyway, unless --no-partial is given; manifold-rsync does as rsync does.",
  }),
  {
    name: "partial-dir",
    category,
    takes: "text",
    placeholder: "DIR",
    origin: "rsync",
    status: "done",
    help: "keep them in DIR",
    manual:
      "Implies --partial. A relative DIR is made beside each such file and excluded from the transfer; it is removed when it is empty again.",
    apply: store("partialDir"),
  },
  toggle("delayUpdates", {
    name: "delay-updates",
    negations: ["no-delay-updates"],
    category,
    help: "put all updated files into place at the end",
    manual:
      "New versions wait in --partial-dir, or in .~tmp~ directories, until everything is transferred. It cannot be combined with --inplace or --append.",
  }),
  {
    name: "temp-dir",
    short: "T",
    category,
    takes: "text",
    placeholder: "DIR",
    origin: "rsync",
    status: "done",
    help: "make temporary files in DIR",
    manual:
      "A relative DIR is below the target. On another file system files have to be copied from there, and updates are not atomic.",
    apply: store("tempDir"),
  },
  toggle("fsync", {
    name: "fsync",
    category,
    help: "flush every written file to the disk",
    manual: "Slow, and no complete protection from a power failure; see --durable.",
  }),
  {
    name: "block-size",
    short: "B",
    category,
    takes: "text",
    placeholder: "SIZE",
    origin: "rsync",
    status: "done",
    help: "compare in blocks of SIZE instead of a size that suits the file",
    manual: "At most 128 KiB.",
    apply: (settings, value) => {
      const max = (settings.protocol ?? 32) < 30 ? 2 ** 29 : 2 ** 17;
      settings.blockSize = parseSize(value, { option: "block-size", unit: "B", min: 0, max });
    },
  },
  {
    name: "fuzzy",
    short: "y",
    negations: ["no-fuzzy", "no-y"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "look for a similar file to start from",
    manual:
      "For a file that the target lacks, look in the same directory for one of the same size and time, or with a similar name, and send only the differences. Given twice, look in the --compare-dest and similar trees too.",
    apply: count("fuzzy"),
    negate: set("fuzzy", 0),
  },
  toggle("copyDevices", {
    name: "copy-devices",
    category,
    help: "copy what devices contain into ordinary files",
    manual: "A device in the source is read like a file.",
  }),
  toggle("writeDevices", {
    name: "write-devices",
    negations: ["no-write-devices"],
    category,
    help: "write into devices of the target as if they were files",
    manual: "Implies --inplace.",
  }),
  {
    name: "checksum-choice",
    aliases: ["cc"],
    category,
    takes: "text",
    placeholder: "STR",
    choices: ["auto", "xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"],
    origin: "rsync",
    status: "accepted",
    default: "auto",
    help: "choose the checksum algorithm",
    manual:
      "One name, or two with a comma between them: for transfers, and for --checksum. auto, xxh128, xxh3, xxh64, md5, md4, sha1 or none. With an rsync at the other end auto is the first of these that it has, and none is not available; manifold at both ends has BLAKE3 whatever is asked for. none turns on --whole-file. On one machine contents are compared byte by byte.",
    apply: store("checksumChoice"),
  },
  {
    name: "checksum-seed",
    category,
    takes: "number",
    placeholder: "NUM",
    origin: "rsync",
    status: "accepted",
    help: "start checksums from NUM",
    manual: "For tests of the protocol.",
    apply: store("checksumSeed"),
  },
  {
    name: "write-batch",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "done",
    help: "record the transfer in FILE",
    manual:
      "FILE becomes a changeset with all data, written before the transfer begins; FILE.sh replays it. It can be replayed on other trees in the same state, and again: what is in place already is left alone, and what is neither as before nor as after is a conflict. FILE is on this machine, wherever the two ends are; content comes twice when it comes from another machine, once for FILE and once for the target.",
    apply: store("writeBatch"),
  },
  {
    name: "only-write-batch",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "done",
    help: "record it without changing the target",
    manual:
      "Like --write-batch, but the target stays as it is, and so do files that --remove-source-files names.",
    apply: store("onlyWriteBatch"),
  },
  {
    name: "read-batch",
    category,
    takes: "text",
    placeholder: "FILE",
    origin: "rsync",
    status: "done",
    help: "replay a recorded transfer",
    manual: `FILE is what --write-batch or --tee made, or "-" for standard input. The only argument is the target, which is made if it is missing. What is kept (times, owners...) is what was kept when it was written.`,
    apply: store("readBatch"),
  },
];
