"""A sandbox that may mount and make networks, against the settings, devices and memory of the host behind it."""

from lib.world import World

OWN_SETTINGS = ("/proc/sys/net/", "/proc/sys/user/", "/proc/sys/kernel/", "/proc/sys/fs/mqueue/")
OWN_OF_KERNEL = {
    "auto_msgmni", "domainname", "hostname", "msg_next_id", "msgmax", "msgmnb", "msgmni", "ns_last_pid", "pid_max", "sem", "sem_next_id", "shm_next_id",
    "shm_rmid_forced", "shmall", "shmmax", "shmmni",
}
FILES = "find {} -xdev -type f 2>/dev/null | while read -r f; do [ -w \"$f\" ] && (: >> \"$f\") 2>/dev/null && echo \"$f\"; done; true"
REFUSED = (
    "mount -t debugfs d /mnt", "mount -t tracefs d /mnt", "mount -t securityfs d /mnt", "mount -t bpf d /mnt/x -o delegate_cmds=any",
    "mount -t configfs d /mnt", "mount -t pstore d /mnt", "mount -t devtmpfs d /mnt", "mount -t btrfs /dev/loop2 /mnt", "mount -t ext4 /dev/vda /mnt",
    "mount -t cgroup -o devices,release_agent=/tmp/x d /mnt", "losetup -f /tmp/x", "ip link add link eth0 name m type macvlan",
    "nsenter --net=/proc/1/ns/net ip link set eth0 netns 0", "echo '|/tmp/x' > /proc/sys/kernel/core_pattern", "echo 3 > /proc/sys/vm/drop_caches",
    "echo 1 > /proc/sys/net/netfilter/nf_conntrack_max", "echo 1 > /proc/sys/net/core/rmem_max", "chroot /proc/1/root/../../.. test -e /run/atoll",
    "python3 -c \"import socket; socket.socket(40,1)\"", "head -c1 /dev/loop2", "echo x > /proc/sysrq-trigger", "head -c1 /proc/kcore", "head -c1 /proc/kmsg",
)


OPTION = "docker"


def attack(world: World) -> None:
    sandbox = world.sandbox()
    sandbox.exec("echo 2000 > /proc/sys/kernel/pid_max; mount -o remount,rw /sys; mkdir -p /mnt/x; mknod /dev/loop2 b 7 2; mknod /dev/vda b 254 0", 20)
    for command in REFUSED:
        result = sandbox.exec(command, 20)
        assert result.code != 0, f"{command} succeeded: {result}"
    written = sandbox.run(FILES.format("/sys"), 90).splitlines()
    assert not [each for each in written if "/net/" not in each], f"written: {written}"
    settings = sandbox.run(FILES.format("/proc/sys"), 90).splitlines()
    other = [
        each for each in settings
        if not each.startswith(OWN_SETTINGS) or (each.startswith("/proc/sys/kernel/") and each.rsplit("/", 1)[1] not in OWN_OF_KERNEL)
    ]
    assert not other, f"settings of the host can be written: {other}"
    limits = "memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us devices/devices.allow memory.max pids.max cpu.max"
    raised = sandbox.run(f"cd /sys/fs/cgroup; for f in {limits}; do [ -e $f ] && (echo 99999999999 > $f) 2>/dev/null && echo $f; done; true")
    assert not raised, f"limits raised: {raised}"
    # What it froze itself does not outlive it.
    sandbox.exec("mkdir -p /sys/fs/cgroup/freezer/x && (sleep 300 & echo $! > /sys/fs/cgroup/freezer/x/tasks; echo FROZEN > /sys/fs/cgroup/freezer/x/freezer.state)", 10)
    first = world.host.machine_of(sandbox.run("cat /proc/self/uid_map"))
    sandbox.destroy()
    world.host.eventually(lambda: not world.host.processes_of(first), "its processes are gone")
