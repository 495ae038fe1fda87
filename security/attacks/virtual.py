"""Virtual machines inside: what they cost is the sandbox's, other devices stay closed, nothing is left of them."""

import threading
import time
from pathlib import Path

from lib.world import World

DRIVERS = ("container",)
OTHERS = ((10, 200), (10, 238), (10, 241), (10, 196), (10, 223), (10, 229))
SLACK_KB = 1 << 20


def available_kb() -> int:
    return next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable:"))


def threads() -> int:
    return int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])


def attack(world: World) -> None:
    asked = world.api.post("/sandboxes", {"size": "xs", "isolation": "container", "nested_virtualization": True})
    if asked.status == 422:
        print("    not attacked: sandboxes get no KVM:", asked.body[:200].decode(errors="replace"))
        return
    world.api.delete("/sandboxes/" + asked.expect(201)["id"]).expect(204)
    sandbox = world.sandbox(nested_virtualization=True)
    for major, minor in OTHERS:
        opened = sandbox.exec(f"rm -f /tmp/d; mknod /tmp/d c {major} {minor} && head -c1 /tmp/d")
        assert opened.code != 0, f"device {major}:{minor} opened: {opened}"
    assert sandbox.exec("chmod 600 /dev/kvm || chown 1 /dev/kvm").code != 0, "the node is the host's"
    first = world.host.machine_of(sandbox.run("cat /proc/self/uid_map"))
    limit_kb = int(sandbox.run("cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true").split()[0]) >> 10
    before, began = available_kb(), threads()
    least, most, ended = [before], [began], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            least[0], most[0] = min(least[0], available_kb()), max(most[0], threads())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sandbox.write("/tmp/machines.py", (Path(__file__).parent.parent / "inside/machines.py").read_bytes())
        made = sandbox.exec(f"python3 /tmp/machines.py {100_000 if world.long else 1_000} 2>&1", 60)
    finally:
        ended.set()
        watcher.join()
    assert made.out.strip(), f"no machine was made: {made}"
    assert before - least[0] < limit_kb + SLACK_KB, f"{before - least[0]} KB of the host for a sandbox of {limit_kb} KB; {made.out[-200:]}"
    assert most[0] - began < 1000, f"{most[0] - began} threads of the host"
    world.unharmed()
    sandbox.destroy()
    world.host.eventually(lambda: not world.host.processes_of(first), "its processes are gone")
    until = time.monotonic() + 60
    while available_kb() < before - SLACK_KB and time.monotonic() < until:
        time.sleep(0.2)
    assert available_kb() >= before - SLACK_KB, "the memory of its machines did not come back"
