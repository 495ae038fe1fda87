# shellcheck shell=bash
# System packages: what is missing is installed on Debian and Ubuntu, and named elsewhere.

APT_UPDATED=

# What must be there, as PACKAGE:PROOF, where the proof is a command or a file.
RUNTIME_PACKAGES='
crun:crun
btrfs-progs:mkfs.btrfs
nftables:nft
iproute2:ip
mmdebstrap:mmdebstrap
erofs-utils:mkfs.erofs
mount:losetup
util-linux:nsenter
procps:pgrep
passwd:useradd
curl:curl
python3:python3
xz-utils:xz
zstd:zstd
tar:tar
ca-certificates:/etc/ssl/certs/ca-certificates.crt
libnss-myhostname:/usr/lib/*-linux-gnu/libnss_myhostname.so.2
libnftables1:/usr/lib/*-linux-gnu/libnftables.so.1
'
BENCH_PACKAGES='
nginx-light:nginx
'
TEST_PACKAGES="
$BENCH_PACKAGES
docker-registry:docker-registry
openssh-client:ssh
shellcheck:shellcheck
python3-venv:/usr/lib/python3*/ensurepip/__init__.py
"

is_there() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
  esac
}

# missing_packages LIST: the names of those whose proof is not there.
missing_packages() {
  local entry
  for entry in $1; do
    is_there "${entry#*:}" || printf '%s\n' "${entry%%:*}"
  done
}

distribution() {
  (
    ID='' ID_LIKE='' VERSION_ID=''
    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || . /etc/os-release
    printf '%s %s %s\n' "$ID" "${VERSION_ID:-rolling}" "$ID_LIKE"
  )
}

is_debian_like() { command -v apt-get >/dev/null && [[ $(distribution) =~ (debian|ubuntu) ]]; }

# packages_need LIST: installs what is missing.
packages_need() {
  local -a missing
  mapfile -t missing < <(missing_packages "$1")
  [ "${#missing[@]}" -gt 0 ] || return 0
  is_debian_like || die "these packages are missing: ${missing[*]}" \
    "install what your distribution calls them, then run this again; Atoll installs them itself on Debian and Ubuntu"
  need_root setup
  apt_install "${missing[@]}"
}

apt_install() {
  local began
  began=$(now_ms)
  apt_update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 \
    "$@" >"$(setup_log)" 2>&1 || die "apt-get could not install $*: $(tail -n 3 "$(setup_log)")" \
    "apt-get install $*"
  say "  installed $* ($(seconds_since "$began"))"
}

# At most once in a run.
apt_update() {
  [ -z "$APT_UPDATED" ] || return 0
  APT_UPDATED=yes
  apt-get update -o DPkg::Lock::Timeout=120 >"$(setup_log)" 2>&1 ||
    die "apt-get update failed: $(tail -n 3 "$(setup_log)")"
}

# logged COMMAND…: what it says goes to the log of the set-up.
logged() { "$@" >>"$(setup_log)" 2>&1; }

setup_log() {
  mkdir -p "$ATOLL_HOME/logs"
  printf '%s/logs/setup.log\n' "$ATOLL_HOME"
}

# *.localhost must resolve for programs that ask the C library.
ensure_local_names() {
  [ -w /etc/nsswitch.conf ] || return 0
  ! grep -Eq '^hosts:.*myhostname' /etc/nsswitch.conf || return 0
  sed -i -E '/^hosts:/ s/\bfiles\b/files myhostname/' /etc/nsswitch.conf
}
