# shellcheck shell=bash
# doctor: what this machine can do for Atoll, and how to fix what is missing. Fails when something needed is missing.

command_doctor() {
  [ $# -eq 0 ] || die "'atoll doctor' takes no arguments"
  config_load
  DOCTOR_FAILED=0
  check_configuration
  check_system
  check_kernel
  check_files
  check_network
  check_room
  [ "$DOCTOR_FAILED" -eq 0 ] || {
    printf '\n%s problems to fix before Atoll runs here\n' "$DOCTOR_FAILED"
    return 1
  }
  printf '\nthis machine can run Atoll\n'
}

good() { printf '  ok    %-18s %s\n' "$1" "$2"; }
note() { printf '  note  %-18s %s\n' "$1" "$2"; }
bad() {
  printf '  FAIL  %-18s %s\n        fix: %s\n' "$1" "$2" "$3"
  DOCTOR_FAILED=$((DOCTOR_FAILED + 1))
}

check_configuration() {
  local at
  for ((at = 0; at < ${#CONFIG_PROBLEMS[@]}; at += 2)); do
    bad configuration "${CONFIG_PROBLEMS[at]}" "${CONFIG_PROBLEMS[at + 1]}"
  done
}

check_system() {
  local -a missing
  good distribution "$(distribution)"
  if [ "$(id -u)" -eq 0 ]; then good user root; else bad user "$(id -un)" "run Atoll as root: sudo ./atoll doctor"; fi
  mapfile -t missing < <(missing_packages "$RUNTIME_PACKAGES")
  if [ "${#missing[@]}" -eq 0 ]; then
    good packages "all there"
  else
    bad packages "missing: ${missing[*]}" "./atoll setup"
  fi
  if find_java; then good java "$(java_line)"; else bad java "no JDK 25" "./atoll setup"; fi
  if is_installed_program || find_go; then good go "${GO:-not needed}"; else bad go "no Go 1.26 or newer" "./atoll setup"; fi
  if [ "$(process_name 1)" = systemd ]; then
    good supervisor "systemd: Atoll returns after a reboot"
  else
    note supervisor "no systemd: Atoll's own supervisor; run './atoll up' after a reboot"
  fi
}

java_line() { printf '%s (%s)\n' "$(sed -nE 's/^JAVA_VERSION="(.*)"/\1/p' "$JAVA_HOME/release")" "$JAVA_HOME"; }
process_name() { cat "/proc/$1/comm" 2>/dev/null || true; }

check_kernel() {
  good kernel "$(uname -r)"
  case $(stat -fc %T /sys/fs/cgroup 2>/dev/null) in
    cgroup2fs) check_controllers ;;
    tmpfs) good cgroups "version 1 or hybrid: $(cgroup_v1_controllers)" ;;
    *) bad cgroups "not mounted" "mount -t cgroup2 none /sys/fs/cgroup" ;;
  esac
  if [ ! -e /dev/kvm ]; then
    note kvm "no /dev/kvm: sandboxes run no virtual machines"
  elif [ "${CONFIG[nested_virtualization]}" = true ]; then
    good kvm "for sandboxes that ask for it"
  else
    note kvm "not allowed: nested_virtualization = true in $(config_file) lets sandboxes ask for it"
  fi
  if grep -qsE 'kind"?[[:space:]]*:[[:space:]]*"?[a-z0-9.-]+/gpu' /etc/cdi/*.{json,yaml} /var/run/cdi/*.{json,yaml}; then
    good gpus "for sandboxes that ask for them"
  else
    note gpus "none described in /etc/cdi; with a driver of NVIDIA: nvidia-ctk cdi generate --output /etc/cdi/nvidia.yaml"
  fi
  if [ -c /dev/fuse ]; then
    good fuse "sandboxes read their own memory and processors in /proc"
  else
    note fuse "no /dev/fuse: /proc/meminfo in sandboxes shows the machine's memory"
  fi
  if ! allows_isolation gvisor; then
    note gvisor "not allowed: isolation = container, gvisor in $(config_file) lets sandboxes ask for it"
  elif runsc_is_there; then
    good gvisor "$(runsc_path)"
  else
    note gvisor "allowed and not built yet: ./atoll up builds it"
  fi
  check_microvm
  if unshare --user --map-root-user true 2>/dev/null; then
    good "user namespaces" yes
  else
    bad "user namespaces" "refused" "sysctl user.max_user_namespaces=65536 kernel.unprivileged_userns_clone=1"
  fi
}

check_controllers() {
  local controllers wanted
  controllers=" $(cat /sys/fs/cgroup/cgroup.controllers) "
  for wanted in cpu memory pids; do
    [[ $controllers == *" $wanted "* ]] || {
      bad cgroups "version 2 without the $wanted controller" "boot without cgroup_disable=$wanted"
      return 0
    }
  done
  good cgroups "version 2:$controllers"
}

cgroup_v1_controllers() {
  awk '$3 == "cgroup" { n = split($2, part, "/"); printf "%s ", part[n] }' /proc/mounts
}

# has_filesystem NAME: known to the kernel, or there once its module is loaded.
has_filesystem() { grep -qw "$1" /proc/filesystems || modprobe -q "$1" 2>/dev/null && grep -qw "$1" /proc/filesystems; }

check_microvm() {
  if ! allows_isolation microvm; then
    note microvm "not allowed: isolation = container, microvm in $(config_file) lets sandboxes ask for it"
  elif ! microvm_is_there; then
    note microvm "allowed and not there yet: ./atoll up puts it together"
  elif [ "${CONFIG[microvm_emulation]}" = true ]; then
    note microvm "emulated, without KVM: for tests only"
  elif [ ! -x "$ATOLL_HOME/dist/current/bin/vm" ] || microvm_runs "$ATOLL_HOME/dist/current/bin"; then
    good microvm "$(microvm_path)"
  else
    bad microvm "this machine's KVM does not boot its kernel" "take microvm out of isolation in $(config_file)"
  fi
}

check_files() {
  local name
  for name in overlay btrfs erofs; do
    if has_filesystem "$name"; then good "$name" yes; else bad "$name" "the kernel has no $name" "install a kernel with CONFIG_${name^^}_FS"; fi
  done
  check_idmap
  if kernel_at_least 6 7; then
    good "disk limits" "btrfs simple quotas"
  else
    note "disk limits" "kernel older than 6.7: a sandbox's disk is limited by an image of its own"
  fi
  if [ -e /dev/loop-control ]; then good "loop devices" yes; else bad "loop devices" "no /dev/loop-control" "modprobe loop"; fi
}

kernel_at_least() {
  local major minor
  IFS=.- read -r major minor _ < <(uname -r)
  [ "$major" -gt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -ge "$2" ]; }
}

# Overlay on an id-mapped lower came with 5.19.
check_idmap() {
  if kernel_at_least 5 19; then
    good "idmapped mounts" yes
  else
    bad "idmapped mounts" "kernel $(uname -r) is older than 5.19" "install a newer kernel"
  fi
}

check_network() {
  if is_there nft && nft list tables >/dev/null 2>&1; then
    good nft yes
  else
    bad nft "nftables does not answer" "./atoll setup, or a kernel with CONFIG_NF_TABLES"
  fi
  if timeout 5 getent ahosts x.localhost >/dev/null 2>&1; then
    good "*.localhost" "resolves"
  else
    bad "*.localhost" "getaddrinfo does not resolve it" "apt-get install libnss-myhostname"
  fi
  check_free_port port
  check_free_port tls_port
}

check_free_port() {
  local holder
  [ -z "$(config_problem port "${CONFIG[$1]}")" ] || return 0 # That was said.
  holder=$(ss -Hltnp "sport = :${CONFIG[$1]}" 2>/dev/null | head -n 1 | sed -nE 's/.*users:\(\(//; s/\)\).*//p' | tr -d '"')
  if [ -z "$holder" ]; then
    good "$1 ${CONFIG[$1]}" free
  elif identity_load && [ -n "$(role_pid edge)" ] && [[ $holder == *"pid=$(role_pid edge),"* ]]; then
    good "$1 ${CONFIG[$1]}" "this installation's gateway"
  else
    bad "$1 ${CONFIG[$1]}" "in use: $holder" "ATOLL_${1^^}=NUMBER ./atoll up"
  fi
}

check_room() {
  local folder=$ATOLL_HOME free memory
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(df --output=avail -m "$folder" | tail -n 1 | tr -d ' ')
  if [ "$free" -ge 10240 ]; then
    good disk "$((free / 1024)) GiB free for $ATOLL_HOME"
  else
    bad disk "only $free MiB free for $ATOLL_HOME" "free 10 GiB, or set ATOLL_HOME to a larger file system"
  fi
  memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  if [ "$memory" -ge 3500 ]; then
    good memory "$((memory / 1024)) GiB"
  else
    bad memory "only $memory MiB" "4 GiB are needed for the platform and a few sandboxes"
  fi
}
