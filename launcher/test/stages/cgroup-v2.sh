#!/usr/bin/env bash
# The program on a machine of its own with one cgroup v2 hierarchy and a distribution's kernel, systemd as its first process: most
# machines are like that, and the one that runs the tests need not be. Emulated, so that it needs no KVM.
set -euo pipefail
# shellcheck source=../../common.sh
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages trixie_java
config_load
find_java
packages_need 'qemu-system-x86:qemu-system-x86_64 e2fsprogs:mke2fs'
scratch=$(mktemp -d /var/tmp/atoll-machine.XXXXXX)
root=$scratch/root
trap 'rm -rf --one-file-system "$scratch"' EXIT
trap 'exit 130' INT TERM

debian() {
  local entry packages=linux-image-cloud-amd64,initramfs-tools,systemd-sysv,udev,kmod
  for entry in $RUNTIME_PACKAGES; do packages+=,${entry%%:*}; done
  mmdebstrap --variant=minbase --include="$packages" bookworm "$root" "$(debian_mirror)" >"$scratch/mmdebstrap.log" 2>&1 || {
    tail -n 20 "$scratch/mmdebstrap.log" >&2
    return 1
  }
}

# The program, its Java and its image of sandboxes, as this installation has them: in there nothing is fetched or built.
program() {
  mkdir -p "$root/srv/atoll" "$root$JAVA_HOME" "$root/var/cache/atoll/images" "$root/var/lib/atoll" "$root/usr/local/share"
  cp -a "$(readlink -f "$ATOLL_HOME/dist/current")/." "$root/srv/atoll"
  cp -a "$JAVA_HOME/." "$root$JAVA_HOME"
  [ ! -d "$TOOLS/jdk" ] || { mkdir -p "$root$TOOLS" && cp -a "$TOOLS/jdk" "$root$TOOLS"; }
  cp "$ATOLL_HOME"/images/*.erofs "$root/var/cache/atoll/images"
  # They are part of what an image is called by.
  [ ! -d /usr/local/share/ca-certificates ] || cp -RL /usr/local/share/ca-certificates "$root/usr/local/share/"
  cp "$ATOLL_ROOT/launcher/test/machine-check.py" "$root/srv/check.py"
  printf 'machine\n' >"$root/etc/hostname"
  printf '127.0.0.1 localhost machine\n' >"$root/etc/hosts"
  cat >"$root/srv/check.sh" <<SH
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root JAVA_HOME=$JAVA_HOME ATOLL_HOME=/var/lib/atoll ATOLL_PORT=7070 ATOLL_TLS_PORT=7443
export ATOLL_IMAGE_CACHE=/var/cache/atoll/images
cd /srv/atoll
# Emulated, a role may take longer than up waits for it.
for attempt in 1 2 3; do
  ! ./atoll up || break
done
./atoll status && ./atoll doctor | grep cgroups
python3 /srv/check.py /var/lib/atoll 7070
./atoll down && [ -z "\$(ls -d /sys/fs/cgroup/atoll* 2>/dev/null)" ] && echo 'down leaves nothing: 1 passed, 0 failed'
SH
  cat >"$root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/bash /srv/check.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
UNIT
  # A login on the console would hang up whoever writes to it.
  ln -s /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
  ln -s ../check.service "$root/etc/systemd/system/multi-user.target.wants/check.service"
}

disk() {
  truncate -s 24G "$scratch/disk"
  mke2fs -q -t ext4 -d "$root" "$scratch/disk"
  cp "$root"/boot/vmlinuz-* "$scratch/kernel"
  cp "$root"/boot/initrd.img-* "$scratch/initrd"
  rm -rf --one-file-system "$root"
}

machine() {
  timeout --kill-after=10 2400 qemu-system-x86_64 -machine q35 -cpu max -accel tcg,thread=multi -smp 2 -m 6G -no-reboot \
    -kernel "$scratch/kernel" -initrd "$scratch/initrd" \
    -append 'root=/dev/vda rw console=ttyS0 quiet systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all mitigations=off' \
    -drive "file=$scratch/disk,if=virtio,format=raw,cache=unsafe" -nic none \
    -display none -monitor none -serial stdio </dev/null | tr -d '\r' | tee "$scratch/said"
}

step "a machine with Debian 12" debian
program
step "its disk" disk
machine
grep -q 'cgroups.*version 2' "$scratch/said"
grep -q '^cgroup v2: [1-9][0-9]* passed, 0 failed' "$scratch/said"
grep -q '^down leaves nothing: 1 passed' "$scratch/said"
