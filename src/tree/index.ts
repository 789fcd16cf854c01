// tree: what a tree is. Listings as columns, modes, the listing order, itemized changes, and the
// records of the progress stream; filter/ holds the include/exclude language.
//
// In: names and numbers as the doors and codecs fill them in. Out: order, matches, change bits, texts
// of items, verdicts. Pure: nothing here touches a file, and nothing remembers one directory when it
// is given the next.

export {
  type Acl,
  accessAclName,
  aclMode,
  defaultAclName,
  formatAcl,
  formatFakeAcl,
  inheritedAcl,
  isAclName,
  isModeAcl,
  mapAclIds,
  modeAcl,
  type NamedPermission,
  parseAcl,
  parseFakeAcl,
  sameAccessAcl,
  sameDefaultAcl,
  wantedAccessAcl,
} from "./acl.ts";
export {
  type AttributeRules,
  aclOf,
  atimeNanos,
  differingAttributes,
  mayGiveGroup,
  plainXattrs,
  sameMtime,
  sameNanos,
  sameTime,
  type TimeRule,
} from "./attributes.ts";
export { regrow, selectMap, type Xattr } from "./columns.ts";
export { Directory, type FrozenDirectory } from "./directory.ts";
export {
  type CvsSources,
  dependsOnTree,
  type FileContent,
  FilterLevel,
  type FilterProblem,
  type FilterRuleSet,
  type FilterSource,
  formatFilterRules,
  matchesPattern,
  mergeFileBytesMax,
  parseFilterRules,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
  verdictRisk,
  verdictShow,
  withContents,
} from "./filter/index.ts";
export { freezeRows, frozenRowsBytes } from "./freeze-rows.ts";
export { attributeChanges, change, formatItem, significantChanges } from "./itemize.ts";
export {
  compareEntries,
  compareNames,
  dropTwins,
  firstDirectory,
  matchEntries,
  sortListing,
  standsApart,
} from "./listing-order.ts";
export {
  accessMask,
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
  permissionMask,
  setGroupId,
  setUserId,
  sticky,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeRegular,
  typeSocket,
  typeSymlink,
} from "./mode.ts";
export {
  type CounterName,
  type Counters,
  counterIndex,
  counterNames,
  type DeleteEvent,
  type FileProgressEvent,
  type ItemEvent,
  type NoteEvent,
  type ProblemEvent,
  type ProgressEvent,
  type RowEvent,
  sumCounters,
} from "./progress.ts";
export { hideState, isStateName, stateDirectory } from "./state-name.ts";
export { isUnsafeSymlink, mungePrefix } from "./symlink-safety.ts";
