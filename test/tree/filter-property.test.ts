// Pins the compiled filter to a slow reference filter: random rules from pieces that collide
// often, random paths over a small alphabet, both sides, perishable rules, several directories.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FilterLevel,
  formatFilterRules,
  parseFilterRules,
  verdictHide,
  verdictProtect,
  verdictProtectLasting,
  verdictRisk,
  verdictShow,
} from "../../src/tree/filter/index.ts";
import { ruleCvs, ruleMerge } from "../../src/tree/filter/rule.ts";
import { decide, globMatches, type PlainName, type PlainRule } from "./filter-reference.ts";

const numRuns = process.env.MANIFOLD_LONG === "1" ? 200_000 : 5000;

const piece = fc.constantFrom(
  ..."abab/*?.-".split(""),
  ...["**", "***", "/", "a", "b", "[ab]", "[!a]", "[^/]", "[a-c]", "[]a]", "[a-]", "[[:alpha:]]"],
  ...[
    "[[:digit:].]",
    "[[:bad:]]",
    "[a",
    "[",
    "]",
    "\\",
    "\\*",
    "\\a",
    "[\\]a]",
    "[[:a]",
    "[--b]",
    "[[:digit:]-b]",
    "[a-b-c]",
  ],
  ...["/**/", "*/", "a/b", "/***", "**/"],
);
const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
const rule: fc.Arbitrary<PlainRule> = fc.record({
  include: fc.boolean(),
  negate: fc.boolean(),
  absolute: fc.boolean(),
  perishable: fc.boolean(),
  sides: fc.constantFrom("both" as const, "source" as const, "target" as const),
  pattern,
});
const element = fc
  .array(fc.constantFrom(..."aaabbc.-1]["), { minLength: 1, maxLength: 4 })
  .map((letters) => letters.join(""));
const name: fc.Arbitrary<PlainName> = fc.record({
  path: fc.array(element, { minLength: 1, maxLength: 4 }).map((elements) => elements.join("/")),
  isDirectory: fc.boolean(),
});
const rootPath = fc.constantFrom("/", "/a", "/a/b", "/root/ab");

function ruleText(plain: PlainRule): string {
  const side = { both: "", source: "s", target: "r" }[plain.sides];
  const modifiers = [plain.absolute && "/", plain.negate && "!", plain.perishable && "p", side];
  return `${plain.include ? "+" : "-"}${modifiers.filter(Boolean).join("")} ${plain.pattern}`;
}

function parse(texts: readonly string[]) {
  const sources = texts.map((value) => ({ kind: "filter" as const, value }));
  return parseFilterRules(sources, { readFile: () => undefined });
}

function judge(level: FilterLevel, { path, isDirectory }: PlainName): number {
  const slash = path.lastIndexOf("/");
  const inside = level.enter(path.slice(0, Math.max(slash, 0)), () => undefined);
  const bytes = Buffer.from(`xx${path.slice(slash + 1)}yy`, "latin1");
  return inside.verdict(bytes, 2, bytes.length - 2, isDirectory);
}

function expected(rules: PlainRule[], side: "source" | "target", root: string, name: PlainName) {
  const found = decide(rules, side, root, name);
  if (side === "source") return found === undefined ? 0 : found.include ? verdictShow : verdictHide;
  const lasting = decide(rules, side, root, name, true);
  let bits = found === undefined ? 0 : found.include ? verdictRisk : verdictProtect;
  if (lasting !== undefined && !lasting.include) bits |= verdictProtectLasting;
  return bits;
}

test("verdict() equals the slow reference for random rules, paths, sides and roots", () => {
  const rules = fc.array(rule, { minLength: 1, maxLength: 6 });
  const names = fc.array(name, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(rules, names, rootPath, (rules, names, path) => {
      const set = parse(rules.map(ruleText));
      for (const side of ["source", "target"] as const) {
        const level = FilterLevel.begin(set, side, { path, readFile: () => undefined });
        for (const name of names) {
          const got = judge(level, name);
          const want = expected(rules, side, path, name);
          assert.equal(got, want, `${side} ${JSON.stringify(name)}`);
        }
      }
    }),
    { numRuns },
  );
});

test("one wildcard pattern matches exactly what trying every possibility matches", () => {
  const deepText = fc
    .array(fc.constantFrom(..."aaab//"), { minLength: 1, maxLength: 12 })
    .map((letters) =>
      letters
        .join("")
        .replace(/\/+/g, "/")
        .replace(/^\/|\/$/g, ""),
    )
    .filter((text) => text !== "");
  const starry = fc
    .array(fc.constantFrom("a", "b", "a", "*", "**", "/", "?", "ab", "*a"), { maxLength: 9 })
    .map((pieces) => `${pieces.join("")}*`);
  fc.assert(
    fc.property(starry, deepText, (pattern, text) => {
      const set = parse([`- /${pattern}`]);
      const level = FilterLevel.begin(set, "source", { path: "/r", readFile: () => undefined });
      const got = judge(level, { path: text, isDirectory: false }) === verdictHide;
      const bare = pattern.endsWith("/") && pattern.length > 1;
      assert.equal(got, !bare && globMatches(pattern, text));
    }),
    { numRuns: numRuns * 4 },
  );
});

test("more than 32 rules keep their order", () => {
  const many = fc.array(rule, { minLength: 33, maxLength: 100 });
  fc.assert(
    fc.property(many, name, (rules, name) => {
      const level = FilterLevel.begin(parse(rules.map(ruleText)), "target", {
        path: "/a",
        readFile: () => undefined,
      });
      assert.equal(judge(level, name), expected(rules, "target", "/a", name));
    }),
    { numRuns: numRuns / 10 },
  );
});

test("formatted rules parse to the same rule set", () => {
  const merge = fc.constantFrom(": .f", ":C", ":n- x", ":e .g", ":wsp+ q/r", ":/ .y", ":x .z");
  const texts = fc.array(fc.oneof(rule.map(ruleText), merge, fc.constant("-C")), { maxLength: 6 });
  fc.assert(
    fc.property(texts, (texts) => {
      const set = parse(texts);
      // That a name is on CVS's list is not written: it is a rule like any other.
      const rules = set.rules.map((rule) =>
        (rule.flags & ruleMerge) === 0 ? { ...rule, flags: rule.flags & ~ruleCvs } : rule,
      );
      assert.deepEqual(parse(formatFilterRules(set)).rules, rules);
    }),
    { numRuns: numRuns / 5 },
  );
});
