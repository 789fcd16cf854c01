#!/usr/bin/env python3
"""Runs a command behind a long line that loses packets: two network namespaces, joined by this process.

  lossy-line.py MEGABITS ONE_WAY_MS LOSS_PERCENT PROGRAM COMMAND...

COMMAND runs in the one namespace. In the other one PROGRAM is started for each connection, on standard input and output.
The way there is `lossy-line.py connect`, which is a remote shell that takes no notice of its words; if PROGRAM is "shell", they
are what is started. Everything is the kernel's own TCP; what this process does is what a line does: it takes its time for each packet, at its rate, loses some,
and drops those for which its queue has no room. Ends with COMMAND's status; 77 = there can be no such line here (that takes
root and /dev/net/tun), which is told. Everything is gone at its end.
"""

import collections
import fcntl
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

NEAR, FAR, PORT = "10.97.0.1", "10.97.0.2", 8731
# linux/if_tun.h
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
QUEUED_MS = 100
# How long a line without packets is taken for one that is done with, and how long that may take.
QUIET_S, PARTING_S = float(os.environ.get("LOSSY_LINE_QUIET_S", "1.5")), 10
# What Linux has unless told otherwise; it takes each loss for a line that is full.
CONGESTION = "cubic"
PACKETS_AT_ONCE = 64
UNAVAILABLE = 77


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class End:
    """A namespace, and the descriptor at which its packets come out and go in."""

    def __init__(self, name, own, other):
        self.name = name
        ip("netns", "add", name)
        self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        device = "t" + name
        fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
        ip("link", "set", device, "netns", name)
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "addr", "add", own, "peer", other, "dev", device)
        ip("-n", name, "link", "set", device, "up", "txqueuelen", "1000")
        ip("-n", name, "route", "replace", other, "dev", device, "congctl", CONGESTION)

    def start(self, words, **more):
        words = ["ip", "netns", "exec", self.name, *words]
        return subprocess.Popen(words, start_new_session=True, **more)


class Way:
    """One direction of the line."""

    def __init__(self, source, sink, megabits, delay, loss, chance):
        self.source, self.sink, self.delay, self.loss, self.chance = source, sink, delay, loss, chance
        self.second_per_byte = 8 / (megabits * 1e6)
        self.free_at = self.used_at = 0.0
        self.flying = collections.deque()

    def take(self):
        for _ in range(PACKETS_AT_ONCE):
            try:
                packet = os.read(self.source, 65536)
            except BlockingIOError:
                return
            self.used_at = now = time.monotonic()
            self.free_at = max(self.free_at, now)
            is_queued = self.free_at - now <= QUEUED_MS / 1000
            if not is_queued or self.chance.random() < self.loss:
                continue
            self.free_at += len(packet) * self.second_per_byte
            self.flying.append((self.free_at + self.delay, packet))

    def deliver(self):
        """Puts out what has arrived; returns the seconds until there is more."""
        while self.flying:
            left = self.flying[0][0] - time.monotonic()
            if left > 0:
                return left
            try:
                os.write(self.sink, self.flying.popleft()[1])
            except OSError:
                pass
        return 1.0


def main(megabits, delay, loss, program, *command):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = ["ml%d%s" % (os.getpid(), side) for side in "ab"]
    children = []
    try:
        try:
            near, far = End(names[0], NEAR, FAR), End(names[1], FAR, NEAR)
        except (OSError, subprocess.CalledProcessError) as error:
            print("no such line here:", getattr(error, "stderr", None) or error, file=sys.stderr)
            return UNAVAILABLE
        me = [sys.executable, os.path.abspath(__file__)]
        listener = far.start([*me, "listen", program], stdout=subprocess.PIPE)
        children.append(listener)
        listener.stdout.readline()
        client = near.start(command)
        children.append(client)
        delay, loss, chance = float(delay) / 1000, float(loss) / 100, random.Random(1)
        ways = [
            Way(one.tun, other.tun, float(megabits), delay, loss, chance)
            for one, other in ((near, far), (far, near))
        ]
        carry(ways, lambda: client.poll() is not None)
        # What was said last still arrives, so that the other end hears of the end.
        end = time.monotonic() + PARTING_S
        carry(ways, lambda: time.monotonic() > min(end, max(way.used_at for way in ways) + QUIET_S))
        return client.returncode
    finally:
        for child in children:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def carry(ways, is_over):
    while not is_over():
        wait = min(0.05, *(way.deliver() for way in ways))
        ready, _, _ = select.select([way.source for way in ways], [], [], wait)
        for way in ways:
            if way.source in ready:
                way.take()


def listen(program):
    """Starts the program for each connection, as inetd does."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.create_server((FAR, PORT), backlog=16)
    print("listening", flush=True)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (0, 1):
                os.dup2(connection.fileno(), number)
            # As sshd tells it.
            os.environ["SSH_CONNECTION"] = f"{NEAR} 0 {FAR} {PORT}"
            words = first_line(connection)
            if program == "shell":
                os.execv("/bin/sh", ["/bin/sh", "-c", words])
            os.execv(program, [program, "agent"])
        connection.close()


def first_line(connection):
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1)
    return line.decode()


def connect(words):
    """Joins standard input and output to a connection, until both directions have ended."""
    line = socket.create_connection((FAR, PORT))
    line.sendall((" ".join(words) + "\n").encode())
    if os.fork() == 0:
        pump(0, line.fileno())
        line.shutdown(socket.SHUT_WR)
        os._exit(0)
    os.close(0)
    pump(line.fileno(), 1)


def pump(source, sink):
    while True:
        chunk = os.read(source, 65536)
        if not chunk:
            return
        while chunk:
            chunk = chunk[os.write(sink, chunk) :]


if sys.argv[1:2] == ["connect"]:
    # The host, and a command for a shell there.
    connect(sys.argv[3:])
elif sys.argv[1:2] == ["listen"]:
    listen(sys.argv[2])
else:
    sys.exit(main(*sys.argv[1:]))
