// Starts the web servers of rate-server.mjs, and the rsync daemons of rate-daemons.mjs.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** One server; rate-server.mjs says what is meant. */
export interface Served {
  readonly rate: number;
  readonly folder: string;
  readonly delayMs?: number;
  readonly stallSeconds?: number;
  readonly flipBytes?: number;
}

/** Starts servers, and ends them when `act` is through. */
export function serving<T>(
  servers: readonly Served[],
  act: (urls: readonly string[]) => Promise<T>,
): Promise<T> {
  const words = servers.map(({ rate, folder, delayMs = 0, stallSeconds = 0, flipBytes = 0 }) =>
    [rate, delayMs, stallSeconds, flipBytes, folder].join(","),
  );
  return started("rate-server.mjs", words, act);
}

/** The same with rsync daemons, which have only a rate. */
export function servingDaemons<T>(
  servers: readonly Pick<Served, "rate" | "folder">[],
  act: (urls: readonly string[]) => Promise<T>,
): Promise<T> {
  const words = servers.map(({ rate, folder }) => `${rate},${folder}`);
  return started("rate-daemons.mjs", words, act);
}

async function started<T>(
  name: string,
  words: readonly string[],
  act: (urls: readonly string[]) => Promise<T>,
): Promise<T> {
  const program = join(import.meta.dirname, name);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    return await act(await urlsOf(child, words.length));
  } finally {
    child.kill();
  }
}

async function urlsOf(child: ChildProcess, count: number): Promise<string[]> {
  const urls: string[] = [];
  if (child.stdout === null) return urls;
  for await (const line of createInterface({ input: child.stdout })) {
    urls.push(line);
    if (urls.length === count) break;
  }
  return urls;
}
