"""Counters of the kernel that tenants could use up for each other: inotify, timers, message queues, locked memory."""

import json
import threading
import time

from lib.world import World

# The kernel that counts is the sandbox's own elsewhere.
DRIVERS = ("container",)


def attack(world: World) -> None:
    attacker, victim = world.sandbox(), world.sandbox()
    wanted = json.loads(world.inside("shared.py", victim, "4 0"))
    assert all(count == 4 for count in wanted.values()), wanted
    victim.run("rm -f /dev/mqueue/*; ipcrm -a 2>/dev/null; true")
    greedy = threading.Thread(target=lambda: world.inside("shared.py", attacker, "1000000 12", 60))
    greedy.start()
    try:
        time.sleep(6)
        left = json.loads(world.inside("shared.py", world.sandbox(), "4 0"))
        assert all(count == 4 for count in left.values()), f"a neighbor gets {left}"
        assert world.host.inotify(), "the host's root gets no inotify instance"
    finally:
        greedy.join()
