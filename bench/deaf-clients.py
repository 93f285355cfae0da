"""Clients of Trellis's stream that never read.

Not in Node: with its sockets the kernel would hold some 4 MB for each of them (a loopback segment has 64 kB, and buffers
grow with it), and in minutes nothing would ever wait in Trellis. Small segments and a small receive buffer make a client
as deaf as one behind a slow line.

Usage: deaf-clients.py <port> <path> <count>; ends on SIGTERM.
"""

import signal
import socket
import sys

port, path, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
clients = []
for _ in range(count):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: text/event-stream\r\n\r\n".encode())
    clients.append(client)
print(f"{len(clients)} connected", flush=True)
signal.pause()
