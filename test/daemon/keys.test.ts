// Keys, known hosts, allowed keys and pairing, on real files.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import {
  allowedName,
  allowKey,
  answerGuest,
  checkHost,
  forgetHost,
  invite,
  isProof,
  knownKey,
  loadIdentity,
  type Meeting,
  makeCode,
  pairingAttemptsMax,
  pairingMsMax,
  pairingProof,
  pinHost,
  readCode,
  userKeyFiles,
} from "../../src/daemon/index.ts";
import { createIdentity } from "../../src/transport/index.ts";
import { childProgram, temporaryFolder } from "../support/index.ts";

const [a, b] = [createIdentity().fingerprint, createIdentity().fingerprint] as const;

function isRefusal(pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ManifoldError);
    assert.match(error.message, pattern);
    return error.exit === 5;
  };
}

test("a key is made once, in a file for its owner alone", () => {
  using folder = temporaryFolder();
  const { key } = userKeyFiles({ HOME: folder.path });
  const identity = loadIdentity(key);
  assert.deepEqual(loadIdentity(key), identity);
  assert.equal(key, folder.at(".config/manifold/key"));
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.equal(statSync(folder.at(".config/manifold")).mode & 0o777, 0o700);
});

test("a key that others may read is refused", () => {
  using folder = temporaryFolder();
  loadIdentity(folder.at("key"));
  chmodSync(folder.at("key"), 0o640);
  assert.throws(() => loadIdentity(folder.at("key")), /others may read \(mode 0640\)/);
});

test("XDG_CONFIG_HOME counts when it is absolute", () => {
  assert.equal(userKeyFiles({ XDG_CONFIG_HOME: "/x", HOME: "/h" }).key, "/x/manifold/key");
  assert.equal(userKeyFiles({ XDG_CONFIG_HOME: "x", HOME: "/h" }).key, "/h/.config/manifold/key");
  assert.throws(() => userKeyFiles({}), /Neither HOME nor XDG_CONFIG_HOME/);
});

test("first contact pins, the same key passes, a changed key is refused loudly", async () => {
  using folder = temporaryFolder();
  const file = folder.at("sub/known_hosts");
  await checkHost(file, "h:1", a, "pin");
  await checkHost(file, "h:1", a, "refuse");
  await assert.rejects(checkHost(file, "h:1", b, "pin"), isRefusal(/^THE KEY OF h:1 HAS CHANGED/));
  await checkHost(file, "h:2", b, "pin");
  assert.equal(knownKey(file, "h:1"), a);
  assert.equal(knownKey(file, "h:2"), b);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a new host is pinned only if whoever is asked agrees", async () => {
  using folder = temporaryFolder();
  const file = folder.at("known_hosts");
  await assert.rejects(checkHost(file, "h:1", a, "refuse"), isRefusal(/is not a known host/));
  await assert.rejects(
    checkHost(file, "h:1", a, async () => false),
    isRefusal(/not a known host/),
  );
  assert.equal(knownKey(file, "h:1"), undefined);
  const asked: string[] = [];
  await checkHost(file, "h:1", a, async (place, key) => asked.push(place, key) > 0);
  assert.deepEqual(asked, ["h:1", a]);
});

test("of two runs that meet different keys first, only one goes on", async () => {
  using folder = temporaryFolder();
  const file = folder.at("known_hosts");
  const slow = checkHost(file, "h:1", b, async () => {
    await checkHost(file, "h:1", a, "pin");
    return true;
  });
  await assert.rejects(slow, isRefusal(/HAS CHANGED/));
  assert.equal(knownKey(file, "h:1"), a);
});

test("a forgotten host is new again, a proved key takes the place of the old one", async () => {
  using folder = temporaryFolder();
  const file = folder.at("known_hosts");
  assert.equal(forgetHost(file, "h:1"), false);
  pinHost(file, "h:1", a);
  assert.equal(forgetHost(file, "h:1"), true);
  await checkHost(file, "h:1", b, "pin");
  pinHost(file, "h:1", a);
  assert.equal(knownKey(file, "h:1"), a);
});

test("four processes that add twenty hosts each at the same moment lose none", () => {
  using folder = temporaryFolder();
  const file = folder.at("known_hosts");
  const program = childProgram("hosts-child.ts", import.meta.url).map((word) => `"${word}"`);
  const start = `for p in $(seq 4); do "$0" ${program.join(" ")} $p "$1" "$2" & done; wait`;
  const ran = spawnSync("sh", ["-c", start, process.execPath, file, a], { timeout: 60_000 });
  assert.equal(ran.stderr.toString(), "");
  for (const p of [1, 2, 3, 4]) {
    for (let i = 0; i < 20; i++) assert.equal(knownKey(file, `${p}:${i}`), a);
  }
});

test("a damaged line is told with its number, and nobody is trusted", async () => {
  using folder = temporaryFolder();
  const file = folder.at("known_hosts");
  writeFileSync(file, "# mine\n\nh:1 SHA256:short\n");
  await assert.rejects(checkHost(file, "h:2", a, "pin"), /known_hosts, line 3: expected/);
});

test("allowed keys have names, and a line that goes counts at once", () => {
  using folder = temporaryFolder();
  const file = folder.at("allowed_keys");
  assert.equal(allowedName(file, a), undefined);
  allowKey(file, a, "backup of anna");
  allowKey(file, a, "again");
  assert.equal(allowedName(file, a), "backup of anna");
  assert.equal(allowedName(file, b), undefined);
  writeFileSync(file, "# none\n");
  assert.equal(allowedName(file, a), undefined);
  appendFileSync(file, "nonsense\n");
  assert.throws(() => allowedName(file, a), /allowed_keys, line 2: expected/);
});

const meeting: Meeting = { secret: new Uint8Array(32).fill(7), clientKey: a, serverKey: b };

function clockAt(ms: number): { wallTime(): number } {
  return { wallTime: () => ms };
}

test("a code is read however it is typed, and never made twice", () => {
  const code = makeCode();
  assert.match(code, /^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$/);
  assert.equal(readCode(` ${code.toLowerCase().replaceAll("-", " ")}`), readCode(code));
  assert.equal(readCode("OIL00-00000-00000-00000"), "01100000000000000000");
  assert.throws(() => readCode(code.slice(1)), /A pairing code has 20/);
  assert.equal(new Set(Array.from({ length: 1000 }, makeCode)).size, 1000);
});

test("the right code pairs once, and each side proves that it knows it", () => {
  using folder = temporaryFolder();
  const file = folder.at("pairing");
  const code = invite(file, "anna's laptop", clockAt(0));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const proof = pairingProof(code, "client", meeting);
  const answer = answerGuest(file, proof, meeting, clockAt(pairingMsMax - 1));
  assert.ok(answer.ok);
  assert.equal(answer.name, "anna's laptop");
  assert.ok(isProof(answer.proof, code, "server", meeting));
  assert.ok(!isProof(proof, code, "server", meeting), "a proof that is sent back proves nothing");
  assert.equal(answerGuest(file, proof, meeting, clockAt(1)).ok, false);
});

test("a code that is too old is refused", () => {
  using folder = temporaryFolder();
  const file = folder.at("pairing");
  const code = invite(file, "x", clockAt(0));
  const proof = pairingProof(code, "client", meeting);
  assert.equal(answerGuest(file, proof, meeting, clockAt(pairingMsMax)).ok, false);
});

test("after so many attempts even the right code is refused", () => {
  using folder = temporaryFolder();
  const file = folder.at("pairing");
  const code = invite(file, "x", clockAt(0));
  for (let i = 0; i < pairingAttemptsMax; i++) {
    assert.equal(answerGuest(file, new Uint8Array(32), meeting, clockAt(0)).ok, false);
  }
  const proof = pairingProof(code, "client", meeting);
  assert.equal(answerGuest(file, proof, meeting, clockAt(0)).ok, false);
});

test("a proof made for another connection, client or server is of no use", () => {
  using folder = temporaryFolder();
  const file = folder.at("pairing");
  const code = invite(file, "x", clockAt(0));
  for (const other of [
    { ...meeting, secret: new Uint8Array(32) },
    { ...meeting, clientKey: b },
    { ...meeting, serverKey: a },
  ]) {
    const proof = pairingProof(code, "client", other);
    assert.equal(answerGuest(file, proof, meeting, clockAt(0)).ok, false);
  }
  assert.match(
    readFileSync(file, "utf8"),
    /^invitation [0-9A-Z]{20} \d+ x\n(attempt [\w-]+\n){3}$/,
  );
});

test("without an invitation every guest is refused, and leaves nothing", () => {
  using folder = temporaryFolder();
  const file = folder.at("pairing");
  assert.equal(answerGuest(file, new Uint8Array(32), meeting, clockAt(0)).ok, false);
  assert.throws(() => statSync(file));
});
