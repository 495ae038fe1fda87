"""More output, processes, streams and calls than anybody reads: the host's memory and disk, and the neighbor's turn."""

import shutil
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from lib.api import Sandbox
from lib.world import World

FLOOD = "exec python3 -c \"import os\nwhile True: os.write(1, b'flood' * 13107)\""


def attack(world: World) -> None:
    disk = shutil.disk_usage(world.host.home).used
    memory = resident(world)
    sandbox = world.sandbox()
    for _ in range(8 if world.long else 3):
        sandbox.background(FLOOD)
    readers = [unread(world, sandbox, str(row["pid"])) for row in processes(world, sandbox)]
    worker = threading.Thread(target=lambda: calls(world, sandbox))
    worker.start()
    slowest = 0.0
    until = time.monotonic() + (30 if world.long else 5)
    while time.monotonic() < until:
        began = time.monotonic()
        assert world.neighbor.run("echo alive") == "alive"
        slowest = max(slowest, time.monotonic() - began)
    worker.join()
    print(f"      the slowest of a neighbor's commands took {slowest:.1f} s")
    assert slowest < 6, f"a neighbor's command took {slowest:.1f} s"
    for role, before in memory.items():
        now = resident(world)[role]
        assert now - before < 600 << 20, f"{role} grew by {now - before >> 20} MiB"
    for each in readers:
        each.close()
    sandbox.destroy()
    grown = shutil.disk_usage(world.host.home).used - disk
    assert grown < 1 << 30, f"the host's disk lost {grown >> 20} MiB"


def processes(world: World, sandbox: Sandbox) -> list[dict[str, object]]:
    found = world.api.get(sandbox.path + "/processes").expect(200)
    return list(found["data"] if isinstance(found, dict) and "data" in found else found)


def unread(world: World, sandbox: Sandbox, pid: str) -> socket.socket:
    """Asks for a stream without an end, and reads nothing of it."""
    url = urlsplit(world.api.url)
    reader = socket.create_connection((url.hostname or "", url.port or 80), 10)
    path = f"{url.path}{sandbox.path}/processes/{pid}/stream"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {world.api.key}\r\n\r\n".encode())
    return reader


def calls(world: World, sandbox: Sandbox) -> None:
    """Commands all at once, each with as much output as one may have."""
    def one(number: int) -> int:
        if number % 3 == 0:
            return world.api.post(sandbox.path + "/processes", {"command": "sleep 30"}, 60).status
        return world.api.post(sandbox.path + "/exec", {"command": "head -c 30000000 /dev/zero", "timeout": 10}, 60).status

    with ThreadPoolExecutor(24) as many:
        for status in many.map(one, range(120 if world.long else 40)):
            assert status != 500, status


def resident(world: World) -> dict[str, int]:
    return {
        role: int(next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1]) << 10
        for role, pid in world.host.roles().items()
    }
