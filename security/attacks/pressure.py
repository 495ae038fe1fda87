"""Triggers on the machine's meters of pressure, which a thread of real-time priority of the host's kernel would look after."""

import json
import os
from pathlib import Path

from lib.world import World

OPTION = "docker"


def watchers() -> int:
    """Threads of the host's kernel that look after triggers."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            count += (entry / "comm").read_text().strip() == "psimon"
        except OSError:
            continue
    return count


def attack(world: World) -> None:
    before = watchers()
    for name in ("cpu", "io", "memory"):
        meter = Path("/proc/pressure", name)
        assert not meter.exists() or not os.stat(meter).st_mode & 0o022, f"everybody may write {meter}"
    saw = json.loads(world.inside("pressure.py", seconds=60).splitlines()[-1])
    assert saw["nested"], "it has no user namespace of its own any more: this attack is to be written anew"
    assert saw["triggers"] == 0, saw
    assert watchers() <= before, "the kernel watches for a tenant"
