// Completions for bash, zsh and fish.
//
// Each script lists every name a flag has. Values are completed where the table knows them all or
// where the placeholder says that they are files or directories.
import type { Flag } from "../flag.ts";
import type { Personality } from "../options.ts";
import { longNames } from "../read-argv.ts";
import { verbs } from "../verbs.ts";
import { visibleFlags } from "./help.ts";

/** What stands after a flag. */
type ValueKind = "none" | "choices" | "file" | "directory" | "other";

function valueKind(flag: Flag): ValueKind {
  if (flag.takes === "nothing") return "none";
  if (choicesOf(flag).length > 0) return "choices";
  if (flag.placeholder === "FILE") return "file";
  return flag.placeholder === "DIR" ? "directory" : "other";
}

function choicesOf(flag: Flag): readonly string[] {
  return (flag.takes === "text" || flag.takes === "maybe-text") && flag.choices ? flag.choices : [];
}

/** Returns the shell function's name for a program. */
function functionName(program: Personality): string {
  return `_${program.replace("-", "_")}`;
}

/** Returns the verbs that complete as a first argument. */
function verbWords(program: Personality): readonly string[] {
  return program === "manifold" ? verbs.map(({ name }) => name) : [];
}

/** Returns the completion script for bash. */
export function bashCompletion(program: Personality): string {
  const words: string[] = [];
  const cases: string[] = [];
  for (const flag of visibleFlags()) {
    const names = longNames(flag).map((name) => `--${name}`);
    words.push(...names, ...(flag.negations ?? []).map((name) => `--${name}`));
    const all = [...names, ...(flag.short === undefined ? [] : [`-${flag.short}`])].join("|");
    const kind = valueKind(flag);
    if (kind === "choices") {
      cases.push(
        `    ${all}) COMPREPLY=($(compgen -W '${choicesOf(flag).join(" ")}' -- "$cur")); return;;`,
      );
    }
    if (kind === "file") cases.push(`    ${all}) return;;`);
    if (kind === "directory") cases.push(`    ${all}) compopt +o default -o dirnames; return;;`);
    if (kind === "other") cases.push(`    ${all}) compopt +o default; return;;`);
  }
  const name = functionName(program);
  const verbLine = verbWords(program).join(" ");
  // Names of files are left to readline, which knows how to quote them: that is -o default.
  return `# bash completion for ${program}
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  case $prev in
${cases.join("\n")}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W '${words.join(" ")}' -- "$cur"))
  elif (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W '${verbLine}' -- "$cur"; compgen -f -- "$cur")
    compopt -o filenames
  fi
}
complete -o default -F ${name} ${program}
`;
}

/** Quotes text for single quotes of sh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns the completion script for zsh. */
export function zshCompletion(program: Personality): string {
  const specs: string[] = [];
  const explain = (help: string) => help.replace(/[[\]:\\]/g, "\\$&");
  for (const flag of visibleFlags()) {
    const value = zshValue(flag);
    const help = `[${explain(flag.help)}]`;
    const equals = flag.takes === "maybe-text" ? "=-" : value === "" ? "" : "=";
    for (const name of longNames(flag)) specs.push(`*--${name}${equals}${help}${value}`);
    for (const name of flag.negations ?? []) specs.push(`*--${name}[turn off]`);
    if (flag.short !== undefined) {
      specs.push(`*-${flag.short}${value === "" ? "" : "+"}${help}${value}`);
    }
  }
  const first = verbWords(program);
  const verbSpec =
    first.length === 0
      ? "*:path:_files"
      : `1:verb or source:{ compadd ${first.join(" ")}; _files }`;
  return `#compdef ${program}
_arguments -s \\
${specs.map((spec) => `  ${quoted(spec)} \\`).join("\n")}
  ${quoted(verbSpec)}${first.length === 0 ? "" : ` \\\n  '*:path:_files'`}
`;
}

function zshValue(flag: Flag): string {
  if (flag.takes === "nothing") return "";
  const label = flag.placeholder
    .replace(/[[\]:|]/g, " ")
    .trim()
    .toLowerCase();
  switch (valueKind(flag)) {
    case "choices":
      return `:${label}:(${choicesOf(flag).join(" ")})`;
    case "file":
      return `:${label}:_files`;
    case "directory":
      return `:${label}:_files -/`;
    default:
      return `:${label}: `;
  }
}

/** Returns the completion script for fish. */
export function fishCompletion(program: Personality): string {
  const lines = [`# fish completion for ${program}`];
  const command = `complete -c ${program}`;
  const fish = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  for (const flag of visibleFlags()) {
    const [name, ...aliases] = longNames(flag);
    const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
    const long = name === undefined ? "" : ` -l ${name}`;
    const value = fishValue(flag);
    lines.push(`${command}${short}${long}${value} -d ${fish(flag.help)}`);
    for (const alias of aliases) {
      lines.push(`${command} -l ${alias}${value} -d ${fish(`same as --${name}`)}`);
    }
    for (const negation of flag.negations ?? []) {
      lines.push(`${command} -l ${negation} -d ${fish(`turn off ${name ?? flag.short}`)}`);
    }
  }
  for (const word of verbWords(program)) {
    const help = verbs.find((verb) => verb.name === word)?.help ?? "";
    lines.push(`${command} -n __fish_use_subcommand -a ${word} -d ${fish(help)}`);
  }
  return `${lines.join("\n")}\n`;
}

function fishValue(flag: Flag): string {
  if (flag.takes === "nothing" || flag.takes === "maybe-text") return "";
  const kind = valueKind(flag);
  if (kind === "choices") return ` -x -a '${choicesOf(flag).join(" ")}'`;
  if (kind === "directory")
    return ` -x -a "(__fish_complete_directories (string replace -r '^-[^=]*=' '' -- (commandline -ct)))"`;
  return kind === "file" ? " -r" : " -x";
}
