// Test support: folders, trees as literals, generated trees, and their comparison.
//
//   await using folder = temporaryFolder();
//   writeTree(folder.path, varietyTree(seed));              // or treeOf({ ... })
//   const before = readTree(folder.path);
//   mutateTree(seed, folder.path);
//   assertSameTree(before, folder.path);                     // lists what the mutation did
//
// All of them also work on a FileSystem: fileSystemPlace(memoryFileSystem(), root).

export { childModule, childProgram } from "./child-program.ts";
export { Choice } from "./choice.ts";
export { diskPlace } from "./disk-place.ts";
export { fileSystemPlace } from "./file-system-place.ts";
export { haveGetfattr } from "./getfattr.ts";
export { ManualClock, settle } from "./manual-clock.ts";
export { type Mutation, mutateTree } from "./mutate-tree.ts";
export { noise } from "./noise.ts";
export * from "./odd-values.ts";
export type { PlaceEntry, Region, TreePlace } from "./place.ts";
export { readTree, type TreeEntry, type TreeSnapshot } from "./read-tree.ts";
export {
  assertSameTree,
  type Comparison,
  compareTrees,
  printable,
  type TreeAttribute,
} from "./same-tree.ts";
export { sampled } from "./sampled.ts";
export { haveSystemCalls } from "./system-calls.ts";
export { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
export * from "./tree-literal.ts";
export { type Variety, varietyTree } from "./variety-tree.ts";
export { toPlace, writeTree } from "./write-tree.ts";
