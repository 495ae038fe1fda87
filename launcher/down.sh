# shellcheck shell=bash
# down: everything of this installation off the machine, its data kept.

command_down() {
  [ $# -eq 0 ] || die "'atoll down' takes no arguments"
  need_root down
  config_load
  need_identity
  home_lock
  local began
  began=$(now_ms)
  platform_down
  home_unlock
  say "Atoll is down, nothing is left ($(seconds_since "$began"))"
}

platform_down() {
  supervisor_stop
  end_strays
  tear_down
  namespace_unpin
  remove_run
  report_left || die "something of this installation is left on the machine" "run './atoll down' again, or remove what is named above"
}

# The node's own inverse of everything it made.
tear_down() {
  [ -r "$INSTALLATION" ] || return 0
  DIST=$(json_get dist <"$INSTALLATION")
  find_java || return 0
  namespace_is_pinned || namespace_pin
  run_tool node node com.atoll.node.TearDown >&2 2>>"$ATOLL_HOME/logs/node.log" || {
    say "  the node's tear-down failed: $(tail -n 3 "$ATOLL_HOME/logs/node.log")"
  }
}

remove_run() {
  local mounted
  mounted=$(awk -v run="$RUN/" 'index($5, run) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
  for mounted in $mounted; do umount "$mounted" || true; done
  [ ! -d "$RUN" ] || rm -rf --one-file-system "$RUN"
  rmdir /run/atoll 2>/dev/null || true
}

# Names what is still there; fails when something is. The kernel takes its time over network namespaces and what is in them.
report_left() {
  wait_until 10 nothing_left || {
    say "left on the machine:"
    say "$(left_behind)"
    return 1
  }
}

nothing_left() { [ -z "$(left_behind)" ]; }

left_behind() {
  local pid
  for pid in $(stray_pids); do printf '  process %s: %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-100)"; done
  guest_processes
  awk -v run="$RUN" '$5 == run || index($5, run "/") == 1 { print "  mount " $5 }' /proc/self/mountinfo
  left_of_home
  find /sys/fs/cgroup -type d -name "atoll-$ID*" -printf '  cgroup %p\n' 2>/dev/null || true
  find /run/netns -maxdepth 1 -name "atoll-$ID-*" -printf '  netns %p\n' 2>/dev/null || true
  ip -o link show 2>/dev/null | grep -Eo "^[0-9]+: ${ID}h[0-9]+" | sed 's/.*: /  interface /' || true
  nft list tables 2>/dev/null | grep -E "atoll[-_]$ID\b" | sed 's/^/  nft /' || true
  ip rule show 2>/dev/null | grep -i "$(printf 'fwmark 0x%x ' "$(or_identity firewall_mark)")" | sed 's/^/  ip rule /' || true
  ip -o -4 addr show | grep -F " ${IDENTITY[gateway_address]}/" | awk '{ print "  address " $4 " on " $2 }' || true
  ip -4 route show type unreachable 2>/dev/null | grep -F "$(or_identity address_pool)" | sed 's/^/  route /' || true
  [ ! -e "$RUN" ] || printf '  folder %s\n' "$RUN"
}

# What of the home's files is still in use, as the kernel names them.
left_of_home() {
  local home
  home=$(realpath -m "$ATOLL_HOME")/
  awk -v home="$home" 'index($5, home) == 1 { print "  mount " $5 }' /proc/self/mountinfo
  losetup -ln -O NAME,BACK-FILE 2>/dev/null | awk -v home="$home" 'index($2, home) == 1 { print "  loop device " $1 " on " $2 }'
}

# Processes whose user id lies in this installation's range.
guest_processes() {
  local low high count=${IDENTITY[uid_count]}
  low=$(or_identity uid_base)
  high=$((low + count))
  # ps prints ids of 2^31 or more as negative numbers.
  ps -eo uid=,pid=,stat=,args= | awk -v low="$low" -v high="$high" \
    '{ uid = $1 < 0 ? $1 + 4294967296 : $1 }
    uid >= low && uid < high && $3 !~ /^Z/ { print "  sandbox process " $2 ": " $4 " " $5 }'
}
