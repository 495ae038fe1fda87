"""An agent in the tenant's hands lies to the host: endless, deep, broken, wrong, slow and silent answers."""

import time
from concurrent.futures import ThreadPoolExecutor

from lib.liar import given_up, in_vain, lies, takes_over
from lib.world import World

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


def attack(world: World) -> None:
    in_vain(world)
    for lie in lies(world):
        sandbox = world.sandbox()
        takes_over(sandbox, lie)
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
            if reply.status == 200 and path.endswith("/exec") and lie != "records":
                assert given_up(reply), f"{lie}: {reply.body[:300]!r}"
            assert len(reply.body) < 100_000, f"{lie}: {len(reply.body)} bytes"
            assert b"\r\nX:" not in reply.body, lie
        assert took < 100, f"{lie}: {took:.0f} s"
        sandbox.destroy()
        world.unharmed()
