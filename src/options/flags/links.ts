// Flags about symbolic and hard links.
// This file is a table.
import { type Flag, set, store, toggle } from "../flag.ts";

const category = "links";

/** The rows, in help order. */
export const linkFlags: readonly Flag[] = [
  toggle("links", {
    name: "links",
    short: "l",
    negations: ["no-links", "no-l"],
    category,
    help: "copy symlinks as symlinks",
    manual: "Without this and without an option that follows them, symlinks are skipped.",
  }),
  toggle("copyLinks", {
    name: "copy-links",
    short: "L",
    category,
    help: "copy what symlinks point at",
    manual: "Follow every symlink in the source. One that points nowhere is an error.",
  }),
  toggle("copyUnsafe", {
    name: "copy-unsafe-links",
    category,
    help: "copy what symlinks point at when that is outside of the tree",
    manual:
      "Follow absolute symlinks and those whose dots lead out of the source argument's tree; others stay symlinks.",
  }),
  toggle("safeLinks", {
    name: "safe-links",
    category,
    help: "skip symlinks that point outside of the tree",
    manual: "The counterpart of --copy-unsafe-links: the same symlinks are left out.",
  }),
  toggle("mungeLinks", {
    name: "munge-links",
    negations: ["no-munge-links"],
    category,
    help: "store symlinks so that nobody can follow them",
    manual:
      "Put /rsyncd-munged/ before the targets of symlinks that are written, and take it off those that are read.",
  }),
  toggle("copyDirLinks", {
    name: "copy-dirlinks",
    short: "k",
    category,
    help: "on the source, a symlink to a directory is that directory",
    manual: "Symlinks to anything else are treated as without this option.",
  }),
  toggle("keepDirLinks", {
    name: "keep-dirlinks",
    short: "K",
    category,
    help: "on the target, a symlink to a directory is that directory",
    manual:
      "Write through such a symlink instead of replacing it by a directory. Use it only where you trust what is on the target.",
  }),
  toggle("hardLinks", {
    name: "hard-links",
    short: "H",
    negations: ["no-hard-links", "no-H"],
    category,
    help: "keep hard links",
    manual:
      "Names of one file in the source become names of one file on the target. Only links between transferred names are seen.",
  }),
  {
    name: "insecure-links",
    negations: ["no-insecure-links"],
    category,
    takes: "nothing",
    origin: "rsync",
    status: "done",
    help: "in paths you give, follow symlinks of other users too",
    manual:
      "In the paths of the target, of backup, temporary, partial and basis directories, of lists, rule files, logs and batches, symlinks are followed only where they belong to root or to the user who runs manifold: whoever may write to a directory on such a path could otherwise choose what root opens. This option follows them all. Sources are read wherever their paths lead. It is not told to the other end.",
    apply: set("insecureLinks", true),
    negate: set("insecureLinks", false),
  },
  {
    name: "confine-root",
    category,
    takes: "text",
    placeholder: "DIR",
    origin: "rsync",
    status: "done",
    help: "refuse directories and rules of yours that lie outside of DIR",
    manual:
      "Backup, temporary, partial and basis directories and the rule files of directories (dir-merge) must lie in DIR wherever symlinks lead, or they are refused. It is meant for a wrapper that lets others run the other end: the target, lists, logs and batches, which the command line names, are for that wrapper to judge. DIR must be absolute; it cannot be combined with --insecure-links, and is not told to the other end.",
    apply: store("confineRoot"),
  },
];
