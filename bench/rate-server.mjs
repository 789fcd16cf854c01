// Web servers with rates, on the loopback, for measuring: one for each argument, "RATE DELAY_MS STALL_S FLIP_BYTES FOLDER" with
// commas between. RATE is bytes a second over all connections; each answer waits for DELAY_MS; STALL_S seconds after the first
// request nothing comes any more (0 = never); of every FLIP_BYTES of a file one byte is wrong (0 = none). Prints a URL for each.
// It is kept cheap, for it runs on the machine of whoever is measured, and it is a line, not a clock: what it could not send
// because the machine was busy it may send afterwards, as far as a router's queue reaches.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createServer } from "node:http";

/** What is sent at once: a hundredth of a second of the line, within bounds. */
const sliceSeconds = 0.01;
const sliceBytesMin = 4 * 1024;
const sliceBytesMax = 64 * 1024;
/** What may be caught up with. */
const queueMs = 100;

for (const [number, spec] of process.argv.slice(2).entries()) {
  const [rate, delayMs, stallSeconds, flipBytes, ...folder] = spec.split(",");
  start({
    rate: Number(rate),
    delayMs: Number(delayMs),
    stallMs: Number(stallSeconds) * 1000,
    flipBytes: Number(flipBytes),
    folder: folder.join(","),
    // Whoever counts connections by host is to see several hosts.
    host: `127.0.0.${number + 1}`,
  });
}

/** Starts one. */
function start({ host, ...settings }) {
  const state = { freeAt: Number.NEGATIVE_INFINITY, beganAt: undefined };
  const server = createServer((request, answer) => {
    state.beganAt ??= performance.now();
    setTimeout(() => serve(request, answer, settings, state), settings.delayMs);
  });
  server.listen(0, host, () => {
    process.stdout.write(`http://${host}:${server.address().port}/\n`);
  });
}

function serve(request, answer, settings, state) {
  const path = decodeURIComponent(new URL(request.url, "http://x/").pathname);
  const stats = statSync(settings.folder + path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || path.endsWith("/")) {
    answer.writeHead(404, { "Content-Length": 0 }).end();
    return;
  }
  // As Apache does. Times of HTTP are whole seconds.
  const since = Date.parse(request.headers["if-modified-since"] ?? "");
  if (Math.floor(stats.mtimeMs / 1000) * 1000 <= since) {
    answer.writeHead(304).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const from = Number(first ?? 0);
  const end = Math.min(stats.size - 1, last ? Number(last) : stats.size - 1);
  const headers = {
    "Last-Modified": stats.mtime.toUTCString(),
    "Content-Length": Math.max(0, end - from + 1),
  };
  if (first === undefined) answer.writeHead(200, headers);
  else {
    answer.writeHead(206, { ...headers, "Content-Range": `bytes ${from}-${end}/${stats.size}` });
  }
  if (request.method === "HEAD" || stats.size === 0) answer.end();
  else void send(answer, settings.folder + path, { from, end }, settings, state);
}

async function send(answer, path, { from, end }, { rate, stallMs, flipBytes }, state) {
  const sliceBytes = Math.min(sliceBytesMax, Math.max(sliceBytesMin, rate * sliceSeconds));
  const file = openSync(path, "r");
  try {
    for (let at = from; at <= end; ) {
      const slice = Buffer.allocUnsafe(Math.min(Math.floor(sliceBytes), end + 1 - at));
      if (readSync(file, slice, 0, slice.length, at) < slice.length) throw new Error("It shrank.");
      const now = performance.now();
      if (stallMs > 0 && now - state.beganAt > stallMs) return;
      state.freeAt = Math.max(state.freeAt, now - queueMs) + (slice.length / rate) * 1000;
      if (state.freeAt > now + 1) await after(state.freeAt - now);
      if (answer.destroyed) return;
      // The last byte of every so many.
      const wrong = flipBytes > 0 ? flipBytes - 1 - (at % flipBytes) : slice.length;
      if (wrong < slice.length) slice[wrong] ^= 1;
      at += slice.length;
      if (!answer.write(slice)) await drained(answer);
    }
    answer.end();
  } catch {
    answer.destroy();
  } finally {
    closeSync(file);
  }
}

/** Resolves when it takes more; or is gone, which ends the sending. */
function drained(answer) {
  return new Promise((resolve) => {
    const go = () => {
      answer.off("drain", go);
      answer.off("close", go);
      resolve();
    };
    answer.on("drain", go);
    answer.on("close", go);
  });
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
