"""Offers by every way that is not the network what the same program looks for elsewhere. Arguments: offer or take, a word."""

import array
import ctypes
import fcntl
import json
import mmap
import os
import signal
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
realtime = ctypes.CDLL("librt.so.1", use_errno=True)
taking, word = sys.argv[1] == "take", sys.argv[2].encode()
found: list[str] = []
SHARED, CREATE = 0x41544F4C, 0o1000


def abstract(kind, name):
    with socket.socket(socket.AF_UNIX, kind) as one:
        one.settimeout(0.5)
        one.connect("\0atoll-" + name)
        found.append("abstract socket " + name)


def attempt(work, *arguments):
    try:
        work(*arguments)
    except OSError:
        pass


def locks(path):
    with open(path, "rb") as one:
        fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)


if not taking:
    kept = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)]
    kept[0].bind("\0atoll-stream")
    kept[0].listen()
    kept[1].bind("\0atoll-datagram")
    shared = libc.shmget(SHARED, 4096, CREATE | 0o666)
    libc.shmat.restype = ctypes.c_void_p
    ctypes.memmove(libc.shmat(shared, None, 0), word, len(word))
    libc.msgget(SHARED, CREATE | 0o666)
    libc.semget(SHARED, 1, CREATE | 0o666)
    realtime.mq_open(b"/atoll", os.O_CREAT | os.O_RDWR, 0o666, None)
    open("/dev/shm/atoll", "wb").write(word)
    libc.syscall(248, b"user", b"atoll", word, len(word), -4)
    open("/tmp/offered", "wb").write(word)
    while True:
        time.sleep(60)

attempt(abstract, socket.SOCK_STREAM, "stream")
attempt(abstract, socket.SOCK_DGRAM, "datagram")
for name, call in {"shmget": 29, "msgget": 68, "semget": 64}.items():
    if libc.syscall(call, SHARED, 0 if call == 68 else 1, 0) >= 0:
        found.append(name)
for number in range(4096):
    if libc.shmctl(number, 2, ctypes.create_string_buffer(256)) >= 0 or libc.shmctl(number, 13, ctypes.create_string_buffer(256)) >= 0:
        found.append(f"shared memory {number}")
if realtime.mq_open(b"/atoll", os.O_RDONLY) >= 0:
    found.append("message queue")
if os.path.exists("/dev/shm/atoll"):
    found.append("/dev/shm")
if libc.syscall(249, b"user", b"atoll", None, -4) > 0:
    found.append("key")
for entry in os.listdir("/proc"):
    if entry.isdigit():
        try:
            if word in open(f"/proc/{entry}/cmdline", "rb").read() and int(entry) not in (os.getpid(), os.getppid()):
                text = open(f"/proc/{entry}/cmdline", "rb").read()
                if b"offer" in text:
                    found.append("process " + entry)
        except OSError:
            pass
try:
    # Names of sockets, and nobody else's.
    found += [line for line in open("/proc/net/unix") if "atoll-" in line or "/run/atoll" in line]
except OSError:
    pass
print(json.dumps({"found": found}))
