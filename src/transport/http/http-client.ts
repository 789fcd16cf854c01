// A client of HTTP/1.1 for reading files: connections that are kept, redirections that take no secrets along, proxies as the
// environment says, credentials from URLs and ~/.netrc.

import type { Clock } from "../../base/index.ts";
import { type AgentSettings, Agents } from "./agents.ts";
import { exchange } from "./exchange.ts";
import { httpError, showUrl } from "./http-error.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { basicAuthorization, loginOf, withoutLogin } from "./login.ts";
import { netrcLogin } from "./netrc.ts";
import { type Environment, proxyFor } from "./proxy.ts";

/** What a client is made of. */
export interface HttpSettings extends AgentSettings {
  readonly clock: Clock;
  /** For the names of proxies. */
  readonly environment: Environment;
  /** The text of ~/.netrc, where there is one. */
  readonly netrc?: string | undefined;
  /** Nothing may take longer: a connection, the first byte, or the next one. Default: 60 s. */
  readonly silenceMs?: number | undefined;
}

const silenceMsDefault = 60_000;
const redirectionsMax = 10;
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Such a client. Requests may overlap; each takes a connection of its own until its body has been read. */
export class HttpClient {
  readonly #agents: Agents;
  readonly #settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#agents = new Agents(settings);
  }

  /** Asks. Whatever status comes is a response; rejects with ManifoldError (`data.reason` is a HttpReason). */
  async request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { method, headers = {}, follow = true } = request;
    const login = loginOf(request.url);
    const first = withoutLogin(request.url);
    let url = first;
    for (let count = 0; ; count++) {
      const isFirstServer = url.origin === first.origin;
      const given = (isFirstServer ? login : undefined) ?? this.#netrcLogin(url);
      const authorization = given && { Authorization: basicAuthorization(given) };
      const response = await exchange(
        {
          ...this.#settings,
          agents: this.#agents,
          silenceMs: this.#settings.silenceMs ?? silenceMsDefault,
        },
        {
          method,
          url,
          proxy: proxyFor(url, this.#settings.environment),
          headers: {
            "User-Agent": "manifold",
            ...authorization,
            ...(isFirstServer ? headers : withoutSecrets(headers)),
          },
        },
        signal,
      );
      const target = follow && redirections.has(response.status) ? response.header("location") : "";
      if (target === "") return response;
      response.discard();
      if (count >= redirectionsMax) {
        throw httpError(
          "protocol",
          showUrl(first),
          `it redirects more than ${redirectionsMax} times`,
        );
      }
      url = nextUrl(url, target);
    }
  }

  /** Closes all connections; what is under way breaks. */
  close(): void {
    this.#agents.destroy();
  }

  /** A password that belongs to a host by the user's own word goes there over whatever leads there, as with curl. */
  #netrcLogin(url: URL): ReturnType<typeof netrcLogin> {
    const { netrc } = this.#settings;
    return netrc === undefined ? undefined : netrcLogin(netrc, url.hostname);
  }
}

const secrets: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !secrets.has(name.toLowerCase()) && !/^x-amz-/i.test(name),
    ),
  );
}

function nextUrl(from: URL, target: string): URL {
  let url: URL;
  try {
    url = new URL(target, from);
  } catch (cause) {
    throw httpError("protocol", showUrl(from), "it redirects to something that is no URL", cause);
  }
  if (!/^https?:$/.test(url.protocol)) {
    throw httpError("protocol", showUrl(from), `it redirects to ${url.protocol}`);
  }
  if (from.protocol === "https:" && url.protocol === "http:") {
    throw httpError("protocol", showUrl(from), "it redirects from https to http");
  }
  return withoutLogin(url);
}
