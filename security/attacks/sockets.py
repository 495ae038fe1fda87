"""Socket families beside those of programs: the machine's hypervisor, packets, the kernel's own ciphers."""

import json

from lib.world import World

UNIX, INET, NETLINK, INET6 = "1", "2", "16", "10"


def attack(world: World) -> None:
    saw = json.loads(world.inside("sockets.py"))
    families = {name for name, answer in saw.items() if name.isdigit() and answer == "done"}
    assert families <= {UNIX, INET, INET6, NETLINK}, f"families open: {families}"
    if world.driver == "container" and not world.docker:
        rare = {name: answer for name, answer in saw.items() if not name.isdigit() and answer == "done"}
        assert not rare, f"open: {rare}"
