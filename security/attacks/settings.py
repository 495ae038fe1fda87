"""Everything below /proc and /sys that lets itself be opened for writing belongs to the sandbox alone."""

import json

from lib.world import World

# With a kernel of its own whatever is written there is its own; what reaches the host is what the host shows afterwards.
DRIVERS = ("container",)

OWN = ("/proc/sys/net/", "/proc/sys/user/", "/proc/sys/fs/mqueue/")
# Of the namespaces of its users, names, processes and messages.
OWN_OF_KERNEL = {
    "auto_msgmni", "domainname", "hostname", "msg_next_id", "msgmax", "msgmnb", "msgmni", "ns_last_pid", "pid_max", "sem", "sem_next_id", "shm_next_id",
    "shm_rmid_forced", "shmall", "shmmax", "shmmni",
}
# A process says these of itself, or of another one of its own.
OF_PROCESSES = {
    "attr", "autogroup", "clear_refs", "comm", "coredump_filter", "gid_map", "loginuid", "make-it-fail", "mem", "oom_adj", "oom_score_adj", "projid_map", "sched",
    "setgroups", "timens_offsets", "timerslack_ns", "uid_map", "fail-nth", "timers", "environ", "syscall", "reclaim",
}


def attack(world: World) -> None:
    saw = json.loads(world.inside("writable.py", seconds=120).splitlines()[-1])
    assert saw["looked"] > 300, saw
    bad = [path for path in saw["open"] if not own(path, world.docker)]
    assert not bad, f"can be written: {bad[:40]}"
    assert not saw["devices"], f"devices of the host: {saw['devices']}"


def own(path: str, docker: bool) -> bool:
    if path.startswith("/proc/sys/"):
        name = path.rsplit("/", 1)[1]
        return docker and (path.startswith(OWN) or (path.startswith("/proc/sys/kernel/") and name in OWN_OF_KERNEL))
    parts = path.split("/")
    if path.startswith("/proc/") and parts[2].isdigit():
        return parts[3] in OF_PROCESSES or parts[3] in ("fd", "task", "map_files")
    # Control groups below its own are what an engine of containers makes; their limits are an attack of their own.
    return docker and (path.startswith("/sys/fs/cgroup/") or "/net/" in path)
