"""Uses up one kind of thing for some seconds. Arguments: which, seconds."""

import mmap
import os
import socket
import sys
import threading
import time

kind, seconds = sys.argv[1], float(sys.argv[2])
until = time.monotonic() + seconds
kept = []


def files() -> None:
    while time.monotonic() < until:
        try:
            kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            if os.fork() != 0:
                time.sleep(max(0, until - time.monotonic()))
                os._exit(0)
            kept.clear()


def pipes() -> None:
    while time.monotonic() < until:
        try:
            ends = os.pipe()
            os.set_blocking(ends[1], False)
            os.write(ends[1], b"x" * 65536)
            kept.append(ends)
        except OSError:
            time.sleep(0.01)


def inodes() -> None:
    number = 0
    os.makedirs("/workspace/n", exist_ok=True)
    while time.monotonic() < until:
        try:
            if number % 5000 == 0:
                os.makedirs(f"/workspace/n/{number}")
            os.close(os.open(f"/workspace/n/{number - number % 5000}/{number}", os.O_CREAT | os.O_WRONLY))
            number += 1
        except OSError:
            break
    print(number, "files")


def forks() -> None:
    while time.monotonic() < until:
        try:
            if os.fork() == 0:
                while time.monotonic() < until:
                    try:
                        os.fork()
                    except OSError:
                        time.sleep(0.01)
                os._exit(0)
        except OSError:
            time.sleep(0.01)


def memory() -> None:
    if os.fork() == 0:
        while True:
            block = mmap.mmap(-1, 64 << 20)
            for at in range(0, 64 << 20, 4096):
                block[at] = 1
            kept.append(block)
    os.wait()


def shared() -> None:
    with open("/dev/shm/x", "wb") as out:
        try:
            while time.monotonic() < until:
                out.write(b"x" * (1 << 20))
        except OSError:
            pass


def flows() -> None:
    for port in range(20000, 60000):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.bind(("0.0.0.0", port))
                one.sendto(b"\0" * 12, ("198.51.99.9", 53))
        except OSError:
            pass
        if time.monotonic() > until:
            break


def output() -> None:
    piece = b"y" * 65536
    while time.monotonic() < until:
        os.write(1, piece)


def threads() -> None:
    while time.monotonic() < until:
        try:
            threading.Thread(target=time.sleep, args=(max(0.1, until - time.monotonic()),), daemon=True).start()
        except RuntimeError:
            time.sleep(0.05)


def disk() -> None:
    with open("/workspace/big", "wb") as out:
        try:
            while time.monotonic() < until:
                out.write(b"x" * (1 << 20))
        except OSError:
            pass


{name: value for name, value in globals().items() if callable(value)}[kind]()
