// The text that each result other than a run stands for.
import type { Personality } from "../options.ts";
import type { GeneratedKind, TextResult } from "../parsed.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./completions.ts";
import type { BuildFacts } from "./facts.ts";
import { daemonHelp, helpText, topicHelp } from "./help.ts";
import { manPage } from "./man.ts";
import { debugHelp, infoHelp } from "./output-help.ts";
import { versionJson, versionText } from "./version.ts";

/**
 * Returns the text to print, ending in a newline.
 *
 * It belongs on stdout, except for a help with exit 1, which answers a wrong command line. Throws
 * a usage error for help on something that does not exist.
 */
export function textOf(parsed: TextResult, personality: Personality, facts: BuildFacts): string {
  switch (parsed.kind) {
    case "help":
      return parsed.topic === undefined
        ? helpText(personality, facts, parsed.exit === 0)
        : topicHelp(parsed.topic);
    case "daemon-help":
      return daemonHelp(personality);
    case "version":
      return versionText(personality, facts);
    case "version-json":
      return versionJson(personality, facts);
    case "info-help":
      return infoHelp();
    case "debug-help":
      return debugHelp();
    default:
      return generate(parsed.what, parsed.program, facts);
  }
}

function generate(what: GeneratedKind, program: Personality, facts: BuildFacts): string {
  switch (what) {
    case "man":
      return manPage(program, facts);
    case "bash":
      return bashCompletion(program);
    case "zsh":
      return zshCompletion(program);
    default:
      return fishCompletion(program);
  }
}
