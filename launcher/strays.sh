# shellcheck shell=bash
# Processes of this installation that no supervisor watches any more.

# Processes whose argument list names this installation's file, or PostgreSQL on its data.
stray_pids() {
  local folder
  for folder in /proc/[0-9]*; do
    is_ours "$folder/cmdline" && printf '%s\n' "${folder#/proc/}"
  done
  return 0
}

is_ours() {
  local -a words=()
  local previous="" word
  { mapfile -t -d '' words <"$1"; } 2>/dev/null || return 1
  for word in "${words[@]}"; do
    case $previous in
      --installation) [ "$word" != "$INSTALLATION" ] || return 0 ;;
      -D) [ "$word" != "$ATOLL_HOME/postgres/data" ] || return 0 ;;
    esac
    previous=$word
  done
  return 1
}

# Asks them to end, then makes them.
end_strays() {
  local -a pids
  mapfile -t pids < <(stray_pids)
  [ "${#pids[@]}" -gt 0 ] || return 0
  say "  ending ${#pids[@]} processes that an earlier run left"
  kill -TERM "${pids[@]}" 2>/dev/null || true
  wait_until 5 none_alive "${pids[@]}" || kill -KILL "${pids[@]}" 2>/dev/null || true
  wait_until 5 none_alive "${pids[@]}" || die "processes did not end: ${pids[*]}"
}

none_alive() {
  local pid
  for pid in "$@"; do
    if [ -d "/proc/$pid" ] && [ "$(process_state "$pid")" != Z ]; then return 1; fi
  done
}

process_state() { sed -nE 's/^State:\s+(.).*/\1/p' "/proc/$1/status" 2>/dev/null || true; }
