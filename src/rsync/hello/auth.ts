// How somebody proves to an rsync daemon that they know a password.

import { type ByteString, fromBytes, ManifoldError, toBytes } from "../../base/index.ts";
import { proofDigest } from "../../hash/index.ts";

/** Digests for it, in rsync's order, which has to be kept. MD4 is only known to releases before 3.0. */
export const authDigests = ["sha512", "sha256", "sha1", "md5"] as const;

/** One of them. */
export type AuthDigest = (typeof authDigests)[number];

/** Returns the digest that both ends take: the first of the client's that the server has. Throws when there is none. */
export function chooseAuthDigest(theirs: readonly string[] | undefined, label: string): AuthDigest {
  // Before 3.2.7 nobody named any, and from protocol 30 on MD5 was it.
  if (theirs === undefined) return "md5";
  const chosen = authDigests.find((name) => theirs.includes(name));
  if (chosen !== undefined) return chosen;
  throw new ManifoldError(
    "protocol-version",
    `${label} takes passwords by ${theirs.slice(0, 8).join(", ")} only; manifold has ${authDigests.join(", ")}`,
  );
}

/** Says whether a digest is as strong as "auth digest" wants it. None is where that is one that nobody here knows. */
export function isStrongEnough(digest: AuthDigest, least: ByteString): boolean {
  // Weaker than all that there are here.
  if (least === "md4") return true;
  const names: readonly string[] = authDigests;
  return names.indexOf(digest) <= names.indexOf(least);
}

/** Returns the answer to a challenge. */
export function authResponse(
  digest: AuthDigest,
  password: ByteString,
  challenge: ByteString,
): ByteString {
  const proof = proofDigest(digest, toBytes(password), toBytes(challenge));
  return Buffer.from(fromBytes(proof), "latin1").toString("base64").replace(/=+$/, "");
}
