"""Folders that are published: files without end, crowded and deep directories, links and pipes to the host."""

import shutil
import time

from lib.world import World

CASES = {
    "sparse": ("truncate -s 8000000T /workspace/big.bin || truncate -s 7E /workspace/big.bin", ("32 GiB", "cannot", "4 GiB")),
    "terabyte": ("truncate -s 1T /workspace/big.bin", ("32 GiB", "cannot", "4 GiB")),
    "crowd": ("cd /workspace && seq 120000 | xargs touch", ("at most 100000",)),
    "deep": ("cd /workspace && python3 -c \"import os\nfor n in range(400): os.mkdir('d'); os.chdir('d')\"", ("nested",)),
    "link": ("ln -s /etc/shadow /workspace/shadow", ()),
    "climb": ("ln -s ../../../../../../etc/shadow /workspace/shadow", ()),
    "loop": ("ln -s . /workspace/a; ln -s /workspace /workspace/b", ()),
    "pipe": ("mkfifo /workspace/pipe", ()),
}


def attack(world: World) -> None:
    before = shutil.disk_usage(world.host.home).used
    for name, (make, words) in CASES.items():
        if name == "crowd" and not world.long:
            continue
        sandbox = world.sandbox()
        sandbox.write("/workspace/index.html", b"<h1>fine</h1>")
        sandbox.exec(make, 120)
        began = time.monotonic()
        reply = world.api.post(sandbox.path + "/deploy", {"name": f"attack-{name}-{sandbox.id[-6:].lower()}"}, 150)
        text = reply.body.decode(errors="replace")
        if reply.status < 300:
            text += settled(world, str(reply.json()["deployment_id"]))
        assert time.monotonic() - began < 120, f"{name}: the host worked for {time.monotonic() - began:.0f} s"
        assert "root:" not in text, f"{name}: {text[:500]}"
        if words:
            assert any(word in text for word in words), f"{name}: {reply.status} {text[:300]} … {text[-1200:]}"
        sandbox.destroy()
        world.unharmed()
    grown = shutil.disk_usage(world.host.home).used - before
    assert grown < 2 << 30, f"the host's disk lost {grown >> 20} MiB"


def settled(world: World, deployment: str) -> str:
    """Waits until the publish is over; what the platform says of it, and what it serves for the link."""
    world.later(lambda: world.api.delete("/deployments/" + deployment))
    deadline = time.monotonic() + 110
    while True:
        view = world.api.get("/deployments/" + deployment).expect(200)
        row = view.get("data", view)
        if row["state"] not in ("pending", "building") or time.monotonic() > deadline:
            versions = world.api.get(f"/deployments/{deployment}/versions").body.decode(errors="replace")
            return str(row) + versions + world.served(row, "/shadow") + world.served(row, "/b/../../etc/shadow")
        time.sleep(0.3)
