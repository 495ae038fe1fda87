# shellcheck shell=bash
# Where there is no systemd: native/supervise keeps the roles running. It reads one JSON file and writes the roles'
# process ids to another.

supervise_file() { printf '%s/supervise.json\n' "$RUN"; }
supervise_state() { printf '%s/supervise.state\n' "$RUN"; }

# What every role is, as JSON; systemd's units are made from the same values.
supervise_spec() {
  local role separator=''
  printf '{"state":%s,"roles":[\n' "$(json_string "$(supervise_state)")"
  for role in $(roles); do
    role_command "$role"
    printf '%s{"name":"%s","command":%s,"env":%s,"log":%s,' "$separator" "$role" \
      "$(json_list "${COMMAND[@]}")" \
      "$(json_list "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" LANG=C.UTF-8)" \
      "$(json_string "$ATOLL_HOME/logs/$role.log")"
    printf '"log_max_bytes":%s,"log_keep":%s,"stop_signal":"%s","stop_seconds":15}\n' \
      "$(megabytes "${CONFIG[log_file_mb]}")" "${CONFIG[log_files]}" "$(role_signal "$role")"
    separator=,
  done
  printf ']}\n'
}

supervise_write() { supervise_spec | write_file "$(supervise_file)" 600; }

# Becomes the supervisor. What the caller has open, such as a lock, is its own until its command ends, not until Atoll does.
supervise_run() {
  local fd
  for fd in "/proc/$BASHPID/fd/"*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || exec {fd}>&-
  done
  exec env -i PATH="$PATH" LANG=C.UTF-8 setsid "$DIST/bin/supervise" "$(supervise_file)"
}

supervise_start() {
  local pid
  supervise_run </dev/null >>"$ATOLL_HOME/logs/supervise.log" 2>&1 &
  pid=$!
  printf '%s\n' "$pid" >"$RUN/supervise.pid"
  # On a busy machine it is this shell for a while yet, which nobody would take for the supervisor.
  wait_until 10 supervise_began "$pid" || true
}

# Whether that process is the supervisor, or has ended.
supervise_began() { [ "/proc/$1/exe" -ef "$DIST/bin/supervise" ] || none_alive "$1"; }

# The supervisor's process, when it lives.
supervise_process() {
  local pid
  pid=$(cat "$RUN/supervise.pid" 2>/dev/null) || return 1
  { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qF "$(supervise_file)" || return 1
  printf '%s\n' "$pid"
}

supervise_is_alive() { supervise_process >/dev/null; }

supervise_stop() {
  local pid
  pid=$(supervise_process) || return 0
  kill -TERM "$pid"
  wait_until 60 none_alive "$pid" || kill -KILL "$pid"
}

# The supervisor reads its file again on SIGHUP and starts the role with what it says now.
supervise_restart() {
  local pid
  kill -HUP "$(supervise_process)"
  pid=$(supervise_pid "$1")
  [ -z "$pid" ] || kill "-$(role_signal "$1")" "$pid"
  [ -z "$pid" ] || wait_until 30 none_alive "$pid" || kill -KILL "$pid"
}

# The process of a role; nothing when it has ended, which the file of a supervisor that was killed does not say.
supervise_pid() {
  local role pid
  role=$(json_get "$1" <"$(supervise_state)" 2>/dev/null) || return 0
  pid=$(json_get pid <<<"$role") || return 0
  [ "$(json_get start_time <<<"$role")" = "$(start_time "$pid")" ] || return 0
  none_alive "$pid" || printf '%s\n' "$pid"
}

# When a process began, in ticks since the machine did: another one of the same id began at another time.
start_time() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  # What is in parentheses is a name with any characters.
  awk '{ print $20 }' <<<"${stat##*) }"
}

# Its log has a line for each end of a role.
supervise_ends() { grep -cE " supervise: $1 \(process [0-9]+\) ended\$" "$ATOLL_HOME/logs/supervise.log" 2>/dev/null || true; }

megabytes() { printf '%s\n' $(($1 * 1048576)); }
