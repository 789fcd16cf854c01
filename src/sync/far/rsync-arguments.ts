// What an rsync server is told in a pull: the user's options, as far as they concern the sending end, in rsync's words.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import {
  type ChosenChecksums,
  type CompressionWish,
  capabilityWord,
  isChecksumName,
  isSpokenCompression,
} from "../../rsync/index.ts";

type Compress = Options["transfer"]["compress"];

/** Says whether lists may come while files do: where nothing needs all of the tree before. */
export function mayBeIncremental({ walk, preserve, delete: deletes, transfer }: Options): boolean {
  return (
    walk.recurse &&
    walk.incremental &&
    walk.filesFrom === undefined &&
    !walk.pruneEmptyDirs &&
    !preserve.hardLinks &&
    deletes.mode !== "before" &&
    !transfer.removeSourceFiles &&
    !transfer.delayUpdates
  );
}

/** Returns the first option that there is no way for yet with rsync's protocol; undefined = none was given. `sends`: this end does. */
export function unavailableOption(
  { preserve, transfer, remote, own }: Options,
  sends: boolean,
): string | undefined {
  const { compress, checksumChoice } = transfer;
  if (checksumChoice !== undefined && checksumsOf(checksumChoice) === undefined) {
    return checksumWords(transfer)[0];
  }
  if (compressionWish(compress) === undefined) return `--compress-choice=${compress.choice}`;
  const given: readonly (readonly [boolean, string])[] = [
    [preserve.crtimes, "--crtimes"],
    [transfer.copyDevices && sends, "--copy-devices"],
    [remote.iconv !== undefined, "--iconv"],
    [own.capture !== undefined, "recording a run"],
    [own.undo !== undefined, "--undo"],
  ];
  return given.find(([isGiven]) => isGiven)?.[1];
}

/** Returns the words behind the program, up to the paths. `list`: where a list of names is at the other end. */
export function pullArguments(
  options: Options,
  incremental: boolean,
  list?: ByteString,
): ByteString[] {
  const { transfer, limits, preserve, remote, walk, links, output } = options;
  const words: ByteString[] = [
    "--server",
    "--sender",
    `-${letters(options)}e${capabilityWord(incremental, false)}`,
  ];
  if (output.listOnly) words.push("--list-only");
  if (preserve.devices && !preserve.specials) words.push("--no-specials");
  if (preserve.specials && !preserve.devices) words.push("--specials");
  if (preserve.numericIds) words.push("--numeric-ids");
  if (walk.filesFrom !== undefined) words.push(...listWords(walk, list));
  if (walk.relative && !walk.impliedDirs) words.push("--no-implied-dirs");
  if (links.copyUnsafe) words.push("--copy-unsafe-links");
  if (links.safe) words.push("--safe-links");
  if (walk.missingArgs !== "error") words.push(`--${walk.missingArgs}-missing-args`);
  if (transfer.copyDevices) words.push("--copy-devices");
  // What is to be verified is compared by blocks, as any file that is updated where it lies.
  if (transfer.append === "append") words.push("--append");
  // Whatever is written where it lies must not be read from behind.
  if (transfer.inplace || transfer.writeDevices || options.partial.keep) words.push("--inplace");
  if (transfer.openNoatime) words.push("--open-noatime");
  if (transfer.removeSourceFiles) words.push("--remove-source-files");
  if (transfer.checksumSeed !== 0) words.push(`--checksum-seed=${transfer.checksumSeed}`);
  words.push(...checksumWords(transfer), ...compressionWords(transfer.compress));
  if (limits.timeout > 0) words.push(`--timeout=${Math.ceil(limits.timeout / 1000)}`);
  if (limits.bwlimit > 0) words.push(`--bwlimit=${Math.ceil(limits.bwlimit / 1024)}`);
  return [...words, ...remote.remoteOptions];
}

/** Returns the words for a list of names. One of ours goes over the wire, with a NUL behind each name. */
export function listWords(
  { from0, relative }: Options["walk"],
  list: ByteString | undefined,
): ByteString[] {
  const place = list === undefined ? ["--files-from=-", "--from0"] : ["--files-from", list];
  const ends = list !== undefined && from0 ? ["--from0"] : [];
  return [...place, ...ends, ...(relative ? [] : ["--no-relative"])];
}

/** Returns the checksums that were chosen; undefined = none were, or one that is not spoken. */
export function checksumsOf(
  choice: Options["transfer"]["checksumChoice"],
): ChosenChecksums | undefined {
  const [files, lists] = choice ?? ["auto", "auto"];
  return isChecksumName(files) && isChecksumName(lists) ? [files, lists] : undefined;
}

/** Returns the word for them. */
export function checksumWords({ checksumChoice }: Options["transfer"]): ByteString[] {
  if (checksumChoice === undefined) return [];
  const [files, lists] = checksumChoice;
  return [`--checksum-choice=${files === lists ? files : `${files},${lists}`}`];
}

/** Returns what the words say of compression; undefined = one that is not available. */
export function compressionWish({ on, choice }: Compress): CompressionWish | undefined {
  if (!on) return "none";
  if (choice === undefined) return "negotiated";
  return isSpokenCompression(choice) ? choice : undefined;
}

/** Returns the words for it that are no letter. */
export function compressionWords(compress: Compress): ByteString[] {
  const { on, choice, level } = compress;
  if (!on) return [];
  const words = choice === undefined ? [] : [choiceWord(choice)];
  return level === undefined ? words : [...words, `--compress-level=${level}`];
}

/** The older two have words of their own, which older releases know. */
function choiceWord(choice: string): ByteString {
  if (choice === "zlibx") return "--new-compress";
  return choice === "zlib" ? "--old-compress" : `--compress-choice=${choice}`;
}

/** What both kinds of runs have in letters. */
export function letters({ walk, preserve, links, select, transfer }: Options): string {
  const given: readonly (readonly [boolean, string])[] = [
    [preserve.links, "l"],
    [links.copyLinks, "L"],
    [links.copyDirLinks, "k"],
    [!walk.recurse && walk.dirs, "d"],
    [preserve.hardLinks, "H"],
    [preserve.owner, "o"],
    [preserve.group, "g"],
    [preserve.devices, "D"],
    [preserve.times, "t"],
    [preserve.mode, "p"],
    [preserve.acls, "A"],
    [preserve.xattrs > 0, "X"],
    [preserve.xattrs > 1, "X"],
    [preserve.atimes, "U"],
    [walk.recurse, "r"],
    [select.checksum, "c"],
    [compressionWish(transfer.compress) === "negotiated", "z"],
    [walk.relative, "R"],
    [walk.oneFileSystem > 0, "x"],
    [walk.oneFileSystem > 1, "x"],
    [select.cvsExclude, ""],
  ];
  return given.map(([isGiven, letter]) => (isGiven ? letter : "")).join("");
}

/** Returns the paths as a daemon's module knows them. */
export function modulePaths({ module = "", paths }: FarPlaces): ByteString[] {
  // Behind a blank a daemon takes the module's name for the beginning of another path.
  const split = ` ${module}/`;
  return paths.map((path) => {
    const inside = path === "." ? "" : path;
    return `${module}/${inside.replaceAll(split, `[ ]${split.slice(1)}`)}`;
  });
}

/** Characters that mean something to a shell; wildcards are left to it, as with rsync. */
const special = /[\s!"#$&'();<>\\`{|}]/g;

/** Returns words for a remote shell, which takes apart what it gets. `isOld`: paths, too (--old-args). */
export function shellWords(
  words: readonly ByteString[],
  paths: readonly ByteString[],
  isOld = false,
): ByteString[] {
  const quoted = words.map((word) => word.replace(/[^A-Za-z0-9_.,:/@%+=-]/g, "\\$&"));
  if (isOld) return [...quoted, ".", ...paths];
  const places = paths.map((path) => {
    if (/[\n\0]/.test(path)) {
      throw new ManifoldError("unsupported", "A line feed in a path cannot be told to a shell");
    }
    const safe = path.startsWith("-") ? `./${path}` : path;
    return safe.replace(special, "\\$&");
  });
  return [...quoted, ".", ...places];
}
