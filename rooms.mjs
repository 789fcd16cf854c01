// The architecture in one table: room -> the rooms it may import. Read it from top to bottom: a
// room only ever imports rooms above it. ARCHITECTURE.md explains it, .dependency-cruiser.mjs
// enforces it, tools/tidy.ts checks that the two documents agree. A room listed here need not exist
// yet; a folder of src/ that is not listed here is refused.

/** Room to the rooms it may import. */
export const rooms = {
  // 1. Words and numbers. All but native are pure: no I/O, no clock, no process.
  base: [],
  native: ["base"],
  hash: ["base", "native"],
  tree: ["base"],
  delta: ["base", "hash"],
  options: ["base", "tree"],
  catalog: ["base", "hash", "tree"],
  // 2. Doors to the outside world, and who may pass when.
  fs: ["base", "native", "tree"],
  transport: ["base", "native"],
  schedule: ["base"],
  daemon: ["base", "hash", "tree", "fs", "transport"],
  cache: ["base", "hash", "tree", "fs"],
  // 3. The work.
  changeset: ["base", "hash", "tree", "delta"],
  source: ["base", "hash", "tree", "delta", "catalog", "changeset", "fs", "transport", "schedule"],
  pipeline: ["base", "hash", "tree", "delta", "changeset", "fs", "source"],
  // 4. Conversations over a transport.
  session: ["base", "hash", "tree", "delta", "changeset", "transport", "source"],
  rsync: ["base", "native", "hash", "tree", "delta", "options", "transport", "source"],
  datagram: ["base", "hash", "session"],
  // 5. What a user can ask for: the only room that composes the others.
  sync: [
    "base",
    "hash",
    "tree",
    "delta",
    "options",
    "fs",
    "transport",
    "schedule",
    "daemon",
    "cache",
    "changeset",
    "source",
    "pipeline",
    "session",
    "rsync",
    "datagram",
  ],
  // 6. Faces.
  cli: ["base", "tree", "options", "daemon", "cache", "sync"],
  web: ["base", "tree", "options", "sync"],
};

/**
 * Node's built-in modules, and the only rooms that may open each. A module that is not listed may
 * not be imported at all: add a line here, with a reason, before its first use.
 */
export const doors = {
  "fs|fs/promises": ["fs"],
  // stream: its types only.
  "child_process|net|tls|dgram|dns|http|https|http2|stream": ["transport"],
  // Digests; keys, and what TLS is told about them.
  crypto: ["hash", "transport"],
  // Compression of changesets; CRC-32; listings that servers keep compressed; rsync's tokens.
  zlib: ["changeset", "hash", "source", "rsync"],
  worker_threads: ["schedule"],
  // How soon garbage is collected.
  v8: ["schedule"],
  // createRequire, for packages with native code that are loaded when they are first needed.
  module: ["native", "hash"],
  // The count of cores.
  os: ["schedule", "transport"],
  // Platform, architecture, user and group ids, the umask; what a parent process says; the monotonic clock; which modules
  // this Node has.
  process: ["cli", "native", "fs", "transport", "base", "changeset"],
  "readline|tty": ["cli"],
};

/** Third-party packages, each with the only room that may import it. */
export const packages = {
  koffi: ["native"],
  "@napi-rs/blake-hash": ["hash"],
  "hash-wasm": ["hash"],
  htmlparser2: ["catalog"],
};

/** Rooms whose folders do not know one another: they share the record types of rooms above. */
export const strangers = ["pipeline", "source", "transport"];

/**
 * Rooms with floors: a folder imports the folders named before it, and none of those behind it. Files beside the
 * folders compose them all.
 */
export const floors = {
  sync: [
    "tasks",
    "plan",
    "state",
    "lane",
    "apply",
    "survey",
    "conduct",
    "far",
    "mirror",
    "cooperate",
    "verbs",
    "cast",
    "serving",
  ],
};

/** Files that are entered from outside: nobody imports them. */
export const entries = ["src/cli/manifold.ts", "src/cli/manifold-rsync.ts", "src/sync/lane.ts"];
