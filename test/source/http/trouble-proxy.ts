// A web server in front of another one that makes trouble: it is slow, silent, breaks off, lies, asks to be left alone, or knows no
// ranges. What it does is changed while it runs.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** What is wrong with it; everything may be changed at any time. */
export interface Trouble {
  /** Waits so long before it answers anything. */
  delayMs: number;
  /** Of all bodies together. */
  bytesPerSecond: number;
  /** Of each body, so many bytes come, and then nothing. */
  stallAfter: number;
  /** Of each body, so many bytes come, and then the connection breaks. */
  cutAfter: number;
  /** The byte at this place of every file is another one. */
  flipAt: number;
  /** So many of the next requests are answered with 503. */
  busy: number;
  /** What Retry-After says then; "" = nothing. */
  retryAfter: string;
  /** Ranges are answered with the whole file. */
  ignoresRanges: boolean;
  /** These headers of answers are left out. */
  hidden: readonly string[];
}

/** Such a server. */
export interface TroubleProxy extends AsyncDisposable {
  readonly trouble: Trouble;
  /** What was asked: "GET /path" or "GET /path bytes=0-9". */
  readonly asked: readonly string[];
  /** The statuses of answers of the server behind it. */
  readonly answered: readonly number[];
  /** How many connections there have been. */
  connections(): number;
  /** Returns the URL that leads through it. */
  through(url: string): string;
}

const sliceBytes = 16 * 1024;

/** Returns no trouble at all. */
export function noTrouble(): Trouble {
  return {
    delayMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    stallAfter: Number.POSITIVE_INFINITY,
    cutAfter: Number.POSITIVE_INFINITY,
    flipAt: -1,
    busy: 0,
    retryAfter: "",
    ignoresRanges: false,
    hidden: [],
  };
}

/** Starts one before the server at an origin. */
export async function startTroubleProxy(origin: string): Promise<TroubleProxy> {
  const trouble = noTrouble();
  const asked: string[] = [];
  const answered: number[] = [];
  const target = new URL(origin);
  /** When what has been sent so far is through at the rate that is given. */
  let freeAt = 0;
  const pace = async (bytes: number): Promise<void> => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / trouble.bytesPerSecond) * 1000;
    if (freeAt > now + 1) await after(freeAt - now);
  };
  const server = createServer((ours, answer) => {
    asked.push([ours.method, ours.url, ours.headers.range].filter(Boolean).join(" "));
    void serve(ours, answer, { trouble, answered, target, pace });
  });
  let connections = 0;
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    trouble,
    asked,
    answered,
    connections: () => connections,
    through: (url) => `http://127.0.0.1:${port}${new URL(url).pathname}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Work {
  readonly trouble: Trouble;
  readonly answered: number[];
  readonly target: URL;
  pace(bytes: number): Promise<void>;
}

async function serve(ours: IncomingMessage, answer: ServerResponse, work: Work): Promise<void> {
  const { trouble, answered, target } = work;
  if (trouble.delayMs > 0) await after(trouble.delayMs);
  if (trouble.busy > 0) {
    trouble.busy--;
    answer.writeHead(503, trouble.retryAfter === "" ? {} : { "Retry-After": trouble.retryAfter });
    answer.end("busy");
    return;
  }
  const { range, host: _, ...headers } = ours.headers;
  const asked = request({
    host: target.hostname,
    port: target.port,
    method: ours.method,
    path: ours.url,
    headers: { ...headers, ...(range !== undefined && !trouble.ignoresRanges && { range }) },
  });
  asked.on("error", () => answer.destroy());
  asked.on("response", (found) => {
    const told = Object.entries(found.headers).filter(([name]) => !trouble.hidden.includes(name));
    answered.push(found.statusCode ?? 502);
    answer.writeHead(found.statusCode ?? 502, Object.fromEntries(told));
    void pass(found, answer, work);
  });
  asked.end();
}

async function pass(found: IncomingMessage, answer: ServerResponse, work: Work): Promise<void> {
  const { trouble } = work;
  const first = Number(/bytes (\d+)-/.exec(found.headers["content-range"] ?? "")?.[1] ?? 0);
  let sent = 0;
  try {
    for await (const chunk of found as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        const most = Math.min(trouble.stallAfter, trouble.cutAfter) - sent;
        const slice = Buffer.from(chunk.subarray(at, at + Math.min(sliceBytes, most)));
        const place = trouble.flipAt - first - sent;
        if (place >= 0 && place < slice.length) slice[place] = (slice[place] as number) ^ 1;
        await work.pace(slice.length);
        // Nobody is there any more: it takes nothing from others.
        if (answer.destroyed) return;
        answer.write(slice);
        sent += slice.length;
        if (sent >= trouble.stallAfter) return;
        if (sent >= trouble.cutAfter) {
          // What has been written is to arrive before the end of the connection.
          answer.write("", () => answer.destroy());
          return;
        }
      }
    }
    answer.end();
  } catch {
    answer.destroy();
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
