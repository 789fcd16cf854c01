// The first lines that run. They check the Node.js version before any other module is read (an old
// Node could not even parse it); the launcher cannot, because asking would start a second node.
// What is asked for most often by other programs, the version, is answered without reading the
// table of options.

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
  const [first, second] = process.argv.slice(2);
  if (second === undefined && (first === "--version" || first === "-V")) {
    const { printVersion } = await import("./print-version.ts");
    process.exitCode = await printVersion(personality);
    return;
  }
  const { main } = await import("./main.ts");
  await main(personality);
}
