// --usermap, --groupmap and --chown: their syntax, and which pair applies to an id.
//
// A map is FROM:TO pairs with commas between them. Names on the right are looked up by the
// receiver, which alone knows its user database; so rules keep them as names.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { IdMapFrom, IdMapRule, IdMapTo } from "./id-map-rule.ts";

/** Returns the pairs of a map; `option` ("usermap", "groupmap") is for messages. */
export function parseIdMap(text: ByteString, option: "usermap" | "groupmap"): IdMapRule[] {
  return text.split(",").map((pair) => {
    const colon = pair.indexOf(":");
    if (colon < 0) throw new ManifoldError("usage", `No colon found in --${option}: ${pair}`);
    const to = pair.slice(colon + 1);
    if (to === "") {
      throw new ManifoldError("usage", `No name found after colon --${option}: ${pair}`);
    }
    return { from: parseFrom(pair.slice(0, colon), { option, pair }), to: parseTo(to) };
  });
}

function parseFrom(
  text: ByteString,
  { option, pair }: { readonly option: string; readonly pair: ByteString },
): IdMapFrom {
  if (/^\d/.test(text)) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(text);
    if (match === null) {
      const shown = /^[\d-]+$/.test(text) ? text : pair;
      throw new ManifoldError("usage", `Invalid number in --${option}: ${shown}`);
    }
    const low = parseId(match[1] ?? "");
    return match[2] === undefined
      ? { kind: "id", id: low }
      : { kind: "range", low, high: parseId(match[2]) };
  }
  return /[*?[]/.test(text) ? { kind: "pattern", pattern: text } : { kind: "name", name: text };
}

function parseTo(text: ByteString): IdMapTo {
  return /^\d+$/.test(text) ? { kind: "id", id: parseId(text) } : { kind: "name", name: text };
}

function parseId(digits: string): number {
  const id = Number(digits);
  if (id > 0xffffffff) throw new ManifoldError("usage", `Invalid ID number: ${digits}`);
  return id;
}

/**
 * Returns what the first matching pair makes of an id; undefined when none matches.
 *
 * `name` is the source's name of the id, "" when it has none (an empty FROM matches that).
 * `matches` compares a wildcard pattern with a name.
 */
export function mapId(
  rules: readonly IdMapRule[],
  id: number,
  name: ByteString,
  matches: (pattern: ByteString, name: ByteString) => boolean,
): IdMapTo | undefined {
  return rules.find(({ from }) => {
    switch (from.kind) {
      case "id":
        return from.id === id;
      case "range":
        return id >= from.low && id <= from.high;
      case "name":
        return from.name === name;
      default:
        return matches(from.pattern, name);
    }
  })?.to;
}
