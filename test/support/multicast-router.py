#!/usr/bin/env python3
"""multicast-router.py IN OUT SOURCE GROUP: has this network namespace's kernel forward datagrams from SOURCE to GROUP
that come in by the interface IN out by OUT, if their time to live is above 1. Says "ready"; lasts until its standard input ends."""
import socket
import struct
import sys

# linux/mroute.h
MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC = 200, 202, 204
VIFF_USE_IFINDEX = 8

came_by, leaves_by, source, group = sys.argv[1:]
router = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
router.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
for number, name in enumerate((came_by, leaves_by)):
    index = socket.if_nametoindex(name)
    interface = struct.pack("=HBBIi4s", number, VIFF_USE_IFINDEX, 1, 0, index, bytes(4))
    router.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF, interface)
hops = bytes([0, 1]) + bytes(30)
addresses = socket.inet_aton(source) + socket.inet_aton(group)
route = struct.pack("=8sH32s2xIIIi", addresses, 0, hops, 0, 0, 0, 0)
router.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC, route)
print("ready", flush=True)
sys.stdin.read()
