// Programs that are started for a channel: what goes in comes out, and how they end is told in words.

import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import { fromText, type ManifoldError } from "../../src/base/index.ts";
import { type Channel, spawnChannel } from "../../src/transport/index.ts";
import { ManualClock, settle } from "../support/index.ts";

interface End {
  readonly text: Buffer;
  readonly error: ManifoldError | undefined;
}

function readAll(channel: Channel): Promise<End> {
  const pieces: Uint8Array[] = [];
  // A channel that has ended does not keep the process alive; the test has to do that itself.
  const awake = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    channel.listen({
      data: (bytes) => pieces.push(bytes.slice()),
      drained: () => undefined,
      closed: (error) => {
        clearInterval(awake);
        resolve({ text: Buffer.concat(pieces), error });
      },
    });
  });
}

const label = "far";

test("a program gets what is sent and its output comes back", async () => {
  const channel = spawnChannel(["cat"], { label });
  const end = readAll(channel);
  const bytes = Buffer.alloc(3_000_000, "0123456789");
  channel.send(bytes);
  channel.end();
  const { text, error } = await end;
  assert.equal(error, undefined);
  assert.ok(text.equals(bytes));
});

test("a program that does not exist is named", async () => {
  const { error } = await readAll(spawnChannel(["no-such-program-here"], { label }));
  assert.equal(error?.code, "remote-start");
  assert.equal(error?.message, "far: cannot start no-such-program-here: No such file or directory");
});

test("a program starts under the umask that is asked for, and one that does not exist is named all the same", async () => {
  const shown = readAll(spawnChannel(["sh", "-c", "umask", "sh"], { label, umask: 0o027 }));
  assert.equal((await shown).text.toString(), "0027\n");
  const missing = readAll(spawnChannel(["no-such-program-here"], { label, umask: 0o022 }));
  assert.match((await missing).error?.message ?? "", /cannot start no-such-program-here/);
});

for (const [script, code, says] of [
  ["exit 127", "remote-missing", /--remote-path/],
  ["exit 255", "remote-failed", /exit status 255/],
  ["exit 3", "connection-lost", /exit status 3/],
  ["kill -9 $$", "connection-lost", /killed by SIGKILL/],
] as const) {
  test(`a program that ends by '${script}' is told of`, async () => {
    const { error } = await readAll(spawnChannel(["sh", "-c", script], { label }));
    assert.equal(error?.code, code);
    assert.match(error?.message ?? "", says);
  });
}

test("arguments arrive byte by byte, whatever they hold", async () => {
  const all = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).join("");
  const script =
    "for (const a of require('fs').readFileSync('/proc/self/cmdline','latin1').split('\\0').slice(3,-1)) process.stdout.write(JSON.stringify(a)+'\\n')";
  const given = [all, "", "-n", "a\n\n", "'\"$(id)`\\", "\xff\n", fromText("ü")];
  const argv = [fromText(process.execPath), "-e", script, ...given];
  const { text, error } = await readAll(spawnChannel(argv, { label }));
  assert.equal(error, undefined);
  const lines = text.toString("utf8").split("\n").slice(0, -1);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    given,
  );
});

test("arguments that the kernel refuses are an error that names the program", () => {
  const argv = ["true", "x".repeat(200_000)];
  assert.throws(() => spawnChannel(argv, { label }), /^ManifoldError: far: cannot start true: /);
});

/** Waits until something is so, which another process brings about. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < end, "it does not come about");
    await settle(1);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a program that closes its output and goes on is told to end, and made to if it will not", async () => {
  const clock = new ManualClock();
  const script = 'trap "" TERM; echo $$; exec >&-; exec sleep 600';
  const channel = spawnChannel(["sh", "-c", script], { label, clock });
  let isOver = false;
  const end = readAll(channel).finally(() => {
    isOver = true;
  });
  await until(() => clock.waiting === 1);
  await clock.advance(4000);
  assert.equal(isOver, false, "a program has some time to end");
  await clock.advance(1000);
  await settle(100);
  assert.equal(isOver, false, "SIGTERM is ignored here");
  await clock.advance(2000);
  const { text, error } = await end;
  assert.equal(error?.code, "connection-lost");
  assert.equal(error?.message, "far: sh closed its output, but did not end");
  assert.equal(isAlive(Number(text)), false);
});

test("a program whose channel is destroyed is told to end, and made to if it will not", async () => {
  for (const [script, delayMs] of [
    ["echo $$; exec sleep 600", 0],
    ['trap "" TERM; echo $$; exec sleep 600', 2000],
  ] as const) {
    const clock = new ManualClock();
    const channel = spawnChannel(["sh", "-c", script], { label, clock });
    let pid = 0;
    channel.listen({
      data: (bytes) => {
        pid = Number(Buffer.from(bytes));
      },
      drained: () => undefined,
      closed: () => undefined,
    });
    await until(() => pid > 0);
    channel.destroy();
    if (delayMs > 0) {
      await settle(100);
      assert.equal(isAlive(pid), true, "SIGTERM is ignored here");
      await clock.advance(delayMs);
    }
    await until(() => !isAlive(pid));
  }
});
