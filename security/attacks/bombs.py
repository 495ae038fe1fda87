"""Open files, pipes, inodes, processes, threads, memory, shared memory, output, connections, disk: used up inside, felt inside alone."""

import os
import threading
import time

from lib.world import World

# Ten bombs of some seconds each.
LONG_ON = ("gvisor",)
KINDS = ("files", "pipes", "inodes", "forks", "threads", "memory", "shared", "output", "flows", "disk")


def attack(world: World) -> None:
    seconds = 20 if world.long else 3
    for kind in KINDS:
        sandbox = world.sandbox()
        # Its first word comes from the program itself: only then is the bomb there.
        worker = threading.Thread(target=lambda: bomb(world, sandbox, kind, seconds))
        worker.start()
        slowest = 0.0
        until = time.monotonic() + seconds + 1
        while time.monotonic() < until:
            began = time.monotonic()
            assert world.neighbor.run("echo alive") == "alive"
            slowest = max(slowest, time.monotonic() - began)
        worker.join()
        assert slowest < 5, f"{kind}: a neighbor's command took {slowest:.1f} s"
        files, _, most = (int(each) for each in open("/proc/sys/fs/file-nr").read().split())
        assert files < most / 2, f"{kind}: {files} of the host's {most} files are open"
        tracked = int(open("/proc/sys/net/netfilter/nf_conntrack_count").read()) if os.path.exists("/proc/sys/net/netfilter") else 0
        limit = int(open("/proc/sys/net/netfilter/nf_conntrack_max").read()) if tracked else 1
        assert tracked <= limit / 4, f"{kind}: {tracked} of {limit} connections are tracked"
        sandbox.destroy()
        world.unharmed()


def bomb(world: World, sandbox: object, kind: str, seconds: float) -> None:
    try:
        world.inside("bombs.py", sandbox, f"{kind} {seconds}", int(seconds) + 15)  # type: ignore[arg-type]
    except (AssertionError, OSError):
        pass  # It ended in its own bomb: that is its own affair.
