// Which proxy the environment names for a URL: http_proxy, https_proxy, all_proxy and no_proxy, in small letters or (but for
// http_proxy, which a web server's clients could set in a program that it starts) in capitals. As curl reads them.

import { ManifoldError } from "../../base/index.ts";

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the proxy for a URL; undefined = none. Throws ManifoldError "usage" for one that we cannot speak to. */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  if (isExempt(url, environment.no_proxy ?? environment.NO_PROXY ?? "")) return undefined;
  const own =
    url.protocol === "https:"
      ? (environment.https_proxy ?? environment.HTTPS_PROXY)
      : environment.http_proxy;
  const named = own ?? environment.all_proxy ?? environment.ALL_PROXY ?? "";
  if (named === "") return undefined;
  let proxy: URL;
  try {
    proxy = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`);
  } catch {
    // Its words are not shown: there may be a password in them.
    throw new ManifoldError("usage", "The proxy that the environment names is no URL");
  }
  if (proxy.protocol === "http:") return proxy;
  throw new ManifoldError(
    "unsupported",
    `A proxy at ${proxy.protocol}// cannot be used: only http:// ones can`,
  );
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .some((word) => {
      if (word === "*") return true;
      const [, name = "", wanted] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(word.toLowerCase()) ?? [];
      // An IPv6 address without brackets is a name with colons.
      const isAddress = word.split(":").length > 2 && !word.startsWith("[");
      const suffix = (isAddress ? word.toLowerCase() : name).replace(/^\./, "");
      if (!isAddress && wanted !== undefined && wanted !== port) return false;
      return host === suffix || host.endsWith(`.${suffix}`);
    });
}
