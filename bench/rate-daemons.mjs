// Stock rsync daemons behind lines with rates, on the loopback, for measuring: one for each argument, "RATE FOLDER" with a comma
// between. RATE is bytes a second over all connections; the daemon's only module, m, is FOLDER. Prints a URL for each. As rate-server.mjs
// it may catch up with what it could not send because the machine was busy.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What may be caught up with. */
const queueMs = 100;
const work = mkdtempSync(join(tmpdir(), "bench-daemons-"));
process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

for (const [number, spec] of process.argv.slice(2).entries()) {
  const [rate, ...folder] = spec.split(",");
  const config = join(work, `${number}.conf`);
  const user = process.geteuid() === 0 ? "uid = 0\ngid = 0\n" : "";
  writeFileSync(config, `${user}use chroot = no\n[m]\npath = ${folder.join(",")}\n`);
  start(config, Number(rate), `127.0.0.${number + 1}`);
}

function start(config, rate, host) {
  let freeAt = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    // As inetd does: one process for each connection, which wants one socket for both directions.
    const script = 'exec rsync --daemon --config="$0" <&3 >&3 3>&-';
    const stdio = ["ignore", "ignore", "ignore", "pipe"];
    const daemon = spawn("/bin/sh", ["-c", script, config], { stdio }).stdio[3];
    const end = () => {
      socket.destroy();
      daemon.destroy();
    };
    for (const each of [socket, daemon]) each.on("error", end).on("close", end);
    socket.pipe(daemon);
    daemon.on("data", (bytes) => {
      const now = performance.now();
      freeAt = Math.max(freeAt, now - queueMs) + (bytes.length / rate) * 1000;
      const isTaken = socket.write(bytes);
      if (isTaken && freeAt <= now + 1) return;
      daemon.pause();
      const goOn = () => setTimeout(() => daemon.resume(), freeAt - performance.now());
      if (isTaken) goOn();
      else socket.once("drain", goOn);
    });
    daemon.on("end", () => socket.end());
  });
  server.listen(0, host, () => {
    process.stdout.write(`rsync://${host}:${server.address().port}/m/\n`);
  });
}
