// --chmod: its syntax, and what a list of its clauses makes of a mode.
//
// The language is chmod(1)'s with rsync's additions: D and F before a clause restrict it to
// directories or to everything else, X gives x only to directories and to what has some x already,
// octal modes replace all bits, and g=u copies one class to another. Pure: the umask is an argument.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import { permissionMask } from "../../tree/index.ts";
import type { ChmodRule, ChmodScope } from "./chmod-rule.ts";

const octalForm = /^([DF]*)([0-7]+)$/;
const symbolicForm = /^([DFugoa]*)([-+=])(?:([ugo])|([rwxXst]*))$/;
const classBits = new Map([
  ["u", 0o100],
  ["g", 0o010],
  ["o", 0o001],
  ["a", 0o111],
]);
/** The set-id bits that s means for a class. */
const classSpecial = new Map([
  ["u", 0o4000],
  ["g", 0o2000],
  ["a", 0o6000],
]);
const permissionBits = new Map([
  ["r", 4],
  ["w", 2],
  ["x", 1],
  ["X", 1],
]);
const operations = { "+": "add", "-": "remove", "=": "assign" } as const;

/** Returns the clauses of one --chmod argument; throws a usage error when it has no meaning. */
export function parseChmod(text: ByteString): ChmodRule[] {
  return text.split(",").map((clause) => {
    const rule = parseOctal(clause) ?? parseSymbolic(clause);
    if (rule === undefined) {
      throw new ManifoldError("usage", `Invalid argument passed to --chmod (${text})`);
    }
    return rule;
  });
}

function parseOctal(clause: string): ChmodRule | undefined {
  const match = octalForm.exec(clause);
  if (match === null) return undefined;
  const scope = scopeOf(match[1] ?? "");
  const bits = Number.parseInt(match[2] ?? "", 8);
  if (scope === undefined || bits > permissionMask) return undefined;
  const nothing = { who: 0, special: 0, specialOfWho: 0, copyFrom: 0, keepX: false };
  return { ...nothing, scope, operation: "set", bits };
}

function parseSymbolic(clause: string): ChmodRule | undefined {
  const match = symbolicForm.exec(clause);
  if (match === null) return undefined;
  const [, letters = "", operator = "", copied = "", permissions = ""] = match;
  const scope = scopeOf(letters);
  if (scope === undefined) return undefined;
  const specialOfWho = collect(letters, classSpecial);
  return {
    scope,
    operation: operations[operator as keyof typeof operations],
    who: collect(letters, classBits),
    bits: collect(permissions, permissionBits),
    special: specialBits(permissions, specialOfWho),
    specialOfWho,
    copyFrom: copied === "" ? 0 : collect(copied, classBits),
    keepX: permissions.includes("X"),
  };
}

/** Reads D and F; undefined when both are there. */
function scopeOf(letters: string): ChmodScope | undefined {
  const directories = letters.includes("D");
  const files = letters.includes("F");
  if (directories && files) return undefined;
  if (directories) return "directories";
  return files ? "files" : "all";
}

function collect(letters: string, bitsOf: ReadonlyMap<string, number>): number {
  let bits = 0;
  for (const letter of letters) bits |= bitsOf.get(letter) ?? 0;
  return bits;
}

/** A bare s (no class, or only o) means set-user-id alone, and makes a t before it void. */
function specialBits(permissions: string, specialOfWho: number): number {
  let special = 0;
  for (const letter of permissions) {
    if (letter === "t") special |= 0o1000;
    if (letter === "s") special = specialOfWho === 0 ? 0o4000 : special | specialOfWho;
  }
  return special;
}

/**
 * Returns the mode after all clauses, in order.
 *
 * `mode` may carry type bits, which stay. `umask` limits the clauses that name no class.
 */
export function applyChmod(
  mode: number,
  isDirectory: boolean,
  rules: readonly ChmodRule[],
  umask: number,
): number {
  const hadX = (mode & 0o111) !== 0;
  let bits = mode & permissionMask;
  for (const rule of rules) {
    if (rule.scope === (isDirectory ? "files" : "directories")) continue;
    bits = applyRule(bits, rule, { umask, dropX: rule.keepX && !hadX && !isDirectory });
  }
  return (mode & ~permissionMask) | bits;
}

/** Applies one clause to the permission bits. */
function applyRule(
  bits: number,
  rule: ChmodRule,
  { umask, dropX }: { readonly umask: number; readonly dropX: boolean },
): number {
  if (rule.operation === "set") return rule.bits;
  const who = rule.who === 0 ? 0o111 : rule.who;
  const allowed = rule.who === 0 ? ~umask : permissionMask;
  const named = ((who * rule.bits) & allowed) | rule.special;
  const copied = (who * copiedBits(bits, rule.copyFrom)) & allowed;
  if (rule.operation === "remove") return bits & ~named & ~copied;
  const given = (dropX ? named & ~0o111 : named) | copied;
  if (rule.operation === "add") return bits | given;
  return (bits & ~clearedByAssign(rule, who)) | given;
}

/** Returns the rwx bits (0..7) of the class that a clause copies from, 0 when it copies none. */
function copiedBits(bits: number, copyFrom: number): number {
  if (copyFrom === 0o100) return (bits >> 6) & 7;
  if (copyFrom === 0o010) return (bits >> 3) & 7;
  return copyFrom === 0o001 ? bits & 7 : 0;
}

/** "=" clears the classes' rwx bits; special bits only when it sets some, or when it copies. */
function clearedByAssign(rule: ChmodRule, who: number): number {
  let cleared = who * 7;
  if (rule.special !== 0) cleared |= rule.specialOfWho;
  if (rule.copyFrom !== 0) {
    cleared |= (who & 0o100 ? 0o4000 : 0) | (who & 0o010 ? 0o2000 : 0) | (who & 0o001 ? 0o1000 : 0);
  }
  return cleared;
}
