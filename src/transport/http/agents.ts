// Connections to servers, kept between requests: one pool for each origin, on the straight way or through a proxy.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { explainHttpError, httpError } from "./http-error.ts";
import { basicAuthorization, loginOf } from "./login.ts";

/** Connections to one origin, at most. Who deals work out has fewer. */
const socketsMax = 64;
/** Connections that wait for their next request, for each origin. */
const freeSocketsMax = 32;

/** What all connections have in common. */
export interface AgentSettings {
  /** Authorities to trust beside the well-known ones; in PEM. */
  readonly ca?: string | undefined;
}

/** The pools of one client. */
export class Agents {
  readonly #options: AgentOptions;
  readonly #plain: HttpAgent;
  readonly #secure: HttpsAgent;
  readonly #tunnels = new Map<string, HttpsAgent>();

  constructor({ ca }: AgentSettings) {
    this.#options = {
      keepAlive: true,
      maxSockets: socketsMax,
      maxFreeSockets: freeSocketsMax,
      // The oldest ones end by themselves.
      scheduling: "lifo",
      ...(ca !== undefined && { ca }),
    };
    this.#plain = new HttpAgent(this.#options);
    this.#secure = new HttpsAgent(this.#options);
  }

  /** Returns the pool for a URL. Plain HTTP through a proxy is a matter of the request, not of the connection. */
  agentFor(url: URL, proxy: URL | undefined): HttpAgent {
    if (url.protocol === "http:") return this.#plain;
    if (proxy === undefined) return this.#secure;
    const known = this.#tunnels.get(proxy.href);
    if (known !== undefined) return known;
    const made = tunnelAgent(proxy, this.#options);
    this.#tunnels.set(proxy.href, made);
    return made;
  }

  /** Closes all connections. */
  destroy(): void {
    this.#plain.destroy();
    this.#secure.destroy();
    for (const tunnel of this.#tunnels.values()) tunnel.destroy();
  }
}

/** How Node asks an agent for a connection. */
type Connected = (error: Error | null, stream: Duplex) => void;

/**
 * Returns a pool that makes its connections by CONNECT through a proxy (RFC 9110, 9.3.6). No subclass: that would load
 * node:https in every run.
 */
function tunnelAgent(proxy: URL, settings: AgentOptions): HttpsAgent {
  // Node's types leave out that the answer may come later, by calling back.
  const createConnection = (
    options: AgentOptions & { host?: string; port?: number | string },
    connected: Connected,
  ): undefined => {
    const { host = "", port = 443 } = options;
    const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const proxyName = `the proxy ${proxy.host}`;
    const login = loginOf(proxy);
    const fail = (error: Error): void => connected(error, undefined as never);
    const asked = httpRequest({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || 80,
      method: "CONNECT",
      path: place,
      headers: {
        Host: place,
        ...(login !== undefined && { "Proxy-Authorization": basicAuthorization(login) }),
      },
      agent: false,
    });
    asked.once("connect", (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        const says = `it refuses to connect to ${place} (status ${response.statusCode})`;
        fail(httpError("connection", proxyName, says));
        return;
      }
      const secured = connectTls({ ...options, socket, servername: options.servername ?? host });
      secured.once("secureConnect", () => {
        secured.off("error", fail);
        connected(null, secured);
      });
      secured.once("error", fail);
    });
    asked.once("error", (error) => fail(explainHttpError(proxyName, error)));
    asked.once("response", (response) => {
      response.resume();
      fail(
        httpError("connection", proxyName, `it does not connect (status ${response.statusCode})`),
      );
    });
    asked.end();
    return undefined;
  };
  return Object.assign(new HttpsAgent(settings), { createConnection });
}
