// The command line: argv in, exit status out. With surroundings.ts the only file that reads
// the environment; sets the exit status.

import { type ByteString, fromText } from "../base/index.ts";
import { type Options, type Personality, parse } from "../options/index.ts";
import { environment, restoreCertificates } from "./environment.ts";

/** Runs the program named by `personality` and sets the process's exit status. */
export async function main(personality: Personality): Promise<void> {
  let argv: readonly ByteString[] = [];
  try {
    argv = await argumentsOf();
    process.exitCode = await run(argv, personality);
  } catch (error) {
    const { tellFailure } = await import("./failure.ts");
    const exit = tellFailure(personality, error);
    if (personality === "manifold") {
      // No reporter has told events their end, and somebody may wait for that.
      const { tellEarlySummary } = await import("./early-summary.ts");
      tellEarlySummary(argv, {
        exit,
        failure: error instanceof Error ? error.message : `${error}`,
      });
    }
    // Everything is written; a bug may have left a lane that would keep the process alive.
    process.exit(exit);
  }
}

async function run(argv: readonly ByteString[], personality: Personality): Promise<number> {
  const toldPlaces = agentPlaces(argv, personality);
  if (toldPlaces !== undefined) {
    const { runFarEnd } = await import("./run-agent.ts");
    return runFarEnd(toldPlaces);
  }
  if (personality === "manifold" && argv[0] === "serve" && argv[1] === "--connection") {
    const { runConnection } = await import("./run-serve.ts");
    return runConnection();
  }
  if (personality === "manifold-rsync" && argv[0] === "--server" && argv[1] !== "--daemon") {
    const { runRsyncServer } = await import("./run-rsync-server.ts");
    return runRsyncServer(argv);
  }
  restoreCertificates();
  const parsed = parse(argv, personality, environment());
  if (parsed.kind === "run" && parsed.verb === "agent") {
    const { runFarEnd } = await import("./run-agent.ts");
    return runFarEnd([]);
  }
  if (parsed.kind === "run" && receives(parsed)) {
    const { runReceive } = await import("./run-receive.ts");
    return runReceive(parsed.options);
  }
  if (parsed.kind === "run" && parsed.verb === "catch") {
    const { runCatch } = await import("./run-catch.ts");
    return runCatch(parsed.options);
  }
  if (parsed.kind === "run" && parsed.verb === "cast") {
    const { runCast } = await import("./run-cast.ts");
    return runCast(parsed.options);
  }
  if (parsed.kind === "run" && parsed.verb === "sources") {
    const { runSources } = await import("./run-sources.ts");
    return runSources(parsed.options);
  }
  if (parsed.kind === "run" && parsed.verb !== "sync") {
    const { runStage } = await import("./run-stage.ts");
    return runStage(parsed.verb, parsed.options);
  }
  if (parsed.kind === "run") {
    const { runSync } = await import("./run-sync.ts");
    return runSync(parsed.options);
  }
  if (parsed.kind === "serve" || parsed.kind === "key") {
    const { runService } = await import("./run-serve.ts");
    return runService(parsed, personality);
  }
  if (parsed.kind === "cache") {
    const { runCache } = await import("./run-cache.ts");
    return runCache(parsed.words);
  }
  const { printText } = await import("./print-text.ts");
  return printText(personality, parsed, argv);
}

/**
 * Returns the places on the command line of a far end, undefined for any other. They are what a shell made of the client's
 * (--old-args), behind a "." that keeps them from being taken for options.
 */
function agentPlaces(
  [verb, first, ...rest]: readonly ByteString[],
  personality: Personality,
): readonly ByteString[] | undefined {
  // How the far end of manifold-rsync is started: rsync's word for it, and ours.
  if (personality === "manifold-rsync") {
    return verb === "--server" && first === "--manifold" ? rest.slice(1) : undefined;
  }
  return verb === "agent" && first === "." ? rest : undefined;
}

/** A batch is received, whatever the verb. */
function receives({ verb, options }: { verb: string; options: Options }): boolean {
  return verb === "receive" || options.own.readBatch !== undefined;
}

/** Returns argv as bytes; the file door is loaded only when Node has damaged them. */
async function argumentsOf(): Promise<ByteString[]> {
  const decoded = process.argv.slice(2);
  if (!decoded.some((argument) => argument.includes("\u{fffd}"))) return decoded.map(fromText);
  const { processArguments } = await import("./exact-arguments.ts");
  return processArguments();
}
