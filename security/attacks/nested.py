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
    "mount -t cgroup -o devices,release_agent=/tmp/x d /mnt", "losetup -f /tmp/x",
    "nsenter --net=/proc/1/ns/net ip link set eth0 netns 0", "echo '|/tmp/x' > /proc/sys/kernel/core_pattern", "echo 3 > /proc/sys/vm/drop_caches",
    "echo 1 > /proc/sys/net/netfilter/nf_conntrack_max", "echo 1 > /proc/sys/net/core/rmem_max", "chroot /proc/1/root/../../.. test -e /run/atoll",
    "python3 -c \"import socket; socket.socket(40,1)\"", "head -c1 /dev/loop2", "echo x > /proc/sysrq-trigger", "head -c1 /proc/kcore", "head -c1 /proc/kmsg",
)


# Asks the resolver by an interface for its own name; says whether anything was answered.
ASK = r"""
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[1].encode())
s.settimeout(2)
s.sendto(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x09localhost\x00\x00\x01\x00\x01", (sys.argv[2], 53))
try:
    print("answered" if s.recv(512) else "empty")
except OSError:
    print("silence")
"""

# Where the kernel has that kind: on top of its own interface, with an address that is not its own.
OTHER_ADDRESS = (
    "ip link add link eth0 name other type macvlan mode bridge || exit 9; ip link set dev other up; ip addr add {0}/32 dev other;"
    " ip neigh add {1} lladdr 02:00:00:00:00:01 dev other; ip route add {1} dev other src {0} metric 1"
)

OPTION = "docker"


def attack(world: World) -> None:
    sandbox = world.sandbox()
    sandbox.exec("echo 2000 > /proc/sys/kernel/pid_max; mount -o remount,rw /sys; mkdir -p /mnt/x; mknod /dev/loop2 b 7 2; mknod /dev/vda b 254 0", 20)
    for command in REFUSED:
        result = sandbox.exec(command, 20)
        assert result.code != 0, f"{command} succeeded: {result}"
    sandbox.write("/tmp/ask.py", ASK.encode())
    gateway = sandbox.run("ip route | awk '/^default/{print $3; exit}'")
    assert sandbox.run(f"python3 /tmp/ask.py eth0 {gateway}") == "answered"
    if sandbox.exec(OTHER_ADDRESS.format(world.neighbor.run("hostname -I").split()[0], gateway), 20).code == 0:
        assert sandbox.run(f"python3 /tmp/ask.py other {gateway}") == "silence", "an address of somebody else is answered"
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
