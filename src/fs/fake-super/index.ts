// fake-super: a door around a door, which pretends to privileges (rsync(1), --fake-super).

export { type FakeSuperOptions, fakeSuperFileSystem } from "./fake-super-file-system.ts";
export { passThrough } from "./pass-through.ts";
