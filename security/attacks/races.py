"""Paths that change from folder to link and back while the host's file calls use them."""

import time
from concurrent.futures import ThreadPoolExecutor

from lib.world import World

FLIP = "cd /workspace; while true; do mkdir -p p/etc; rm -rf p; ln -s /proc/1/root p; rm -f p; ln -s ../../../../.. p; rm -f p; done"


def attack(world: World) -> None:
    sandbox = world.sandbox()
    marker = sandbox.id + "\n"
    sandbox.write("/etc/atoll-attack", marker.encode())
    sandbox.background(FLIP)
    calls = [
        ("POST", "/fs/write", {"path": "/workspace/p/etc/atoll-attack", "content_base64": "eA=="}),
        ("GET", "/fs/download?path=/workspace/p/etc/shadow", None),
        ("GET", "/fs/list?path=/workspace/p/run", None),
        ("POST", "/fs/mkdir", {"path": "/workspace/p/run/atoll/x", "parents": True}),
        ("GET", "/exports/download?path=/workspace", None),
        ("POST", "/fs/move", {"from": "/workspace/p/etc/atoll-attack", "to": "/workspace/p/root/stolen"}),
    ]
    shadow = open("/etc/shadow", "rb").read()
    until = time.monotonic() + 8
    with ThreadPoolExecutor(6) as many:
        while time.monotonic() < until:
            for reply in many.map(lambda each: world.api.call(each[0], sandbox.path + each[1], each[2], 60), calls):
                assert reply.status != 500, reply.body[:500]
                assert shadow[:60] not in reply.body, "the host's file was read"
                assert b"node.sock" not in reply.body, "the host's folder was listed"
    for trace in ("/etc/atoll-attack", "/root/stolen", "/run/atoll/x"):
        assert not world.host.exists(trace), f"{trace} appeared on the host"
