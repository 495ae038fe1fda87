# shellcheck shell=bash
# The node's mount namespace, pinned to a file, so that a restarted node finds the mounts of the one before.

pin() { printf '%s/ns/mnt\n' "$RUN"; }
pin_parent() { printf '%s/ns\n' "$RUN"; }

is_mounted() { awk -v place="$1" '$5 == place { found = 1 } END { exit !found }' /proc/self/mountinfo; }

namespace_is_pinned() { is_mounted "$(pin)"; }

namespace_pin() {
  ! namespace_is_pinned || return 0
  install -d -m 0700 "$(pin_parent)"
  # A mount namespace can only be pinned on a private mount outside of itself.
  if ! is_mounted "$(pin_parent)"; then
    mount --bind "$(pin_parent)" "$(pin_parent)"
    mount --make-private "$(pin_parent)"
  fi
  : >"$(pin)"
  mkdir -p /run/crun
  namespace_make || die "the node's mount namespace could not be made: $(tail -n 1 "$(setup_log)")"
}

# The kernel pins a namespace only from an older one, and tells their age by ids that each processor hands out from a range of
# its own (seen in 6.18). Where this shell's namespace is a young one itself, in a container, only some processors will do.
namespace_make() {
  local processor
  for ((processor = 0; processor < $(nproc --all); processor++)); do
    ! namespace_make_on "$processor" 2>>"$(setup_log)" || return 0
  done
  return 1
}

namespace_make_on() {
  # shellcheck disable=SC2016 # expanded inside
  taskset --cpu-list "$1" unshare --mount="$(pin)" --propagation private bash -euc '
    # crun would write through a hybrid v2 hierarchy into the tmpfs that the host sees: it gets one of its own.
    if [ "$(stat -fc %T /sys/fs/cgroup)" = tmpfs ]; then
      ! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
      [ ! -d /sys/fs/cgroup/unified ] || mount -t tmpfs -o size=16m,mode=755 tmpfs /sys/fs/cgroup/unified
    fi
    mount -t tmpfs -o mode=700 crun /run/crun
    # What lives no longer than a machine does is written at each start: not to a disk, which /run is on some hosts.
    for folder in bundles crun guest; do
      install -d -m 0711 "$0/$folder"
      [ -n "$(ls -A "$0/$folder")" ] || mount -t tmpfs -o nosuid,nodev,mode=711 "atoll-$folder" "$0/$folder"
    done
  ' "$RUN"
}

namespace_unpin() {
  ! namespace_is_pinned || umount "$(pin)"
  ! is_mounted "$(pin_parent)" || umount "$(pin_parent)"
  rmdir /run/crun 2>/dev/null || true
}

# in_namespace COMMAND…: runs it where the node runs.
in_namespace() { nsenter --mount="$(pin)" -- "$@"; }
