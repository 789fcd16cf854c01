// The agent's end of the connection that datagrams make (--datagrams), for whichever end of the run the agent is.

import { fromText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { type DatagramLine, offerDatagrams } from "./far/datagram-line.ts";
import type { Switchboard } from "./far/switchboard.ts";
import { rateRules } from "./plan/rate-rules.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { SourceEnd } from "./source-end.ts";
import type { TargetEnd } from "./target-end.ts";

/** Waits for datagrams of the client, where it wants some, and returns how to end that. */
export function lendDatagrams(
  board: Switchboard,
  { limits: { datagrams } }: Options,
  { clock, environment, confinement }: Surroundings,
  end: SourceEnd | TargetEnd,
): () => void {
  if (datagrams === undefined) return () => undefined;
  // What sshd tells (sshd(8), SSH_CONNECTION): the address that the client reached; a daemon's is the one that the user named.
  const [, , address] =
    (confinement === undefined && environment?.SSH_CONNECTION?.split(" ")) || [];
  let line: DatagramLine | undefined;
  let isOver = false;
  const addresses = address === undefined ? [] : [fromText(address)];
  void offerDatagrams(addresses, rateRules(datagrams), clock).then((offered) => {
    line = offered.line;
    if (isOver) line.end();
    else {
      end.lend(line);
      board.tell(offered.message);
    }
  });
  return () => {
    isOver = true;
    line?.end();
  };
}
