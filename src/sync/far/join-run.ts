// What an agent does that was started for one more connection of a run: it finds the run's own agent on this
// machine, and hands on what that and the client say to one another.

import { type Clock, ManifoldError, toBytes } from "../../base/index.ts";
import { equalDigests } from "../../hash/index.ts";
import { encodeControl, lane, type OpenPeer, openSession } from "../../session/index.ts";
import { connectLocal, lineChannel } from "../../transport/index.ts";
import { joinMs, joinName, joinProof, randomNonce } from "./join-token.ts";
import { sessionWords } from "./session-words.ts";
import { Switchboard } from "./switchboard.ts";

/** One end of what is handed on. */
interface End {
  readonly peer: OpenPeer;
  readonly board: Switchboard;
}

/** Hands on until either side ends. `stopping` gets the way to end it. Rejects with ManifoldError when there is no such run. */
export async function joinRun(
  client: End,
  token: Uint8Array,
  clock: Clock,
  stopping: (end: (error: ManifoldError) => void) => void,
): Promise<void> {
  const run = await reachRun(token, clock);
  try {
    const over = new Promise<void>((resolve) => {
      const end = (error: ManifoldError): void => {
        client.board.tell({ kind: "failed", code: error.code, message: error.message });
        resolve();
      };
      stopping(end);
      client.board.onBroken(() => resolve());
      run.board.onBroken(end);
    });
    handOn(client, run.peer);
    handOn(run, client.peer);
    await over;
  } finally {
    for (const { board } of [client, run]) {
      board.letGo();
      for (const number of lanes) board.on(number, () => undefined);
    }
    run.peer.end();
  }
}

/** What a connection that joined carries. */
const lanes = [lane.request, lane.content] as const;

function handOn({ peer, board }: End, other: OpenPeer): void {
  board.onDrained(() => other.resume());
  board.onControl(({ kind }) => {
    throw new ManifoldError("protocol-data", `The other end sent a ${kind} message out of turn`);
  });
  for (const number of lanes) {
    board.on(number, (message) => {
      other.sendThen(number, [message], () => peer.slabs.give(message));
      if (other.isFull) peer.pause();
    });
  }
}

async function reachRun(token: Uint8Array, clock: Clock): Promise<End> {
  const channel = await connectLocal(joinName(token), "the run").catch((error: unknown) => {
    const words = "There is no such run here, or it has ended";
    throw new ManifoldError("start-client", words, { cause: error });
  });
  const lines = lineChannel(channel, clock);
  try {
    const nonce = randomNonce();
    lines.send(toBytes(`${nonce}\n`));
    const proof = await lines.readLine(joinMs);
    if (!equalDigests(toBytes(proof), toBytes(joinProof(token, nonce)))) {
      throw new ManifoldError("start-client", "What listens there is not that run");
    }
    const peer = await openSession(lines, {
      ...sessionWords,
      side: "initiator",
      handshakeTimeoutMs: joinMs,
      clock,
      early: [{ lane: lane.control, parts: [encodeControl({ kind: "join", token })] }],
    });
    return { peer, board: new Switchboard(peer) };
  } catch (error) {
    lines.destroy();
    throw error;
  }
}
