#!/usr/bin/env python3
"""tcp-flow.py sink PORT: takes whatever comes to the port; says "ready". tcp-flow.py source ADDRESS PORT: sends there as fast as
TCP's cubic has it. Both last until their standard input ends."""
import socket
import sys
import threading

way, *where = sys.argv[1:]
block = bytes(65536)


def sink(listener):
    connection, _ = listener.accept()
    while connection.recv(1 << 20):
        pass


def source(connection):
    while True:
        connection.sendall(block)


if way == "sink":
    end = socket.create_server(("", int(where[0])))
    work = sink
else:
    end = socket.socket()
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
    end.connect((where[0], int(where[1])))
    work = source
threading.Thread(target=work, args=(end,), daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
