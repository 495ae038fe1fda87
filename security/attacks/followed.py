"""Links where the platform itself reads and writes: start files, keys, snapshots, working directories."""

import time

from lib.api import Sandbox
from lib.world import World

TARGET = "/etc/atoll-attack-followed"
STARTED = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/machine-id", "/etc/environment", "/root/.ssh/authorized_keys")
UPWARDS = "../" * 12


def attack(world: World) -> None:
    sandbox = world.sandbox()
    start_files(world, sandbox)
    snapshots(world, sandbox)
    directories(world, sandbox)
    assert not world.host.exists(TARGET), f"{TARGET} appeared on the host"
    assert not world.host.exists("/atoll-attack-followed"), "a file appeared in the host's root"


def start_files(world: World, sandbox: Sandbox) -> None:
    """What the platform writes at a start lies behind links now, then behind a link of the folder."""
    for place in STARTED:
        sandbox.exec(f"mkdir -p $(dirname {place}); rm -rf {place}; ln -s {UPWARDS}{TARGET[1:]} {place}")
    again(world, sandbox)
    sandbox.exec(f"mv /etc /etc.kept && ln -s {UPWARDS}etc /etc; ln -sfn {UPWARDS}root /root/.ssh")
    again(world, sandbox)
    sandbox.exec("rm -f /etc && mv /etc.kept /etc")
    again(world, sandbox)


def again(world: World, sandbox: Sandbox) -> None:
    """Stops it, starts it, forks it, each of which may be refused; it may be lost, but nothing else is."""
    world.api.post(sandbox.path + "/stop", {})
    deadline = time.monotonic() + 60
    while world.api.post(sandbox.path + "/exec", {"command": "true", "timeout": 10}, 60).status != 200:
        assert time.monotonic() < deadline, "it does not come back"
        time.sleep(0.3)
    fork = world.api.post(sandbox.path + "/fork", {})
    if fork.status == 201:
        world.api.delete("/sandboxes/" + str(fork.json()["id"]))
    world.unharmed()


def snapshots(world: World, sandbox: Sandbox) -> None:
    """Read out of a snapshot without the sandbox: every link of it points to the host's files."""
    sandbox.exec(f"cd /workspace; ln -sf /etc/shadow abs; ln -sf {UPWARDS}etc/shadow up; ln -sfn {UPWARDS}etc dir; ln -sfn /proc/1/root root; mkfifo pipe")
    sandbox.exec("cd /workspace; python3 -c \"import os; os.symlink('x' * 4000, 'long'); os.symlink('loop2', 'loop1'); os.symlink('loop1', 'loop2')\"")
    snapshot = str(world.api.post(sandbox.path + "/snapshots", {}).expect(201)["id"])
    world.later(lambda: world.api.delete("/snapshots/" + snapshot))
    shadow = open("/etc/shadow", "rb").read()
    for path in ("abs", "up", "dir/shadow", "root/etc/shadow", "root/proc/1/environ", "pipe", "long", "loop1", "../" * 9 + "etc/shadow", "dir", "root/run/atoll"):
        reply = world.api.get(f"/snapshots/{snapshot}/files?path=/workspace/{path}", 30)
        assert reply.status != 500, f"{path}: {reply.body[:300]!r}"
        assert shadow[:60] not in reply.body and b"installation.json" not in reply.body, f"{path}: the host was read"


def directories(world: World, sandbox: Sandbox) -> None:
    """A working directory by way of an open folder of whoever starts the command."""
    marker = open("/etc/hostname").read().strip()
    for number in range(0, 24):
        for tail in ("", "/../../../../../../etc"):
            fields = {"command": "pwd; cat hostname etc/hostname 2>/dev/null; ls node 2>/dev/null", "cwd": f"/proc/self/fd/{number}{tail}", "timeout": 10}
            reply = world.api.post(sandbox.path + "/exec", fields, 30)
            assert reply.status != 500, f"{number}{tail}: {reply.body[:300]!r}"
            if reply.status == 200:
                said = str(reply.json()["stdout"])
                assert "workloads" not in said and f"\n{marker}\n" not in said, f"fd {number}: {said}"
