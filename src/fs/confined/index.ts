// confined: a door around a door, to one directory and what is below it.

export { confinedFileSystem } from "./confined-file-system.ts";
export type { Confinement } from "./confinement.ts";
