"""An agent in the tenant's hands lies to the host: endless, deep, broken, wrong, slow and silent answers."""

import time
from concurrent.futures import ThreadPoolExecutor

from lib.api import Sandbox
from lib.world import INSIDE, World

LIES = ("half", "endless-line", "deep", "many", "utf8", "sizes", "paths", "records", "refusal", "chunks", "honest", "dribble", "silence")
QUICK = ("half", "many", "sizes")
SLOW = ("dribble", "silence")


def calls(path: str) -> tuple[tuple[str, str, object], ...]:
    return (
        ("POST", path + "/exec", {"command": "true", "timeout": 3}),
        ("GET", path + "/fs/list?path=/workspace", None),
        ("GET", path + "/fs/stat?path=/etc/passwd", None),
        ("GET", path + "/fs/download?path=/etc/passwd", None),
        ("POST", path + "/fs/write", {"path": "/tmp/x", "content_base64": "eA=="}),
        ("GET", path + "/processes", None),
        ("GET", path + "/processes/5", None),
        ("GET", path + "/ports", None),
    )


def taken(sandbox: Sandbox) -> None:
    """Waits until the agent itself no longer answers."""
    deadline = time.monotonic() + 15
    while True:
        reply = sandbox.api.post(sandbox.path + "/exec", {"command": "echo honest", "timeout": 1}, 60)
        if reply.status != 200 or b"honest" not in reply.body:
            return
        assert time.monotonic() < deadline, "the agent cannot be taken over any more: this attack is to be written anew"


def attack(world: World) -> None:
    if world.driver != "container":
        return  # Elsewhere the agent is not reached by ptrace from inside; the protocol's reader is the same.
    for lie in LIES if world.long else QUICK:
        sandbox = world.sandbox()
        sandbox.write("/tmp/liar.py", (INSIDE / "liar.py").read_bytes())
        sandbox.background(f"exec setsid python3 -u /tmp/liar.py {lie}")
        taken(sandbox)
        began = time.monotonic()
        with ThreadPoolExecutor(24) as many:
            answers = [
                many.submit(world.api.call, method, path, body, 120)
                for method, path, body in calls(sandbox.path) * (1 if lie in SLOW else 3)
            ]
            world.unharmed()
            replies = [each.result() for each in answers]
        took = time.monotonic() - began
        for (method, path, _), reply in zip(calls(sandbox.path) * 3, replies):
            fine = reply.status >= 400 or b"shadow" not in reply.body
            assert fine, f"{lie}: {method} {path}: {reply.status} {reply.body[:300]!r}"
            assert reply.status != 200 or lie == "records" or not path.endswith("/exec"), f"{lie}: {reply.body[:300]!r}"
            assert len(reply.body) < 100_000, f"{lie}: {len(reply.body)} bytes"
            assert b"\r\nX:" not in reply.body, lie
        assert took < 100, f"{lie}: {took:.0f} s"
        sandbox.destroy()
        world.unharmed()
