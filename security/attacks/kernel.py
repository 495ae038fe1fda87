"""Known ways to the kernel's settings, mounts, memory and devices."""

from lib.world import World

COMMANDS = (
    "mount -t proc proc /mnt",
    "mount -o remount,rw /proc/sys",
    "mount -t cgroup -o memory c /mnt",
    "mount -t cgroup2 c /mnt",
    "mount --bind / /mnt && umount /proc/kcore",
    "umount -l /proc/sys",
    "umount /sys/fs/cgroup",
    "for f in $(find /sys/fs/cgroup -name release_agent -o -name devices.allow -o -name cgroup.event_control); do echo /x > $f && exit 0; done; exit 1",
    "for n in vda vda1 sda nvme0n1 loop0 dm-0 mapper/control; do test -e /dev/$n && exit 0; done; exit 1",
    "debugfs -R 'cat /etc/shadow' /dev/vda",
    "echo 1 > /proc/1/clear_refs; echo 0-7 > /proc/self/cpuset; echo f > /proc/sysrq-trigger",
    "cat /proc/1/mem | head -c 1; dd if=/proc/self/mem bs=1 count=1 skip=18446744071562067968 2>/dev/null | grep -q .",
    "echo 'b:x:M::MZ::/tmp/x:' > /proc/sys/fs/binfmt_misc/register || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc",
    "mount -t overlay o -o lowerdir=/,upperdir=/tmp,workdir=/var/tmp /mnt",
    "mount -t fuse f /mnt || mount -t nfs 127.0.0.1:/ /mnt || mount -t debugfs d /mnt || mount -t tracefs t /mnt || mount -t bpf b /mnt",
    "mknod /tmp/sda b 8 0 && head -c 1 /tmp/sda",
    "mknod /tmp/vda b 254 0 && head -c 1 /tmp/vda",
    "mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem",
    "mknod /tmp/kvm c 10 232 && head -c 1 /tmp/kvm",
    "mknod /tmp/loop c 10 237 && : < /tmp/loop",
    "echo '|/tmp/x' > /proc/sys/kernel/core_pattern",
    "echo /tmp/x > /proc/sys/kernel/modprobe",
    "echo 1 > /proc/sys/kernel/sysrq",
    "echo 0 > /proc/sys/kernel/randomize_va_space",
    "echo 1 > /proc/sys/vm/overcommit_memory",
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
    "echo 0 > /proc/sys/user/max_user_namespaces",
    "echo b > /proc/sysrq-trigger",
    "echo x > /proc/self/attr/current && false",
    "head -c 1 /dev/mem",
    "head -c 1 /dev/kmem",
    "head -c 1 /dev/kmsg",
    "head -c 1 /dev/port",
    "dmesg",
    "head -c 4096 /proc/kcore | grep -q .",
    "head -c 1 /proc/kpageflags | grep -q .",
    "grep -q . /proc/keys",
    "awk '$1 !~ /^0+$/' /proc/kallsyms | grep -q .",
    "head -c 1 /proc/vmallocinfo",
    "insmod /tmp/none.ko || modprobe overlay",
    "unshare -Ur --mount sh -c 'mount -t sysfs s /mnt'",
    "nsenter -t 1 -m -u -i -n -p -- true",
    "date -s '2001-01-01'",
    "hostname stolen && test \"$(cat /proc/sys/kernel/hostname)\" = never",
    "test -e /dev/fuse -o -e /dev/net/tun -o -e /dev/loop-control -o -e /dev/vhost-net -o -e /dev/vsock",
    "test -e /dev/kvm",
    "ls /sys/kernel /sys/firmware /sys/class /sys/module /sys/bus",
    "echo 0 > /sys/devices/system/cpu/cpu1/online",
    "chroot /proc/1/root sh -c 'test -e /run/atoll'",
    "echo 0 > /proc/1/oom_score_adj && echo -1000 > /proc/self/oom_score_adj",
    "ulimit -c unlimited",
    "ulimit -Hn 10000000",
)

# With a network, mounts and namespaces of its own a sandbox may do these to itself. Formats of programs are a user namespace's own
# since Linux 6.7; before that they cannot be mounted there.
OWN = ("mount ", "umount ", "unshare", "nsenter", "hostname", "echo 1 > /proc/sys/net", "echo 0 > /proc/sys/user", "test -e /dev", "ls /sys", "echo 'b:x:")

# What nested virtualization gives; what can be done with it is an attack of its own.
GIVEN = ("test -e /dev/kvm", "mknod /tmp/kvm c 10 232 && head -c 1 /tmp/kvm")


def attack(world: World) -> None:
    sandbox = world.sandbox()
    if world.driver != "container":
        # Its kernel is its own, and may end of it; what of it reaches the host is what the host shows afterwards.
        for command in COMMANDS:
            answer = world.api.post(sandbox.path + "/exec", {"command": command, "timeout": 10}, 60)
            assert answer.status != 500, f"{command}: {answer.body[:300]!r}"
        return
    nested = world.docker
    for command in COMMANDS:
        if world.kvm and command in GIVEN:
            continue
        if nested and command.startswith(OWN):
            sandbox.exec(command, 20)
            continue
        result = sandbox.exec(command, 20)
        assert result.code != 0, f"{command} succeeded: {result}"
