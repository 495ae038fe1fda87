#!/usr/bin/env bash
# The launcher on a bare Debian: a minimal root file system that has none of this machine's tools, and a clone whose path
# holds a space. bare-debian.sh [SUITE]: setup, build, up, status, down inside; needs root and mmdebstrap.
set -euo pipefail

ATOLL_ROOT=$(cd -P "$(dirname "$0")/../.." && pwd)
export ATOLL_ROOT
# shellcheck source=../common.sh
. "$ATOLL_ROOT/launcher/common.sh"
use packages
suite=${1:-bookworm}
scratch=$(mktemp -d /var/tmp/atoll-bare.XXXXXX)
root=$scratch/root
clone='/srv/a clone/atoll'
home=/srv/bare-$$

cleanup() {
  trap '' INT TERM
  set +e
  grep -lx "home = $home" /etc/atoll/installations/???? 2>/dev/null | while read -r file; do rm -f "$file"; done || true
  rm -rf --one-file-system "$scratch"
}

# inside SECONDS COMMAND…: in the root file system, in mount and process namespaces of its own, without this environment.
inside() {
  local seconds=$1
  shift
  # shellcheck disable=SC2016 # expanded inside
  timeout --kill-after=10 "$seconds" unshare --mount --pid --propagation private --fork --kill-child bash -euc '
    root=$1; shift
    mount --bind "$root" "$root"
    cd "$root"
    mount --rbind /dev dev
    mount --rbind /sys sys
    mount -t proc proc proc
    # Both see the same network and user ids: they choose from one list.
    mkdir -p /etc/atoll etc/atoll
    mount --bind /etc/atoll etc/atoll
    mkdir -p .host
    # A changed root of a chroot could make no user namespace: the mount namespace gets another root.
    pivot_root . .host
    exec chroot . /bin/sh -euc "umount -l /.host; exec /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \"\$@\"" in "$@"
  ' inside "$root" ATOLL_HOME="$home" ATOLL_PORT=17080 ATOLL_TLS_PORT=17443 \
    sh -c 'cd "$1"; shift; exec "$@"' in "$clone" "$@"
}

debootstrap() {
  mmdebstrap --variant=minbase --aptopt='Apt::Install-Recommends "false"' "$suite" "$root" "$(debian_mirror)" \
    >"$scratch/mmdebstrap.log" 2>&1 || {
    tail -n 20 "$scratch/mmdebstrap.log" >&2
    exit 1
  }
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  # The authorities that this machine's owner added belong to the network, not to its tools.
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp -RL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
}

copy_clone() {
  mkdir -p "$root$clone"
  (cd "$ATOLL_ROOT" && tar -c --exclude=target --exclude=.git --exclude=.venv --exclude=node_modules .) | tar -x -C "$root$clone"
}

use config toolchain trixie_java
trap cleanup EXIT
trap 'exit 130' INT TERM
step "a bare Debian $suite" debootstrap
copy_clone
for tool in java go crun nft python3 curl gcc; do
  [ ! -e "$root/usr/bin/$tool" ] || die "$tool is in the bare root already"
done
step "setup" inside 600 ./atoll setup
step "doctor" inside 60 ./atoll doctor
step "up, status, down" inside 1200 bash -euc "./atoll up; ./atoll status; ./atoll down; ./atoll uninstall --purge"
echo "bare Debian $suite: 1 passed, 0 failed"
