// A web server of one test, in its own process: a folder's files as they are, no listings, ranges, times; and what a test adds to the
// headers of single files.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";

/** Such a server. */
export interface StaticServer extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
  /** Headers by path ("/x"); a status by the name ":status". */
  readonly extra: Map<string, Readonly<Record<string, string>>>;
  /** What was asked: "GET /x". */
  readonly asked: readonly string[];
  /** How many connections there have been. */
  connections(): number;
}

/** Serves a folder, to everybody or who has the "name:password". Paths are bytes. */
export async function startStaticServer(folder: string, login?: string): Promise<StaticServer> {
  const extra: StaticServer["extra"] = new Map();
  const asked: string[] = [];
  const server = createServer((request, answer) => {
    const [written = ""] = (request.url ?? "").split("?");
    asked.push(`${request.method} ${written}`);
    const given = (request.headers.authorization ?? "").replace(/^Basic /, "");
    if (login !== undefined && Buffer.from(given, "base64").toString() !== login) {
      answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
      return;
    }
    const name = written.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    const path = Buffer.from(`${folder}${name}`, "latin1");
    const stats = statSync(path, { throwIfNoEntry: false });
    const { ":status": status, ...headers } = extra.get(written) ?? {};
    if (status !== undefined || stats?.isFile() !== true || written.endsWith("/")) {
      answer.writeHead(Number(status ?? 404), headers).end();
      return;
    }
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = Math.min(
      stats.size - 1,
      last === undefined || last === "" ? stats.size - 1 : Number(last),
    );
    const told = {
      "Last-Modified": stats.mtime.toUTCString(),
      "Content-Length": Math.max(0, end - start + 1),
      ...headers,
    };
    if (first === undefined) answer.writeHead(200, told);
    else if (start >= stats.size)
      answer.writeHead(416, { "Content-Range": `bytes */${stats.size}`, "Content-Length": 0 });
    else answer.writeHead(206, { ...told, "Content-Range": `bytes ${start}-${end}/${stats.size}` });
    if (request.method === "HEAD" || stats.size === 0 || start >= stats.size) answer.end();
    else createReadStream(path, { start, end }).pipe(answer);
  });
  let connections = 0;
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    extra,
    asked,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
