# shellcheck shell=bash
# Who keeps the roles running: systemd where it is process 1, else native/supervise.
use systemd supervise

supervisor_kind() {
  case ${CONFIG[supervisor]} in
    auto) if [ "$(cat /proc/1/comm)" = systemd ] && [ -d /run/systemd/system ]; then printf 'systemd\n'; else printf 'builtin\n'; fi ;;
    *) printf '%s\n' "${CONFIG[supervisor]}" ;;
  esac
}

by_systemd() { [ "$(supervisor_kind)" = systemd ]; }

# The signal that ends a role in good order: PostgreSQL would wait for its clients on SIGTERM.
role_signal() { if [ "$1" = postgres ]; then printf 'SIGINT\n'; else printf 'SIGTERM\n'; fi; }

supervisor_write() {
  supervise_write
  ! by_systemd || units_write
}

# Whether the running roles are what they would be if they were started now.
supervisor_is_current() {
  local role
  supervise_spec | cmp -s - "$(supervise_file)" || return 1
  for role in node server edge; do ! runs_other_program "$role" || return 1; done
}

# Whether a role's process was started of another program than DIST: an upgrade that was cut off leaves such ones.
runs_other_program() {
  local pid words
  pid=$(role_pid "$1")
  [ -n "$pid" ] || return 1
  { words=$(tr '\0' ' ' <"/proc/$pid/cmdline"); } 2>/dev/null || return 1
  [ -n "$words" ] && [[ $words != *"$DIST/"* ]]
}

supervisor_start() {
  caches_collect
  supervisor_write
  if by_systemd; then
    systemctl enable "$(target_of)" >/dev/null 2>&1
    systemctl start "$(target_of)"
  else
    supervise_start
  fi
}

supervisor_stop() {
  local role
  if by_systemd; then
    for role in edge server node postgres prepare; do systemctl stop "$(unit_of "$role")" 2>/dev/null || true; done
    systemctl stop "$(target_of)" 2>/dev/null || true
  else
    supervise_stop
  fi
}

supervisor_is_alive() { if by_systemd; then systemctl -q is-active "$(target_of)"; else supervise_is_alive; fi; }

# Whether the roles are watched: when the supervisor was killed, another one takes over its running roles.
supervisor_goes_on() {
  supervisor_is_alive || {
    ! by_systemd && [ -r "$(supervise_state)" ] && namespace_is_pinned && supervise_start && sleep 0.3 && supervisor_is_alive
  }
}

supervisor_restart() { if by_systemd; then systemctl restart "$(unit_of "$1")"; else supervise_restart "$1"; fi; }

# The process of a role; nothing when it does not run.
role_pid() {
  if by_systemd; then
    systemctl show -p MainPID --value "$(unit_of "$1")" 2>/dev/null | grep -v '^0$' || true
  else
    supervise_pid "$1"
  fi
}

# How often a role has ended.
role_ends() {
  local count
  if by_systemd; then
    count=$(systemctl show -p NRestarts --value "$(unit_of "$1")" 2>/dev/null) || true
  else
    count=$(supervise_ends "$1")
  fi
  printf '%s\n' "${count:-0}"
}
