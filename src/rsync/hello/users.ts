// Who may use a module: "auth users" and the file of secrets, as rsyncd.conf(5) has them.

import { type ByteString, toBytes } from "../../base/index.ts";
import { equalDigests } from "../../hash/index.ts";
import { type AuthDigest, authResponse } from "./auth.ts";

/** What a user may do; undefined = what the module says. */
export type UserRight = "deny" | "ro" | "rw" | undefined;

/** How groups of a user are found out, and names matched with wildcards. */
export interface UserLookups {
  readonly groupsOf: (user: ByteString) => readonly ByteString[];
  readonly matches: (pattern: ByteString, name: ByteString) => boolean;
}

/** Says who answered a challenge. */
export interface AuthAnswer {
  readonly user: ByteString;
  readonly response: ByteString;
  readonly challenge: ByteString;
  readonly digest: AuthDigest;
}

/** What comes of an answer: what somebody may, or why they are not let in, which is for the log. */
export type UserVerdict = { readonly right: UserRight } | { readonly refusal: string };

/** Returns what somebody may who has answered. `secrets`: undefined = there are none that can be used. */
export function checkUser(
  users: ByteString,
  secrets: ByteString | undefined,
  answer: AuthAnswer,
  lookups: UserLookups,
): UserVerdict {
  const rule = ruleFor(users, answer.user, lookups);
  if (rule === undefined) return { refusal: "no matching rule" };
  if (rule.right === "deny") return { refusal: "denied by rule" };
  if (secrets === undefined) return { refusal: "no secrets" };
  for (const line of secrets.split("\n")) {
    const at = line.indexOf(":");
    if (at < 1 || line.startsWith("#")) continue;
    const name = line.slice(0, at);
    const isMine = name === answer.user || (rule.group !== undefined && name === `@${rule.group}`);
    if (!isMine) continue;
    const wanted = authResponse(
      answer.digest,
      line.slice(at + 1).replace(/\r$/, ""),
      answer.challenge,
    );
    const [ours, theirs] = [toBytes(wanted), toBytes(answer.response)];
    if (ours.length === theirs.length && equalDigests(ours, theirs)) return { right: rule.right };
    // Of several lines for one name the first counts.
    if (name === answer.user) return { refusal: "password mismatch" };
  }
  return { refusal: "no matching secret" };
}

/** Returns the first rule that is about a user. */
function ruleFor(
  users: ByteString,
  user: ByteString,
  { groupsOf, matches }: UserLookups,
): { readonly right: UserRight; readonly group: ByteString | undefined } | undefined {
  const separator = users.startsWith(",") ? /,+\s*/ : /[\s,]+/;
  for (const word of users.split(separator)) {
    if (word === "") continue;
    const [, name = word, suffix] = /^(.*):(deny|ro|rw)$/.exec(word.trim()) ?? [];
    const right = suffix as UserRight;
    if (name.startsWith("@")) {
      const group = groupsOf(user).find((one) => matches(name.slice(1), one));
      if (group !== undefined) return { right, group };
    } else if (matches(name.trim(), user)) return { right, group: undefined };
  }
  return undefined;
}
