// A remote shell that stays here, behind a long line: every byte takes half of the round trip, and no more come than
// the rate lets through. What is on the line is bounded as a TCP window bounds it: twice what the line holds, and 1 MiB.
// It has no slow start and no losses, so that it measures the protocol and not TCP.
//   -e "node bench/slow-line.mjs ROUND_TRIP_MS MEGABITS"

import { spawn } from "node:child_process";

const [roundTrip = "0", megabits = "0", ...rest] = process.argv.slice(2);
// As with ssh: "-l USER" may stand before the host, and what follows is a command for a shell there.
const command = (rest[0] === "-l" ? rest.slice(3) : rest.slice(1)).join(" ");
const delayMs = Number(roundTrip) / 2;
const bytesPerMs = (Number(megabits) * 1e6) / 8 / 1000;
const heldMax = 2 * bytesPerMs * Number(roundTrip) + 1024 * 1024;

const child = spawn("/bin/sh", ["-c", `exec ${command}`], { stdio: ["pipe", "pipe", "inherit"] });
let isThrough = false;
join(process.stdin, child.stdin, () => child.stdin.end());
join(child.stdout, process.stdout, () => {
  isThrough = true;
  leave();
});
child.on("exit", leave);

/** Ends when the program has and all that it said has come: whoever started this may wait for that. */
function leave() {
  if (!isThrough || (child.exitCode === null && child.signalCode === null)) return;
  process.stdout.write("", () => process.exit(child.exitCode ?? 1));
}

/** Lays one direction of the line between two streams. */
function join(from, to, ended) {
  const held = [];
  let heldBytes = 0;
  let freeAt = 0;
  let isDue = false;
  let isEnded = false;
  // Whoever stops listening has a reason, and says it elsewhere.
  to.on("error", () => from.destroy());
  const deliver = () => {
    isDue = false;
    const now = performance.now();
    while (held.length > 0 && held[0].at <= now) {
      const { bytes } = held.shift();
      heldBytes -= bytes.length;
      to.write(bytes);
    }
    if (heldBytes < heldMax) from.resume();
    if (held.length > 0) later(Math.max(0, held[0].at - now));
    else if (isEnded) ended();
  };
  const later = (ms) => {
    if (!isDue) setTimeout(deliver, ms);
    isDue = true;
  };
  from.on("data", (bytes) => {
    // In small pieces: a large one would come all at once, at its end.
    for (let start = 0; start < bytes.length; start += 16_384) {
      const piece = bytes.subarray(start, start + 16_384);
      freeAt = Math.max(freeAt, performance.now()) + piece.length / bytesPerMs;
      held.push({ at: freeAt + delayMs, bytes: piece });
      heldBytes += piece.length;
    }
    if (heldBytes >= heldMax) from.pause();
    later(delayMs);
  });
  from.on("end", () => {
    isEnded = true;
    later(0);
  });
}
