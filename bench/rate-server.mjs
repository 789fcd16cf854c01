// Web servers with rates, on the loopback, for measuring: one for each argument, "RATE DELAY_MS STALL_S FLIP_BYTES FOLDER" with
// commas between. RATE is bytes a second over all connections; each answer waits for DELAY_MS; STALL_S seconds after the first
// request nothing comes any more (0 = never); of every FLIP_BYTES of a file one byte is wrong (0 = none). Prints a URL for each.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";

const sliceBytes = 16 * 1024;

for (const spec of process.argv.slice(2)) {
  const [rate, delayMs, stallSeconds, flipBytes, ...folder] = spec.split(",");
  start({
    rate: Number(rate),
    delayMs: Number(delayMs),
    stallMs: Number(stallSeconds) * 1000,
    flipBytes: Number(flipBytes),
    folder: folder.join(","),
  });
}

/** Starts one. */
function start(settings) {
  const state = { freeAt: 0, beganAt: undefined };
  const server = createServer((request, answer) => {
    state.beganAt ??= performance.now();
    setTimeout(() => serve(request, answer, settings, state), settings.delayMs);
  });
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`);
  });
}

function serve(request, answer, settings, state) {
  const path = decodeURIComponent(new URL(request.url, "http://x/").pathname);
  const stats = statSync(settings.folder + path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || path.endsWith("/")) {
    answer.writeHead(404, { "Content-Length": 0 }).end();
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
  let at = from;
  try {
    for await (const chunk of createReadStream(path, { start: from, end })) {
      for (let start = 0; start < chunk.length; start += sliceBytes) {
        const slice = Buffer.from(chunk.subarray(start, start + sliceBytes));
        const now = performance.now();
        if (stallMs > 0 && now - state.beganAt > stallMs) return;
        state.freeAt = Math.max(state.freeAt, now) + (slice.length / rate) * 1000;
        if (state.freeAt > now + 1) await after(state.freeAt - now);
        if (answer.destroyed) return;
        // The last byte of every so many.
        const wrong = flipBytes > 0 ? flipBytes - 1 - (at % flipBytes) : slice.length;
        if (wrong < slice.length) slice[wrong] ^= 1;
        if (!answer.write(slice)) await new Promise((resolve) => answer.once("drain", resolve));
        at += slice.length;
      }
    }
    answer.end();
  } catch {
    answer.destroy();
  }
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
