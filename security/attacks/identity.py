"""Root inside: who it is outside, what it may do, what it sees of others."""

import json

from lib.world import World

NEVER = {
    12: "NET_ADMIN", 13: "NET_RAW", 16: "SYS_MODULE", 17: "SYS_RAWIO", 19: "SYS_PTRACE", 21: "SYS_ADMIN", 22: "SYS_BOOT", 24: "SYS_RESOURCE",
    25: "SYS_TIME", 27: "MKNOD", 34: "SYSLOG", 38: "PERFMON", 39: "BPF", 40: "CHECKPOINT_RESTORE",
}
# Over a user namespace of its own, and over nothing else.
NESTED = {12, 13, 19, 21, 27}
SETUID = "cp /bin/cat /tmp/c && chmod u+s /tmp/c && /tmp/c /proc/self/status | awk '/CapEff/{print $2}'"
FILECAPS = (
    "python3 -c \"import os;os.setxattr('/tmp/c','security.capability',"
    "bytes.fromhex('0100000220000000000000002000000000000000'))\" && /tmp/c /proc/self/status | awk '/CapEff/{print $2}'"
)


def attack(world: World) -> None:
    sandbox = world.sandbox()
    nested = world.docker
    for line in (sandbox.run("awk '/CapBnd/{print $2}' /proc/self/status"), sandbox.run(SETUID)):
        for number, name in NEVER.items():
            held = int(line, 16) >> number & 1
            assert not held or (nested and number in NESTED), f"capability {name} in {line}"
    gained = sandbox.exec(FILECAPS)
    assert gained.code != 0 or not int(gained.out.strip() or "0", 16) >> 21 & 1 or nested, f"a file gave SYS_ADMIN: {gained}"
    assert int(sandbox.run("ls /proc | grep -c '^[0-9]'")) < 40
    assert "NodeMain" not in sandbox.run("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
    assert sandbox.run("find / -xdev -type s 2>/dev/null | head -5") == "" or nested
    sandbox.run("test ! -e /run/atoll")
    # Under gVisor not even root reads it: the agent's token is in there.
    environment = sandbox.exec("tr '\\0' '\\n' < /proc/1/environ")
    assert "ATOLL" not in environment.out.upper()
    assert (environment.code == 0) == (world.driver == "container"), environment
    if world.driver != "container":
        return
    first = world.host.machine_of(sandbox.run("cat /proc/self/uid_map"))
    assert first >= 1_900_000_000, first
    open_files = json.loads(sandbox.run(
        "python3 -c \"import os,json;print(json.dumps([os.readlink(f'/proc/1/fd/{f}') for f in os.listdir('/proc/1/fd')]))\""
    ))
    # Those of /proc that it answers for are the kernel's own, which its files cover.
    covered = {"/meminfo", "/stat", "/loadavg", "/cpuinfo"}
    paths = [each for each in open_files if each.startswith("/") and each != "/dev/null" and not each.startswith(("/sys/fs/cgroup/", "/proc/", "/fuse"))]
    assert not set(paths) - covered, f"the first process holds files of the host: {paths}"
    opened = sandbox.run("cd /proc/1/fd; for each in *; do (: >> $each) 2>/dev/null && readlink $each; (cd $each) 2>/dev/null && readlink $each; done; true")
    assert not set(opened.split()) & covered, f"the first process holds files of the host that lead further: {opened}"
