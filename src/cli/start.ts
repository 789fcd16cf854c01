// The first lines that run. They check the Node.js version before any other module is read (an old
// Node could not even parse it); the launcher cannot, because asking would start a second node.

import type { Personality } from "../options/index.ts";

/** Runs the program, or says that Node.js is too old and sets exit code 1. */
export async function start(personality: Personality): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `${personality}: needs Node.js 20.19 or newer, this is ${process.version}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { main } = await import("./main.ts");
  await main(personality);
}
