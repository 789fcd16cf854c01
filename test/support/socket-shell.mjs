// A remote shell that is the test itself: joins its standard input and output to the socket that its first
// argument names, and ends with the status that the second one says when the socket is closed.
//   -e "node socket-shell.mjs SOCKET STATUS"

import { connect } from "node:net";

const [path, status] = process.argv.slice(2);
const socket = connect({ path, allowHalfOpen: true });
process.stdin.pipe(socket);
socket.pipe(process.stdout, { end: false });
// Once only: an error is followed by a close. Whoever reads our output may go before the other end does.
socket.on("error", () => socket.destroy());
process.stdout.on("error", () => socket.destroy());
socket.on("close", () => process.exit(Number(status)));
socket.on("end", () => {
  if (process.stdin.readableEnded) return;
  // The other end says nothing more; whoever waits for the end of our output is told so.
  process.stdout.write("", () => process.exit(Number(status)));
});
