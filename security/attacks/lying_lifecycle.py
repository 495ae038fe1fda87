"""An agent in the tenant's hands lies while its sandbox is paused, forked, snapshotted, given a volume, a terminal and services."""

import time
from concurrent.futures import ThreadPoolExecutor

from lib.api import Reply, Sandbox
from lib.liar import lies, takes_over
from lib.world import World

# In a virtual machine no lie can be told: lying_agent shows it.
DRIVERS = ("container", "gvisor")
# Silence is the one lie there, and each of these calls waits for its end.
LONG_ON = ("gvisor",)
# What waits for an answer waits so long at most; clients give up after 60 s.
PATIENCE = 60
# The heap of a node is at most 384 MiB, and what it holds beside it is small.
MOST_MEMORY = 640 << 20


def calls(path: str, volume: str) -> tuple[tuple[str, str, object], ...]:
    return (
        ("POST", path + "/snapshots", {}),
        ("POST", path + "/fork", {}),
        ("POST", path + "/volumes", {"volume_id": volume}),
        ("POST", path + "/terminal", {"cols": 80}),
        ("POST", path + "/services", {"name": "liar", "command": "true"}),
        ("GET", path + "/services", None),
        ("GET", path + "/metrics", None),
        ("GET", path + "/logs", None),
        ("PUT", path + "/env", {"vars": [{"key": "A", "value": "b"}]}),
        ("POST", path + "/code/run", {"code": "1", "timeout": 3}),
        ("POST", path + "/template/start", {"start_command": "true", "start_timeout_sec": 1}),
        ("POST", path + "/expose", {"port": 8000}),
    )


def attack(world: World) -> None:
    for lie in lies(world):
        volume = world.api.post("/volumes", {"name": f"liar-{lie}-{int(time.time())}", "size_gb": 1}).expect(201)["id"]
        world.later(lambda one=volume: world.api.delete("/volumes/" + one))
        sandbox = world.sandbox()
        sandbox.write("/workspace/kept", b"kept")
        takes_over(sandbox, lie)
        with ThreadPoolExecutor(16) as many:
            answers = [many.submit(timed, world, *each) for each in calls(sandbox.path, volume)]
            world.unharmed()
            for (method, path, _), answer in zip(calls(sandbox.path, volume), answers):
                took, reply = answer.result()
                what = f"{lie}: {method} {path}: {reply.status} {reply.body[:300]!r} after {took:.1f} s"
                print(f"      {lie:14} {path.rsplit('/', 1)[1]:12} {reply.status} {reply.code:24} {took:.1f} s")
                assert took < PATIENCE, what
                assert reply.status < 500 or reply.code not in ("", "INTERNAL_ERROR"), what
                assert len(reply.body) < 100_000, what
                if reply.status == 201 and path.endswith("/fork"):
                    # A child has an agent of its own, and what the parent's files were.
                    child = Sandbox(world.api, reply.json())
                    assert child.run("cat /workspace/kept") == "kept", what
                    child.destroy()
                if reply.status == 201 and path.endswith("/snapshots"):
                    world.api.delete("/snapshots/" + reply.json()["id"])
        for action in ("/pause", "/resume", "/stop"):
            took, reply = timed(world, "POST", sandbox.path + action, {})
            print(f"      {lie:14} {action[1:]:12} {reply.status} {reply.code:24} {took:.1f} s")
            assert took < PATIENCE and (reply.status < 500 or reply.code not in ("", "INTERNAL_ERROR")), f"{lie}: {action} {reply}"
        # A machine that starts anew has an agent of its own again.
        assert sandbox.run("cat /workspace/kept") == "kept", lie
        grown = world.host.memory_of("node")
        assert grown < MOST_MEMORY, f"{lie}: the node holds {grown >> 20} MiB of its own"
        world.api.delete(f"{sandbox.path}/volumes/{volume}")
        sandbox.destroy()
        world.unharmed()


def timed(world: World, method: str, path: str, body: object):
    began = time.monotonic()
    try:
        reply = world.api.call(method, path, body, 2 * PATIENCE)
    except TimeoutError:
        reply = Reply(599, b"no answer at all")
    return time.monotonic() - began, reply
