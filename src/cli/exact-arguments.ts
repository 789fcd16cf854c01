// The bytes of argv, for when Node has damaged them: a file of its own because it is loaded late.

export { processArguments } from "../sync/index.ts";
