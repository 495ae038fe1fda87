"""From one sandbox to another without a network: abstract sockets, queues, shared memory, keys, signals, locks, the common base."""

import json

from lib.world import World


def attack(world: World) -> None:
    victim, attacker = world.sandbox(), world.sandbox()
    victim.write("/tmp/neighbors.py", (world.INSIDE / "neighbors.py").read_bytes())
    victim.background("exec python3 -u /tmp/neighbors.py offer " + victim.id)
    victim.run("for i in $(seq 100); do [ -e /tmp/offered ] && exit 0; sleep 0.1; done; exit 1")
    victim.run("cp /bin/true /tmp/true; cksum < /usr/bin/env > /tmp/sum")
    saw = json.loads(world.inside("neighbors.py", attacker, "take " + victim.id).splitlines()[-1])
    assert not saw["found"], f"of a neighbor: {saw['found']}"
    # What both were started from is not written by either.
    attacker.exec("cp /bin/false /usr/bin/env; truncate -s 0 /bin/ls; chmod 4777 /bin/sh; rm -f /usr/bin/tail; setfattr -n user.x -v 1 /usr/bin")
    assert victim.run("cksum < /usr/bin/env") == victim.run("cat /tmp/sum")
    assert victim.run("ls / > /dev/null; test -e /usr/bin/tail; stat -c %a $(readlink -f /bin/sh)") == "755"
    assert world.sandbox().run("stat -c %a $(readlink -f /bin/sh); test -s /bin/ls") == "755"
    # Nor is it lost to a victim that a process with the victim's number was killed next door.
    # Whether the own agent is among them is the attacker's affair.
    world.api.post(attacker.path + "/exec", {"command": "for p in $(seq 2 4000); do kill -9 $p 2>/dev/null; done; true", "timeout": 20}, 60)
    assert victim.run("cat /tmp/offered") == victim.id
