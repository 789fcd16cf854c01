// Reading a configuration from the files of this machine.

import { type ByteString, fromBytes } from "../../base/index.ts";
import { readDirectoryNames, readSmallFile } from "../../fs/index.ts";
import { named } from "../keys/line-file.ts";
import type { DaemonConfig } from "./module.ts";
import { type ConfigRules, parseConfig } from "./parse-config.ts";

/** Some ten thousand lines. */
const bytesMax = 1 << 20;

/** Reads a configuration and what it takes in. Throws ManifoldError with file and line. */
export function readConfig(file: ByteString, rules: ConfigRules = {}): DaemonConfig {
  return parseConfig(file, readText, { ...rules, names: readDirectoryNames });
}

/** The same of a file that need not be there: then everything is as usual, and these keys are let in. */
export function readConfigIfThere(
  file: ByteString,
  allowedKeys: ByteString,
  rules: ConfigRules = {},
): DaemonConfig {
  if (readText(file) !== undefined) return readConfig(file, rules);
  return parseConfig(file, () => `allowed keys = ${allowedKeys}\n`, rules);
}

function readText(path: ByteString): ByteString | undefined {
  const file = named(path, () => readSmallFile(path, bytesMax));
  return file === undefined ? undefined : fromBytes(file.bytes);
}
