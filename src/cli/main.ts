// The command line: argv in, exit status out. The only file that reads the environment, writes to
// the standard streams and sets the exit status.

import { AssertionError, type ByteString, fromText, ManifoldError } from "../base/index.ts";
import { parse, type Personality } from "../options/index.ts";

/** Runs the program named by `personality` and sets the process's exit status. */
export async function main(personality: Personality): Promise<void> {
  try {
    process.exitCode = await run(personality);
  } catch (error) {
    process.exitCode = fail(personality, error);
  }
}

async function run(personality: Personality): Promise<number> {
  const parsed = parse(await argumentsOf(), personality, variables());
  if (parsed.kind === "run") {
    const { runSync } = await import("./run-sync.ts");
    return runSync(parsed.options);
  }
  const { printText } = await import("./print-text.ts");
  return printText(personality, parsed);
}

/** Returns argv as bytes; the file door is loaded only when Node has damaged them. */
async function argumentsOf(): Promise<ByteString[]> {
  const decoded = process.argv.slice(2);
  if (!decoded.some((argument) => argument.includes("\u{fffd}"))) return decoded.map(fromText);
  const { processArguments } = await import("../sync/index.ts");
  return processArguments();
}

function variables(): Record<string, ByteString | undefined> {
  const bytes: Record<string, ByteString | undefined> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) bytes[name] = fromText(value);
  }
  return bytes;
}

/** Prints what stopped the run and returns its exit status. */
function fail(personality: Personality, error: unknown): number {
  if (error instanceof ManifoldError) {
    process.stderr.write(
      `${personality === "manifold" ? "manifold" : "rsync"}: ${error.message}\n`,
    );
    return error.exit;
  }
  const bug = error instanceof AssertionError ? "a broken assumption" : "an unexpected error";
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`manifold: this is a bug: ${bug}\n${stack}\n`);
  return 70;
}
