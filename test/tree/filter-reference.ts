// A slow filter that is right by inspection: strings, recursion over all possibilities, no
// compilation. It knows only rules of the command line; it says what the fast one must say.

/** One rule for the reference. */
export interface PlainRule {
  readonly include: boolean;
  readonly negate: boolean;
  readonly absolute: boolean;
  readonly perishable: boolean;
  readonly sides: "both" | "source" | "target";
  /** As written, a trailing slash included. */
  readonly pattern: string;
}

/** One name to judge. */
export interface PlainName {
  /** Path within the transfer. */
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Returns the rule that decides, or undefined. */
export function decide(
  rules: readonly PlainRule[],
  side: "source" | "target",
  rootPath: string,
  name: PlainName,
  ignorePerishable = false,
): PlainRule | undefined {
  return rules.find(
    (rule) =>
      (rule.sides === "both" || rule.sides === side) &&
      !(ignorePerishable && rule.perishable) &&
      ruleApplies(rule, rootPath, name),
  );
}

/** Says whether the rule applies to the name. */
export function ruleApplies(rule: PlainRule, rootPath: string, name: PlainName): boolean {
  return patternMatches(rule, rootPath, name) !== rule.negate;
}

function patternMatches(rule: PlainRule, rootPath: string, name: PlainName): boolean {
  let { pattern } = rule;
  if (pattern.length > 1 && pattern.endsWith("/")) {
    if (!name.isDirectory) return false;
    pattern = pattern.slice(0, -1);
  }
  const match = /[*?[]/.test(pattern)
    ? globMatches
    : (left: string, right: string) => left === right;
  const root = rootPath === "/" ? "" : rootPath.slice(1);
  const full = rule.absolute && root !== "" ? `${root}/${name.path}` : name.path;
  const deep = pattern.includes("**");
  const tail = name.isDirectory && deep && pattern.endsWith("***") ? "/" : "";
  if (pattern.startsWith("/")) return match(pattern.slice(1), full + tail);
  if (!pattern.includes("/") && !deep) {
    return match(pattern, name.path.slice(name.path.lastIndexOf("/") + 1));
  }
  if (!deep) {
    const elements = full.split("/");
    const wanted = pattern.split("/").length;
    return elements.length >= wanted && match(pattern, elements.slice(-wanted).join("/"));
  }
  if (pattern.startsWith("**")) {
    return match(pattern, (rule.absolute && root !== "" ? "" : "/") + full + tail);
  }
  const text = full + tail;
  for (let i = 0; i <= text.length; i++) {
    if ((i === 0 || text[i - 1] === "/") && match(pattern, text.slice(i))) return true;
  }
  return false;
}

/** Matches a whole text by trying every length of every star; memory of failures keeps it finite. */
export function globMatches(pattern: string, text: string): boolean {
  const failed = new Set<number>();
  const walk = (p: number, t: number): boolean => {
    const key = p * (text.length + 1) + t;
    if (failed.has(key)) return false;
    const found = step(p, t);
    if (!found) failed.add(key);
    return found;
  };
  const step = (p: number, t: number): boolean => {
    const c = pattern[p];
    if (c === undefined) return t === text.length;
    if (c === "*") {
      let after = p + 1;
      while (pattern[after] === "*") after++;
      const deep = after - p > 1;
      for (let end = t; end <= text.length; end++) {
        if (walk(after, end)) return true;
        if (!deep && text[end] === "/") return false;
      }
      return false;
    }
    const d = text[t];
    if (d === undefined) return false;
    if (c === "?") return d !== "/" && walk(p + 1, t + 1);
    if (c === "\\") return pattern[p + 1] === d && walk(p + 2, t + 1);
    if (c === "[") {
      const set = bracket(pattern, p + 1);
      return set !== undefined && d !== "/" && set.has(d) && walk(set.end, t + 1);
    }
    return c === d && walk(p + 1, t + 1);
  };
  return walk(0, 0);
}

const classTests: Record<string, RegExp> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what the class is
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Reads a bracket expression; undefined when it never ends or names an unknown class. */
function bracket(
  pattern: string,
  start: number,
): { has: (c: string) => boolean; end: number } | undefined {
  const negated = pattern[start] === "!" || pattern[start] === "^";
  let p = negated ? start + 1 : start;
  const tests: ((c: string) => boolean)[] = [];
  let low: string | undefined;
  for (let first = true; first || pattern[p] !== "]"; first = false) {
    let c = pattern[p];
    if (c === undefined) return undefined;
    const named = /^\[:([^\]]*):\]/.exec(pattern.slice(p));
    if (named !== null) {
      const test = classTests[named[1] as string];
      if (test === undefined) return undefined;
      tests.push((d) => test.test(d));
      p += named[0].length;
      low = undefined;
      continue;
    }
    if (c === "[" && pattern[p + 1] === ":" && !pattern.slice(p + 2).includes("]"))
      return undefined;
    if (c === "-" && low !== undefined && p + 1 < pattern.length && pattern[p + 1] !== "]") {
      p++;
      if (pattern[p] === "\\") p++;
      const high = pattern[p];
      const from = low;
      if (high === undefined) return undefined;
      tests.push((d) => d >= from && d <= high);
      low = undefined;
    } else {
      if (c === "\\") c = pattern[++p];
      if (c === undefined) return undefined;
      const only = c;
      tests.push((d) => d === only);
      low = c;
    }
    p++;
  }
  return { has: (c) => tests.some((test) => test(c)) !== negated, end: p + 1 };
}
