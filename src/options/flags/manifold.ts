// manifold's own flags. None of them may have a name or letter of rsync's: a test refuses that.
// This file is a table.
import { type Flag, type OptionalFlag, set, store } from "../flag.ts";
import { type GeneratedKind, generatedKinds } from "../parsed.ts";
import { oneOf, upTo } from "../values/choice.ts";
import { parseMirrorPlace } from "../values/mirror-place.ts";
import { parseStages } from "../values/mirror-stages.ts";
import { castFlags } from "./cast.ts";

const category = "manifold";

const own = { category, origin: "manifold", status: "done" } as const;

const durability = ["none", "batch", "file"] as const;
const basisKinds = ["digest", "signature", "none"] as const;
const references = ["first", "freshest", "quorum"] as const;
const conflicts = ["skip", "overwrite", "keep-both"] as const;
const maxThreads = 256;
const maxStreams = 64;

const jsonFlag: OptionalFlag = {
  ...own,
  name: "json",
  takes: "maybe-text",
  placeholder: "FILE",
  help: "tell everything as JSON, one event a line",
  manual:
    "Events (start, progress, item, problem, conflict, summary) go to standard output, or to FILE. The last one is always the summary.",
  apply: (settings, value) => {
    settings.json = { file: value };
  },
};

/** The rows that work. */
const workingFlags: readonly Flag[] = [
  {
    ...own,
    name: "threads",
    takes: "number",
    placeholder: "NUM",
    default: "the number of cores",
    help: "work in NUM threads",
    manual: `From 1 to ${maxThreads}.`,
    apply: (settings, value) => {
      settings.threads = upTo(maxThreads, value, "threads");
    },
  },
  jsonFlag,
  {
    ...own,
    name: "remote-path",
    takes: "text",
    placeholder: "PROGRAM",
    default: "manifold",
    help: "run PROGRAM on the other machine",
    manual:
      "Where manifold is on the machine that a remote shell reaches; --rsync-path is the same.",
    apply: store("rsyncPath"),
  },
  {
    ...own,
    name: "durable",
    takes: "text",
    placeholder: "WHEN",
    choices: durability,
    default: "none",
    help: "flush to the disk: none, batch or file",
    manual:
      "What survives a power failure. none leaves it to the system, as rsync does; batch flushes a group of files before any of them gets its name; file flushes every file and directory on its own. A killed process never leaves half a file, whatever this says.",
    apply: (settings, value) => {
      settings.durable = oneOf(durability, value, "durable");
    },
  },
  {
    ...own,
    name: "streams",
    takes: "number",
    placeholder: "NUM",
    default: "1",
    help: "use NUM connections with the other machine",
    manual:
      "Content goes over whichever connection is free; what a connection owes that breaks off is asked for again on another. Worth it on long or lossy lines. The remote shell is started NUM times; manifold serve counts NUM connections. Between two other machines, one is used.",
    apply: (settings, value) => {
      settings.streams = upTo(maxStreams, value, "streams");
    },
  },
  {
    ...own,
    name: "datagrams",
    negations: ["no-datagrams"],
    takes: "nothing",
    help: "send content as sealed datagrams (UDP)",
    manual:
      "Content goes between the two machines in sealed UDP datagrams whose rate follows what comes through: a lost packet delays nothing else, and the rate does not collapse where some are lost. The connection stays for all the rest, and takes content, too, where no datagrams pass, which is said. The other machine's UDP port is one that its system chooses. Between two other machines nothing changes.",
    apply: set("datagrams", true),
    negate: set("datagrams", false),
  },
  {
    ...own,
    name: "verify",
    negations: ["no-verify"],
    takes: "nothing",
    help: "read back what was written",
    manual: "Every transferred file is read again and compared before it gets its name.",
    apply: set("verify", true),
    negate: set("verify", false),
  },
  {
    ...own,
    name: "cache",
    negations: ["no-cache"],
    takes: "nothing",
    default: "on with --checksum and --digests",
    help: "keep digests of contents between runs",
    manual:
      "With --checksum, files that have not changed since an earlier run read them (the same inode, size, mtime and ctime) are not read again. Each end has a cache of its own, in $XDG_CACHE_HOME/manifold or ~/.cache/manifold; what was read is read again after one to two months. --no-cache reads everything, which is the way to find damage on a disk, and changes that leave no trace in the ctime (a program that writes to a file through memory). Files on network file systems and FUSE are always read. See manifold help cache.",
    apply: set("cache", true),
    negate: set("cache", false),
  },
  {
    ...own,
    name: "on-conflict",
    takes: "text",
    placeholder: "ACTION",
    choices: conflicts,
    default: "skip",
    help: "when the target changed meanwhile: skip, overwrite or keep-both",
    manual:
      "What happens to an entry of the target that is no longer what was scanned. skip leaves it and reports a conflict (exit status 23); overwrite replaces it; keep-both renames it first.",
    apply: (settings, value) => {
      settings.onConflict = oneOf(conflicts, value, "on-conflict");
    },
  },
  {
    ...own,
    name: "basis",
    takes: "text",
    placeholder: "HOW",
    choices: basisKinds,
    default: "signature",
    help: "diff: describe old files by digest, signature or none",
    manual:
      "How a changeset describes the content of files that change, where DEST is a tree, or a listing that says it (see --digests and --signatures). With signature, send adds only what differs; with digest, it finds out which files did not change after all; with none, all content is sent.",
    apply: (settings, value) => {
      settings.basis = oneOf(basisKinds, value, "basis");
    },
  },
  {
    ...own,
    name: "digests",
    takes: "nothing",
    help: "scan: add digests of contents",
    manual: "Every regular file is read. With them, diff --checksum works between listings.",
    apply: set("digests", true),
  },
  {
    ...own,
    name: "signatures",
    takes: "nothing",
    help: "scan: add sums of the blocks of contents",
    manual:
      "Every regular file is read. Where a listing of the target has them, diff SRC LISTING passes on those of the files that change, and send adds only what differs, as if the target were at hand: about 20 bytes a block, of which a file of 1 MiB has a thousand.",
    apply: set("signatures", true),
  },
  {
    ...own,
    name: "stat",
    takes: "nothing",
    help: "show: totals of each directory",
    manual: "A line for each directory that has something, instead of one for each entry.",
    apply: set("stat", true),
  },
  {
    ...own,
    name: "undo",
    takes: "text",
    placeholder: "FILE",
    help: "write what undoes this sync or receive to FILE first",
    manual:
      "FILE is a changeset with the old content of everything that will change or go. It is complete, and flushed to the disk, before anything is touched; manifold receive DEST applies it like any other. Hard links are restored among the names that were touched.",
    apply: (settings, value) => {
      settings.undo = value;
    },
  },
  {
    ...own,
    name: "tee",
    takes: "text",
    placeholder: "FILE",
    help: "write the changeset of this run to FILE",
    manual:
      "FILE is complete before the run begins, which then goes on as usual. manifold receive applies it elsewhere, manifold show tells what is in it. What moved is in it without content. FILE is on this machine, wherever the two ends are.",
    apply: (settings, value) => {
      settings.tee = value;
    },
  },
  {
    ...own,
    name: "no-detect-renamed",
    takes: "nothing",
    help: "do not look for renamed files",
    manual: "Every file that is missing or differs comes from the source; see --detect-renamed.",
    apply: (settings) => {
      settings.detectRenamed = "no";
    },
  },
  {
    ...own,
    name: "detect-renamed",
    takes: "nothing",
    help: "find files that were renamed, and do not send them again",
    manual:
      "On by default in manifold, off in manifold-rsync. A file that the target has not got, or has got with other content, may be there under another name: renamed, moved, copied, rotated. Missing files wait until all of the target has been seen; then those of the same size (first of the same time, too) are compared with what is wanted, by content on one machine and by digest between two, and what is equal is linked or copied there and not sent. Without --delete, directories are read for names that the source does not have only if something waits. Not with --inplace and --append; not for files that are empty. --itemize-changes has the letter m for what moved and c for what was copied, and tells where from; a new directory most of whose files are from the same places below one other is one line, and each file with -ii.",
    apply: (settings) => {
      settings.detectRenamed = "content";
    },
  },
  {
    ...own,
    name: "detect-renamed-lax",
    takes: "nothing",
    help: "the same, believing size and time",
    manual:
      "A file of the same size and time, to the nanosecond where both sides have that, is taken without a look at its content. Others are compared as with --detect-renamed. Faster, and wrong where two files agree in both by chance.",
    apply: (settings) => {
      settings.detectRenamed = "times";
    },
  },
  {
    ...own,
    name: "detect-moved",
    takes: "nothing",
    help: "the same, for files that kept their last name",
    manual:
      "Only files that agree in size, time and last name are taken, and without a look at their content.",
    apply: (settings) => {
      settings.detectRenamed = "names";
    },
  },
  {
    ...own,
    name: "rename-from",
    takes: "text",
    placeholder: "DIR",
    help: "look for renamed files in DIR too",
    manual:
      "DIR, on the target's machine, relative to the target, is read only: content that is found there is copied. May be repeated.",
    apply: (settings, value) => {
      settings.renameFrom.push(value);
    },
  },
  {
    ...own,
    name: "content-index",
    takes: "nothing",
    help: "find content anywhere in the files of the target",
    manual:
      "Between two machines. Files that are missing or differ, and that the target has not got under another name, may be there in parts: members of an archive that moved, a log that grew and was rotated, two files that were joined. All files of the target are read and cut into pieces where their content says; the other end tells digests of the pieces of what is wanted, which is one byte for a hundred; and what is found anywhere is not sent. Memory: 80 MB at most. Without this option it is done where the line is so slow that reading all of the target takes less time than what is expected to be found: an eighth of what is wanted. --stats, --json and -v tell what was expected and what was found. Not with --whole-file, nor where --detect-renamed is not; copies on one machine send nothing, and do not look.",
    apply: (settings) => {
      settings.contentIndex = true;
    },
  },
  {
    ...own,
    name: "no-content-index",
    takes: "nothing",
    help: "do not look for content in other files",
    manual: "Also where it would pay; see --content-index.",
    apply: (settings) => {
      settings.contentIndex = false;
    },
  },
];

/** The rows about many sources. */
const mirrorFlags: readonly Flag[] = [
  {
    ...own,
    name: "mirror",
    takes: "text",
    placeholder: "URL",
    help: "fetch content from URL as well",
    manual:
      "May be repeated. SRC says what the tree is; content comes from SRC and all mirrors at once, as fast as their rates add up to: large files in pieces, small ones in bundles. A mirror that is slow, stalls or goes away costs next to nothing; one that has not answered 3 seconds after SRC has is told, and takes part as soon as it does; a file of which it has another state (by size and time) is not taken from it, and bytes that are not what SRC has (by digest, where SRC or its listings have any) are noticed, told, and fetched from another one. Nothing is deleted because a mirror lacks it. URL may also be a file that is a captured changeset with content (manifold send, compressed or not): it has what it brings. HOST:PATH is asked for manifold, by SFTP, or by its rsync, whichever is there first (--protocol=rsync: by its rsync); of an rsync daemon no more than two connections are wanted, and fewer where it is full. Large files that a run had no time to finish go on where they were. After the URL may stand, separated by spaces, max-conn=NUM (connections at most), prio=NUM (what has a larger number than others, 1 being the usual one, is asked for what these lack, and while nothing comes from them; not among processes that cooperate), limit=RATE (bytes a second, as in --bwlimit), role=data|list (only content, or only listings), and announced=no. Mirrors that a web server names itself (a Metalink file as SRC, or Link headers with rel=duplicate) are used as well, six at most, unless SRC has announced=no. The same URL as SRC sets these for SRC. A SRC of the form 'A|B|C', where every part is a URL or HOST:PATH, is A with the mirrors B and C.",
    apply: (settings, value) => {
      settings.mirrors.push(parseMirrorPlace(value));
    },
  },
  {
    ...own,
    name: "mirrors-from",
    takes: "text",
    placeholder: "FILE",
    help: "read mirrors from FILE",
    manual:
      "One a line, as --mirror has them. Empty lines, and lines that begin with # or ;, are passed over.",
    apply: (settings, value) => {
      settings.mirrorFiles.push(value);
    },
  },
  {
    ...own,
    name: "cooperate",
    takes: "nothing",
    help: "share the work at DEST with other runs",
    manual:
      "Processes that are started with the same options and DEST, each with a source of its own, bring one tree together: on one machine, or on several that share DEST's file system. Nothing else connects them, and each may come late or be killed at any time. Whoever comes first lists its source (see --reference), and that says for all what the tree is, and what is deleted; the others bring what they have just so (by size and time). One of them puts everything in its place; if it goes away, another one does. All of them end when the tree is there, with the same exit status, and each tells what it has brought. Sources are written alike: with a trailing slash, or with the same last name. What has come is kept in DEST/.manifold when all of them are stopped, for the next run with this option.",
    apply: (settings) => {
      settings.cooperate = true;
    },
  },
  {
    ...own,
    name: "reference",
    takes: "text",
    placeholder: "WHICH",
    choices: references,
    default: "first",
    help: "which source says what the tree is",
    manual:
      "first: SRC. freshest: the one whose tree is newest, by what keepers of mirrors leave there for that (see manifold help sources) or by the newest of what lies near the top. quorum: one that is at the newest state which at least half of the sources have. The others lend content. What the tree is called comes from SRC in any case. Where nothing tells the states of any two sources in the same way, it is SRC. With --cooperate it is one process's SRC: all wait for others, 3 seconds from the first one on, and then whoever has that SRC lists it; who comes later lends content.",
    apply: (settings, value) => {
      settings.reference = oneOf(references, value, "reference");
    },
  },
  {
    ...own,
    name: "stages",
    takes: "text",
    placeholder: "HOW",
    help: "bring content first, and what points at it later",
    manual:
      "debian, rpm or arch: the packages, then the indices, then the files that point at the indices (InRelease; repomd.xml; *.db), then everything else; deletions come last, so that whoever uses the target meanwhile finds everything that its indices name. Anything else is patterns of files that wait (as in --exclude, anchored at the top of the tree, with commas between them): each --stages makes one more stage behind those before. A stage begins when the one before is complete and the source's tree is still at the state that was listed; all its files get their names together, at its end. All stages go by one listing, which lies in memory. A run that was killed goes on with the stage that it was at, if the source has not changed. SRC may also be a folder.",
    apply: (settings, value) => {
      settings.stages.push(...parseStages(value));
    },
  },
];

/** The rows, in help order. */
export const manifoldFlags: readonly Flag[] = [
  ...workingFlags,
  ...mirrorFlags,
  ...castFlags,
  {
    ...own,
    name: "generate",
    takes: "text",
    placeholder: "WHAT",
    choices: generatedKinds,
    help: "print the manual page or shell completions",
    manual: "man: the manual page, for man -l; bash, zsh, fish: completions.",
    apply: (_settings, value, context) => {
      const what: GeneratedKind = oneOf(generatedKinds, value, "generate");
      context.finish({ kind: "generate", what, program: context.personality });
    },
  },
];
