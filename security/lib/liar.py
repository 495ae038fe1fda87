"""An agent in the tenant's hands, and where it cannot come to that, every known way to it."""

from __future__ import annotations

import random
import time

from lib.api import Reply, Sandbox
from lib.world import INSIDE, World

LIES = ("half", "endless-line", "deep", "many", "utf8", "sizes", "paths", "records", "refusal", "chunks", "honest", "dribble", "silence")
FEW = 3
# There process 1 has a right more than whoever would trace it, and nobody else listens where it does.
NEVER = ("gvisor", "microvm")


def lies(world: World) -> tuple[str, ...]:
    """Which to tell: all, or a few by seed. gVisor lets root stop process 1, which Linux does not: that is silence."""
    if world.driver in NEVER:
        return ("silence",) if world.driver == "gvisor" else ()
    return LIES if world.long else tuple(random.Random(world.seed).sample(LIES, FEW))


def takes_over(sandbox: Sandbox, lie: str) -> None:
    """Puts the liar in the agent's place, and waits until the agent itself no longer answers."""
    sandbox.write("/tmp/liar.py", (INSIDE / "liar.py").read_bytes())
    sandbox.background(f"exec setsid python3 -u /tmp/liar.py {lie}")
    deadline = time.monotonic() + 30
    while honest(sandbox):
        assert time.monotonic() < deadline, "the agent cannot be taken over any more: this attack is to be written anew"


def honest(sandbox: Sandbox) -> bool:
    """The agent itself tells at once that a command took too long, which one does on a slow machine."""
    reply = sandbox.api.post(sandbox.path + "/exec", {"command": "echo honest", "timeout": 1}, 60)
    return reply.status == 200 and (b"honest" in reply.body or bool(reply.json()["timed_out"]) and not given_up(reply))


def given_up(reply: Reply) -> bool:
    """Whether the host says that a command timed out, seconds after its agent had to: nothing in that is the agent's."""
    said = reply.json()
    return said["timed_out"] and said["duration_ms"] > 7_000 and not said["stdout"] and not said["stderr"]


def in_vain(world: World) -> None:
    """Neither root of the sandbox nor anybody else in it gets the agent's place, where nobody is to."""
    if world.driver not in NEVER:
        return
    for start in ("", "setpriv --reuid 65534 --clear-groups "):
        sandbox = world.sandbox()
        sandbox.write("/tmp/liar.py", (INSIDE / "liar.py").read_bytes())
        said = sandbox.exec(start + "python3 -u /tmp/liar.py honest 2>&1", 60)
        assert said.code == 1 and "cannot be taken" in said.out, f"{start}{said}"
        assert sandbox.run("echo honest") == "honest"
