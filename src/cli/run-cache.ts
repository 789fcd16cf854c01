// `manifold cache`: looking after the digests that runs have kept.

import { type ByteString, fromText, ManifoldError, systemClock, toText } from "../base/index.ts";
import {
  type CacheCare,
  type CacheFacts,
  clearCache,
  listCaches,
  pruneCache,
  userCacheDirectory,
  verifyCache,
} from "../cache/index.ts";
import { absolutePath, FsError, openFileSystem, processWorkingDirectory } from "../sync/index.ts";
import { environment } from "./environment.ts";
import { escapeLine, escapeModeOf } from "./output/index.ts";
import { localeName } from "./surroundings.ts";
import { writeText } from "./write-text.ts";

/** Something was not what it should be. */
const partialExit = 23;

/** What is done with one cache; returns the exit status. */
type Action = (cache: CacheFacts, care: CacheCare) => number;

const actions: Readonly<Record<string, Action>> = {
  list: ({ root, entries, bytes }) => say(`${entries} digests, ${bytes} bytes: `, root),
  clear: (cache) => {
    clearCache(cache);
    return say("forgotten: ", cache.root);
  },
  prune: (cache, care) => {
    const left = pruneCache(cache, care);
    if (left === undefined) return say("forgotten, as the root has gone: ", cache.root);
    return say(`${left} digests left: `, cache.root);
  },
  verify: (cache, care) => {
    const { right, wrong } = verifyCache(cache, care, (path) => say("not what it was: ", path));
    // Whether the cache or the disk is wrong: what is wrong once is not trusted.
    if (wrong > 0) clearCache(cache);
    say(`${right} digests right, ${wrong} wrong: `, cache.root);
    return wrong > 0 ? partialExit : 0;
  },
};

/** Does what the words say and returns the exit status. Throws ManifoldError. */
export function runCache(words: readonly ByteString[]): number {
  const [action = "list", ...roots] = words;
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (act === undefined) {
    const message = `There is no "cache ${toText(action)}"; see manifold help cache`;
    throw new ManifoldError("usage", message);
  }
  const directory = userCacheDirectory(environment());
  if (directory === undefined) {
    const message = "Where are digests kept? Neither HOME nor XDG_CACHE_HOME is set";
    throw new ManifoldError("usage", message);
  }
  const care = { fs: openFileSystem(), wallTime: systemClock.wallTime() };
  const caches = named(directory, () => listCaches(care.fs, directory));
  let exit = 0;
  for (const cache of chosen(caches, roots)) {
    exit = Math.max(
      exit,
      named(cache.root, () => act(cache, care)),
    );
  }
  return exit;
}

/** The caches of these roots; without any, all. Throws a usage error for a root that has none. */
function chosen(caches: readonly CacheFacts[], roots: readonly ByteString[]): CacheFacts[] {
  if (roots.length === 0) return [...caches];
  return roots.map((written) => {
    const wanted = absolutePath(processWorkingDirectory(), written);
    const cache = caches.find(({ root }) => root === wanted);
    if (cache !== undefined) return cache;
    throw new ManifoldError("usage", `There are no digests of ${toText(wanted)}`);
  });
}

/** Runs what works on a path, and tells trouble with it in words for the user. */
function named<Result>(path: ByteString, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const message = `Cannot look after the digests of ${toText(path)}: ${error.reason}`;
    throw new ManifoldError("file-select", message, { cause: error });
  }
}

function say(what: string, path: ByteString): number {
  const mode = escapeModeOf(localeName(), false, "manifold");
  writeText(`${toText(escapeLine(fromText(what) + path, mode))}\n`);
  return 0;
}
