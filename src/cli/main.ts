// A stand-in until the command line exists: prints the version.

import type { Personality } from "../options/index.ts";

/** Runs the program named by `personality`. */
export async function main(personality: Personality): Promise<void> {
  process.stdout.write(`${personality} 0.1.0\n`);
}
