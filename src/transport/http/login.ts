// Names and passwords in URLs, and how HTTP sends them (RFC 7617).

import type { Login } from "./netrc.ts";

/** Returns the credentials in a URL; undefined when there are none. */
export function loginOf(url: URL): Login | undefined {
  if (url.username === "") return undefined;
  return { user: decode(url.username), password: decode(url.password) };
}

/** Returns a URL without its credentials. */
export function withoutLogin(url: URL): URL {
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return plain;
}

/** Returns the value of the Authorization header. */
export function basicAuthorization({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that escapes nothing is meant as it stands.
    return text;
  }
}
