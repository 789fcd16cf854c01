// options: THE flag table, and everything that derives from it.
//
// One ordered table (flags/, one file a category) describes every option of rsync 3.5 and every
// option of manifold's own: names, aliases, values, help, manual text, state. parse() turns argv
// into the resolved Options record; the help text, the manual page, the shell completions and the
// option table of the README are printed from the same rows, so that they cannot disagree.

export type { CastOptions, CatchOptions, DatagramRates } from "./cast-options.ts";
export { type Ability, type BuildFacts, buildFacts } from "./docs/facts.ts";
export { textOf } from "./docs/text.ts";
export { versionText } from "./docs/version.ts";
export type { Category, Flag, FlagStatus } from "./flag.ts";
export { categories } from "./flag.ts";
export { flags } from "./flags/index.ts";
export type { MirrorOptions, MirrorPlace, ReferencePolicy } from "./mirror-options.ts";
export type {
  DeleteOptions,
  FilterRule,
  LinkOptions,
  Options,
  Personality,
  PreserveOptions,
  SelectOptions,
  Verb,
  WalkOptions,
} from "./options.ts";
export { parse } from "./parse.ts";
export { type FarRequest, parseFar } from "./parse-far.ts";
export {
  parseServer,
  readServerWords,
  type ServerRequest,
  type ServerWords,
} from "./parse-server.ts";
export type { GeneratedKind, Parsed, ServeOptions, TextResult } from "./parsed.ts";
export type { Variables } from "./read-flags.ts";
export { farSource, unique as uniqueMirrors } from "./resolve/mirrors.ts";
export type {
  BackupOptions,
  BasisDirOptions,
  CaptureOptions,
  CompressOptions,
  FarPlaces,
  IdOptions,
  LimitOptions,
  OutputOptions,
  OwnOptions,
  PartialOptions,
  RemoteOptions,
  TransferOptions,
} from "./run-options.ts";
export { checksumNames, compressNames } from "./values/algorithms.ts";
export {
  type CastTarget,
  castModule,
  catcherPlace,
  catchModule,
  parseCastTargets,
  splitTargets,
} from "./values/cast-targets.ts";
export { applyChmod, parseChmod } from "./values/chmod.ts";
export type { ChmodRule, ChmodScope } from "./values/chmod-rule.ts";
export { formatHas } from "./values/format.ts";
export { mapId, parseIdMap } from "./values/id-map.ts";
export type { IdMapFrom, IdMapRule, IdMapTo } from "./values/id-map-rule.ts";
export { parseMirrorLines, parseMirrorPlace } from "./values/mirror-place.ts";
export type { StageRules } from "./values/mirror-stages.ts";
export { type DebugFlag, debugFlags, type InfoFlag, infoFlags } from "./values/output-flags.ts";
export { type VerbRow, verbs } from "./verbs.ts";
