"""Packets of any length between two processes, over a socket that only they hold."""

import socket
import struct
import time

LENGTH = struct.Struct("!Q")
PART = 1 << 20


def send_packet(connection: socket.socket, packet: bytes) -> None:
    """Send one packet."""
    connection.sendall(LENGTH.pack(len(packet)) + packet)


def read_packet(connection: socket.socket, seconds: float | None = None) -> bytes:
    """Read one packet; nothing if the other side has closed.

    Raises:
        TimeoutError: if it is not there after so many seconds.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    head = read_exactly(connection, LENGTH.size, deadline)
    return read_exactly(connection, LENGTH.unpack(head)[0], deadline) if head else b""


def read_exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    """Read so many bytes; nothing if the other side closes before."""
    parts = bytearray()
    while len(parts) < length:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        part = connection.recv(min(PART, length - len(parts)))
        if not part:
            return b""
        parts += part
    connection.settimeout(None)
    return bytes(parts)
