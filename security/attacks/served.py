"""Processes that wait for the agent in the kernel, where neither a freezer nor an end reaches them, and an agent robbed of its files."""

import time

from lib.api import Sandbox
from lib.world import World

READING = "for i in 1 2 3 4; do (while :; do read line < /proc/meminfo; done) > /dev/null 2>&1 & done"


def robbed(world: World) -> tuple[Sandbox, str]:
    sandbox = world.sandbox()
    sandbox.write("/tmp/served.py", (world.INSIDE / "served.py").read_bytes())
    sandbox.background("exec setsid python3 -u /tmp/served.py > /tmp/said 2>&1")
    deadline = time.monotonic() + 30
    while not (said := sandbox.run("cat /tmp/said 2>&1; true")).endswith(("waiting", "in vain")):
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return sandbox, said


def stands_still_and_goes_on(world: World, sandbox: Sandbox) -> None:
    paused = world.api.post(sandbox.path + "/pause", {}, 60)
    assert paused.status == 200, f"{paused.status} {paused.body[:300]!r}"
    assert sandbox.run("echo resumed") == "resumed"


def attack(world: World) -> None:
    sandbox = world.sandbox()
    sandbox.background(READING)
    for _ in range(5):
        stands_still_and_goes_on(world, sandbox)
    sandbox.destroy()
    stands_still_and_goes_on(world, robbed(world)[0])
    sandbox, said = robbed(world)
    if world.driver != "container" or world.docker:
        assert said == "in vain", said
        return
    assert said != "in vain", "the agent cannot be robbed any more: this attack is to be written anew"
    # What is waited for in vain ends with the sandbox.
    first = world.host.machine_of(sandbox.run("cat /proc/self/uid_map"))
    assert world.host.processes_of(first)
    sandbox.destroy()
    deadline = time.monotonic() + 60
    while left := world.host.processes_of(first):
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.2)
