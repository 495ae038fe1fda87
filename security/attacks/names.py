"""Names and kinds of files that programs outside stumble over: line ends, escapes, no UTF-8, endless depth, sockets, sparse files."""

import io
import json
import tarfile
import time
from urllib.parse import quote

from lib.api import Reply, Sandbox
from lib.world import World

FOLDER = "/workspace/odd"
SLOW = 45


def attack(world: World) -> None:
    sandbox = world.sandbox()
    made = int(world.inside("names.py", sandbox, FOLDER + (" 20000" if world.long else " 2000"), 120).splitlines()[-1])
    assert made > 20, made
    read(world, sandbox)
    exported(world, sandbox)
    snapshot = str(timed(world, "POST", sandbox.path + "/snapshots", {}).expect(201)["id"])
    world.later(lambda: world.api.delete("/snapshots/" + snapshot))
    for path in (FOLDER, FOLDER + "/deep", "/workspace"):
        for kind in ("tree", "files"):
            timed(world, "GET", f"/snapshots/{snapshot}/{kind}?path={quote(path)}")
    unpacked(timed(world, "GET", f"/snapshots/{snapshot}/files?path={quote(FOLDER + '/flat')}").body)
    child = timed(world, "POST", sandbox.path + "/fork", {}).expect(201)
    world.later(lambda: world.api.delete("/sandboxes/" + str(child["id"])))
    assert int(Sandbox(world.api, child).run(f"ls -A {FOLDER}/flat | wc -l")) > 10
    # What is in the way of nobody is in nobody's way at the end either.
    timed(world, "DELETE", f"{sandbox.path}/fs?path={quote(FOLDER)}&recursive=true")


def timed(world: World, method: str, path: str, body: object = None) -> Reply:
    began = time.monotonic()
    reply = world.api.call(method, path, body, 120)
    took = time.monotonic() - began
    assert took < SLOW, f"{method} {path}: {took:.0f} s"
    assert reply.status != 500, f"{method} {path}: {reply.body[:500]!r}"
    assert len(reply.body) < 64 << 20, f"{method} {path}: {len(reply.body)} bytes"
    return reply


def read(world: World, sandbox: Sandbox) -> None:
    for where in (FOLDER, FOLDER + "/flat", FOLDER + "/deep", FOLDER + "/many", FOLDER + "/kinds"):
        for call in ("list", "tree", "readdir"):
            reply = timed(world, "GET", f"{sandbox.path}/fs/{call}?path={quote(where)}&depth=20")
            if reply.status == 200:
                json.loads(reply.body)
                assert b"root:x:" not in reply.body
    listed = timed(world, "GET", f"{sandbox.path}/fs/list?path={quote(FOLDER + '/flat')}").expect(200)
    rows = listed if isinstance(listed, list) else listed.get("entries") or listed.get("data") or listed.get("files")
    for row in rows:
        name = str(row["name"])
        reply = timed(world, "GET", f"{sandbox.path}/fs/download?path={quote(FOLDER + '/flat/' + name)}")
        assert reply.status in (200, 400, 404, 422), f"{name!r}: {reply.status} {reply.body[:200]!r}"
    for kind in ("pipe", "socket", "sparse", "zero", "loop", "full"):
        place = quote(f"{FOLDER}/kinds/{kind}")
        for call in ("stat", "read", "tree"):
            if (kind, call) != ("sparse", "read"):
                timed(world, "GET", f"{sandbox.path}/fs/{call}?path={place}")
        if kind not in ("sparse", "zero"):  # These are copied until the disk of the sandbox is full.
            timed(world, "POST", sandbox.path + "/fs/copy", {"from": f"{FOLDER}/kinds/{kind}", "to": f"{FOLDER}/kinds/copy-{kind}"})


def exported(world: World, sandbox: Sandbox) -> None:
    for path in (FOLDER + "/flat", FOLDER + "/deep", FOLDER + "/kinds/pipe"):
        reply = timed(world, "GET", f"{sandbox.path}/exports/download?path={quote(path)}")
        if reply.status == 200:
            unpacked(reply.body)


def unpacked(content: bytes) -> None:
    """Whoever unpacks it somewhere else gets files of that folder, and no way out of it."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        try:
            for member in archive:
                assert not member.name.startswith("/") and ".." not in member.name.split("/"), member.name
                assert not member.isdev(), f"{member.name} is a device"
        except EOFError:
            return  # Broken off: nested deeper than can be packed, as whoever unpacks it is told.
