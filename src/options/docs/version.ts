// --version: for people in rsync's shape, and twice as JSON with rsync's keys, because scripts and
// rsync's own tests read both to find out what a program can do.

import type { Personality } from "../options.ts";
import { abilityNames, type BuildFacts } from "./facts.ts";

/** The release of rsync whose options and output manifold-rsync has. */
export const rsyncVersion = "3.5.0";
/** The protocol of that release. */
export const rsyncProtocol = 32;

const home = "a successor to rsync in TypeScript; MIT licence";
const lineWidth = 79;

/** Words that --version writes differently from the JSON keys. */
const spelling = new Map([
  ["ACL_at", "ACL-at"],
  ["hardlink_specials", "hardlink-specials"],
  ["hardlink_symlinks", "hardlink-symlinks"],
  ["secluded_args", "secluded-args"],
  ["stop_at", "stop-at"],
]);

/** Returns the text of --version. */
export function versionText(personality: Personality, facts: BuildFacts): string {
  const able = abilityNames.filter((name) => facts.abilities[name]);
  const unable = abilityNames.filter((name) => !facts.abilities[name]);
  const words = [
    "64-bit files",
    "64-bit inums",
    "64-bit timestamps",
    ...able.map((name) => spelling.get(name) ?? name),
    ...unable.map((name) => `no ${spelling.get(name) ?? name}`),
  ];
  return [
    ...firstLines(personality, facts),
    "Capabilities:",
    ...wrapList(words),
    "Checksum list:",
    `    ${facts.checksums.join(" ")}`,
    "Compress list:",
    `    ${facts.compressions.join(" ")}`,
    "Daemon auth list:",
    `    ${facts.authentications.join(" ") || "none"}`,
    "",
  ].join("\n");
}

function firstLines(personality: Personality, { version }: BuildFacts): readonly string[] {
  if (personality === "manifold") return [`manifold ${version}: ${home}`];
  return [
    `rsync  version ${rsyncVersion}  protocol version ${rsyncProtocol}`,
    `as spoken by manifold ${version}, ${home}`,
  ];
}

/** Joins words with commas into indented lines. */
function wrapList(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = "   ";
  words.forEach((word, at) => {
    const item = ` ${word}${at + 1 < words.length ? "," : ""}`;
    if (line.length + item.length > lineWidth) {
      lines.push(line);
      line = "   ";
    }
    line += item;
  });
  return [...lines, line];
}

/** Returns the text of -VV. */
export function versionJson(personality: Personality, facts: BuildFacts): string {
  const isRsync = personality === "manifold-rsync";
  const record = {
    program: isRsync ? "rsync" : "manifold",
    version: isRsync ? rsyncVersion : facts.version,
    protocol: `${rsyncProtocol}.0`,
    implementation: `manifold ${facts.version}`,
    capabilities: {
      file_bits: 64,
      inum_bits: 64,
      timestamp_bits: 64,
      ...facts.abilities,
    },
    optimizations: {},
    checksum_list: facts.checksums,
    compress_list: facts.compressions,
    daemon_auth_list: facts.authentications,
    license: "MIT",
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
