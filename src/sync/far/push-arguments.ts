// What an rsync server is told in a push: the user's options, as far as they concern the receiving end, in rsync's words.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { capabilityWord } from "../../rsync/index.ts";
import { checksumWords, compressionWords, letters, listWords } from "./rsync-arguments.ts";

/** Says whether lists may be sent while files are. Arguments that name parents come as one list, as do files with several names. */
export function maySendIncrementally({
  walk,
  preserve,
  delete: deletes,
  transfer,
}: Options): boolean {
  return (
    walk.recurse &&
    walk.incremental &&
    !walk.relative &&
    !walk.pruneEmptyDirs &&
    walk.filesFrom === undefined &&
    !preserve.hardLinks &&
    deletes.mode !== "before" &&
    deletes.mode !== "after" &&
    !transfer.removeSourceFiles &&
    !transfer.delayUpdates
  );
}

/** Says whether the server asks for filter rules: where it deletes, or leaves directories out. */
export function asksForRules({ delete: deletes, walk }: Options): boolean {
  return deletes.mode !== "none" || walk.pruneEmptyDirs;
}

/** Returns the words behind the program, up to the path. `list`: where a list of names is at the other end. */
export function pushArguments(
  options: Options,
  incremental: boolean,
  list?: ByteString,
): ByteString[] {
  const { preserve, remote } = options;
  const cluster = `${"v".repeat(Math.min(options.output.verbose, 5))}${pushLetters(options)}`;
  const words: ByteString[] = [
    "--server",
    `-${cluster}${letters(options)}e${capabilityWord(incremental, true)}`,
  ];
  if (preserve.devices && !preserve.specials) words.push("--no-specials");
  if (preserve.specials && !preserve.devices) words.push("--specials");
  if (preserve.numericIds) words.push("--numeric-ids");
  return [
    ...words,
    ...deleteWords(options),
    ...keepingWords(options),
    ...transferWords(options),
    ...selectWords(options),
    ...idWords(options),
    ...limitWords(options),
    ...(list === undefined ? [] : listWords(options.walk, list)),
    ...remote.remoteOptions,
  ];
}

function pushLetters({ transfer, backup, select, preserve, links, walk }: Options): string {
  const given: readonly (readonly [boolean, string])[] = [
    [transfer.dryRun, "n"],
    [backup.on, "b"],
    [select.update, "u"],
    [select.ignoreTimes, "I"],
    [transfer.wholeFile === true, "W"],
    [transfer.sparse, "S"],
    [transfer.fuzzy > 0, "y"],
    [transfer.fuzzy > 1, "y"],
    [links.keepDirLinks, "K"],
    [!preserve.dirTimes && preserve.times, "O"],
    [!preserve.linkTimes && preserve.times, "J"],
    [preserve.executability, "E"],
    [walk.pruneEmptyDirs, "m"],
  ];
  return given.map(([isGiven, letter]) => (isGiven ? letter : "")).join("");
}

function deleteWords({ delete: deletes }: Options): ByteString[] {
  const words: ByteString[] = [];
  if (deletes.mode !== "none") words.push(`--delete-${deletes.mode}`);
  if (deletes.excluded) words.push("--delete-excluded");
  if (deletes.ignoreErrors) words.push("--ignore-errors");
  if (deletes.force) words.push("--force");
  if (deletes.max !== undefined) words.push(`--max-delete=${deletes.max}`);
  return words;
}

function keepingWords({ backup, partial, basisDirs }: Options): ByteString[] {
  const words: ByteString[] = [];
  if (backup.on && backup.dir !== undefined) words.push("--backup-dir", backup.dir);
  const usualSuffix = backup.dir === undefined ? "~" : "";
  if (backup.on && backup.suffix !== usualSuffix) words.push(`--suffix=${backup.suffix}`);
  if (partial.dir !== undefined) words.push("--partial-dir", partial.dir);
  else if (partial.keep) words.push("--partial");
  for (const dir of basisDirs.dirs) words.push(`--${basisDirs.kind}-dest`, dir);
  return words;
}

function transferWords({ transfer, walk, output }: Options): ByteString[] {
  const words: ByteString[] = [];
  if (transfer.append !== "no") words.push("--append");
  if (transfer.append === "verify") words.push("--append");
  if (transfer.inplace) words.push("--inplace");
  if (transfer.removeSourceFiles) words.push("--remove-source-files");
  if (transfer.wholeFile === false) words.push("--no-W");
  if (transfer.blockSize !== undefined) words.push(`-B${transfer.blockSize}`);
  if (transfer.delayUpdates) words.push("--delay-updates");
  if (transfer.tempDir !== undefined) words.push("--temp-dir", transfer.tempDir);
  if (transfer.preallocate) words.push("--preallocate");
  if (transfer.fsync) words.push("--fsync");
  if (transfer.writeDevices) words.push("--write-devices");
  if (transfer.checksumSeed !== 0) words.push(`--checksum-seed=${transfer.checksumSeed}`);
  words.push(...checksumWords(transfer), ...compressionWords(transfer.compress));
  if (walk.missingArgs === "delete") words.push("--delete-missing-args");
  if (walk.mkpath) words.push("--mkpath");
  // What is asked for here decides what is told there.
  if (output.itemize > 1) words.push("--log-format=%i%I");
  else if (output.outFormat !== undefined) words.push("--log-format=%i");
  if (output.stats) words.push("--stats");
  return words;
}

function selectWords({ select }: Options): ByteString[] {
  const words: ByteString[] = [];
  if (select.existing) words.push("--existing");
  if (select.ignoreExisting) words.push("--ignore-existing");
  if (select.sizeOnly) words.push("--size-only");
  if (select.maxSize !== undefined) words.push(`--max-size=${select.maxSize}`);
  if (select.minSize !== undefined) words.push(`--min-size=${select.minSize}`);
  if (select.modifyWindow !== 0) words.push(`--modify-window=${select.modifyWindow}`);
  return words;
}

/** Maps of owners go as they were written. */
function idWords({ remote, preserve }: Options): ByteString[] {
  const kept = /^--(usermap|groupmap|copy-as)=/;
  const words = remote.words.flatMap((word) => {
    if (kept.test(word)) return [word];
    const [, owner] = /^--chown=(.*)$/s.exec(word) ?? [];
    if (owner === undefined) return [];
    const [user = "", group = ""] = owner.split(/:/);
    return [
      ...(user === "" ? [] : [`--usermap=*:${user}`]),
      ...(group === "" ? [] : [`--groupmap=*:${group}`]),
    ];
  });
  if (preserve.superUser === true) words.push("--super");
  return words;
}

function limitWords({ limits }: Options): ByteString[] {
  const words: ByteString[] = [];
  if (limits.timeout > 0) words.push(`--timeout=${Math.ceil(limits.timeout / 1000)}`);
  if (limits.bwlimit > 0) words.push(`--bwlimit=${Math.ceil(limits.bwlimit / 1024)}`);
  return words;
}
