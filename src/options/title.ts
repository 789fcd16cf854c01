// How the docs and messages spell a flag.
import type { Flag } from "./flag.ts";

/** Returns "--name=VALUE", "--name[=VALUE]", "--name" or "-x". */
export function flagTitle(flag: Flag): string {
  if (flag.name === undefined) return `-${flag.short}`;
  return `--${flag.name}${valueTitle(flag)}`;
}

/** Returns "=VALUE", "[=VALUE]" or "". */
export function valueTitle(flag: Flag): string {
  if (flag.takes === "nothing") return "";
  return flag.takes === "maybe-text" ? `[=${flag.placeholder}]` : `=${flag.placeholder}`;
}
