"""Takes the agent's place: stops every thread of the first process, takes its listening socket, and answers the host with lies."""

import ctypes
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
SEIZE, INTERRUPT, PIDFD_OPEN, PIDFD_GETFD = 0x4206, 0x4207, 434, 438
lie = sys.argv[1]


def steal() -> socket.socket:
    taken = handed() or beside()
    if taken is None and lie == "silence":
        os.kill(1, signal.SIGSTOP)
        print("stopped", flush=True)
        while True:
            time.sleep(60)
    if taken is None:
        sys.exit("the socket cannot be taken: " + os.strerror(ctypes.get_errno()))
    for _ in range(3):
        for thread in os.listdir("/proc/1/task"):
            if libc.ptrace(SEIZE, int(thread), 0, 0) == 0:
                libc.ptrace(INTERRUPT, int(thread), 0, 0)
        time.sleep(0.05)
    return taken


def handed() -> socket.socket | None:
    """The first process's own listening socket, by the kernel's call for that."""
    process = libc.syscall(PIDFD_OPEN, 1, 0)
    try:
        numbers = os.listdir("/proc/1/fd")
    except OSError:
        numbers = list(map(str, range(64)))
    for number in numbers:
        listener = libc.syscall(PIDFD_GETFD, process, int(number), 0)
        if listener >= 0 and os.readlink(f"/proc/self/fd/{listener}").startswith("socket:"):
            taken = socket.socket(fileno=listener)
            if taken.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return taken
    return None


def beside() -> socket.socket | None:
    """Another listener at each port where somebody listens, nearer to who connects: at an address of the sandbox, not at all."""
    own = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
    ports = {int(row.split()[1].split(":")[1], 16) for row in open("/proc/net/tcp").readlines()[1:] if row.split()[3] == "0A"}
    places = [(socket.AF_INET, each) for each in (*own, "0.0.0.0")] + [(socket.AF_INET6, each) for each in (*("::ffff:" + each for each in own), "::")]
    reuse = ((), (socket.SO_REUSEADDR,), (socket.SO_REUSEPORT,), (socket.SO_REUSEADDR, socket.SO_REUSEPORT))
    for port, options, (family, address) in itertools.product(ports, reuse, places):
        try:
            one = socket.socket(family, socket.SOCK_STREAM)
            for option in options:
                one.setsockopt(socket.SOL_SOCKET, option, 1)
            one.bind((address, port))
            one.listen()
            return one
        except OSError:
            continue
    return None


def header(connection: socket.socket) -> dict:
    line = b""
    while not line.endswith(b"\n"):
        part = connection.recv(1 << 16)
        if not part:
            return {}
        line += part
    try:
        return json.loads(line.split(b"\n", 1)[0])
    except ValueError:
        return {}


def send_for_ever(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)


def frame(kind: int, sequence: int, payload: bytes, size: int | None = None) -> bytes:
    body = struct.pack(">Bqq", kind, sequence, 0) + payload
    return struct.pack(">I", len(body) if size is None else size) + body


RUN = {"ok": True, "exit_code": 0, "duration_micros": 1, "pid": 2, "stdout": 0, "stderr": 0}
INFO = {"path": "/../../etc/shadow", "type": "file", "size": 3, "mode": 0o4777, "modified_unix_ms": 0, "uid": 0, "gid": 0}
PROCESS = {"pid": 5, "name": "x", "command": "x", "running": True, "exit_code": 0, "started_unix_ms": 1, "ended_unix_ms": 0, "last_sequence": 9}


def line(value) -> bytes:
    return json.dumps(value).encode() + b"\n"


def answer(connection: socket.socket, call: dict) -> None:
    if lie == "silence":
        time.sleep(3600)
    elif lie == "half":
        connection.sendall(b'{"ok":true,"exit_code"')
    elif lie == "endless-line":
        send_for_ever(connection, b"x" * 65536)
    elif lie == "deep":
        connection.sendall(b'{"ok":true,"entries":' + b"[" * 3_000_000)
        connection.sendall(b"]" * 3_000_000 + b"}\n")
    elif lie == "many":
        connection.sendall(b'{"ok":true,"entries":[' + b"{}," * 2_500_000 + b"{}]}\n")
    elif lie == "utf8":
        connection.sendall(b'{"ok":true,"code":"\xff\xfe\xc0\x80","stdout":0}\n' + b"\xff" * 64)
    elif lie == "sizes":
        connection.sendall(line({**RUN, "stdout": 1 << 62, "stderr": -1}) + b"x" * 1000)
    elif lie == "dribble":
        connection.sendall(line({**RUN, "stdout": 1 << 20, "stderr": 1 << 20}))
        while True:
            connection.sendall(b"x")
            time.sleep(0.2)
    elif lie == "paths":
        entry = dict(INFO, path="/etc/../../../etc/shadow")
        connection.sendall(line({"ok": True, "info": INFO, "entries": [entry, INFO], "size": 3, **PROCESS}) + b"abc")
    elif lie == "records":
        connection.sendall(line({"ok": True, "process": PROCESS, **RUN}))
        for sequence in (9, 1, -5, 9, 1 << 62, 3):
            connection.sendall(frame(1, sequence, b"lie"))
        connection.sendall(frame(9, 1, b"no such stream"))
        connection.sendall(frame(1, 1, b"", 0xFFFFFFFF) + b"x" * 100000)
    elif lie == "refusal":
        connection.sendall(line({"ok": False, "code": "../../ROOT\r\nX: y", "message": "m" * 100000}))
    elif lie == "chunks":
        connection.sendall(line({"ok": True, "process": PROCESS}) + struct.pack(">I", 0x7FFFFFFF))
        send_for_ever(connection, b"z" * 65536)
    elif lie == "honest":
        connection.sendall(line({"ok": False, "code": "PATH_NOT_FOUND", "message": call.get("call", "")}))


def serve(connection: socket.socket) -> None:
    try:
        with connection:
            answer(connection, header(connection))
    except OSError:
        pass


listener = steal()
listener.setblocking(True)
print("taken", flush=True)
while True:
    made, _ = listener.accept()
    threading.Thread(target=serve, args=(made,), daemon=True).start()
