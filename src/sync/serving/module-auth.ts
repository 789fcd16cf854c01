// How a module finds out who its client is: a challenge, which who knows a password of the module's file of secrets can answer.

import { type ByteString, toBytes } from "../../base/index.ts";
import type { Module } from "../../daemon/index.ts";
import { openAccounts, readOwnFile, readSmallFile } from "../../fs/index.ts";
import { secretBytes } from "../../hash/index.ts";
import { checkUser, chooseAuthDigest, isStrongEnough, type UserRight } from "../../rsync/index.ts";
import type { LineChannel } from "../../transport/index.ts";
import { matchesPattern } from "../../tree/index.ts";

const fileBytesMax = 1 << 20;
/** Others may neither read nor write a file of secrets. */
const others = 0o006;

/** Who has come in, or why nobody has, which is for the log. */
export type Entrant =
  | { readonly right: UserRight; readonly user: ByteString | undefined }
  | { readonly user: ByteString; readonly refusal: string };

/** How it is found out. */
export interface AuthTerms {
  /** What the client has named. */
  readonly digests: readonly string[] | undefined;
  /** This process is root's. */
  readonly isRoot: boolean;
  readonly lineMs: number;
}

/** Finds out. Rejects with ManifoldError. */
export async function authenticate(
  lines: LineChannel,
  { rsync }: Module,
  { digests, isRoot, lineMs }: AuthTerms,
): Promise<Entrant> {
  const users = rsync["auth users"];
  if (users === undefined || users.trim() === "") return { right: undefined, user: undefined };
  const isStrict = !/^(?:no|false|0)$/i.test(rsync["strict modes"] ?? "");
  const secrets = readSecrets(rsync["secrets file"], isStrict, isRoot);
  const digest = chooseAuthDigest(digests, "the client");
  const least = rsync["auth digest"]?.trim() ?? "";
  if (least !== "" && !isStrongEnough(digest, least)) {
    return { user: "", refusal: `its digest is ${digest}, "auth digest" wants ${least}` };
  }
  const challenge = Buffer.from(secretBytes(24)).toString("base64").replace(/=+$/, "");
  lines.send(toBytes(`@RSYNCD: AUTHREQD ${challenge}\n`));
  const line = (await lines.readLine(lineMs)).replace(/\r$/, "");
  const at = line.indexOf(" ");
  if (at < 1) return { user: "", refusal: "no answer to the challenge" };
  const user = line.slice(0, at);
  const answer = { user, response: line.slice(at + 1), challenge, digest };
  const lookups = { groupsOf, matches: matchesPattern };
  return { ...checkUser(users, secrets, answer, lookups), user };
}

/** Returns the names of the groups that a user is in. */
function groupsOf(user: ByteString): ByteString[] {
  const accounts = openAccounts();
  const uid = accounts.userId(user);
  const primary = uid === undefined ? undefined : accounts.primaryGroup(uid);
  const own = primary === undefined ? undefined : accounts.groupName(primary);
  const groups = own === undefined ? [] : [own];
  const file = readSmallFile("/etc/group", fileBytesMax);
  for (const line of Buffer.from(file?.bytes ?? [])
    .toString("latin1")
    .split("\n")) {
    const [name = "", , , members = ""] = line.split(":");
    if (members.split(",").includes(user)) groups.push(name);
  }
  return groups;
}

/** A file that others can read keeps no secrets, nor does one that is not root's where root reads it, or one that somebody else's link leads to. */
function readSecrets(
  path: ByteString | undefined,
  isStrict: boolean,
  isRoot: boolean,
): ByteString | undefined {
  if (path === undefined) return undefined;
  try {
    const file = readOwnFile(path, fileBytesMax);
    if (file === undefined) return undefined;
    const isForeign = isRoot && file.uid !== 0;
    const isOpen = isForeign || (file.mode & others) !== 0;
    return isStrict && isOpen ? undefined : Buffer.from(file.bytes).toString("latin1");
  } catch {
    // Whatever keeps us from reading it keeps everybody out.
    return undefined;
  }
}
