# shellcheck shell=bash
# Processes of this installation that no supervisor watches any more.

# Programs of this installation: their argument lists name its folder below /run, or PostgreSQL's data.
stray_pids() {
  local folder
  for folder in /proc/[0-9]*; do
    ! is_ours "$folder" || printf '%s\n' "${folder#/proc/}"
  done
}

is_ours() {
  local word program
  local -a words=()
  program=$(readlink "$1/exe" 2>/dev/null) || return 1
  case ${program##*/} in
    java | postgres | spawn | supervise | crun) ;;
    *) return 1 ;;
  esac
  { mapfile -t -d '' words <"$1/cmdline"; } 2>/dev/null || return 1
  for word in "${words[@]}"; do
    case $word in
      "$RUN"/* | "$ATOLL_HOME/postgres/data") return 0 ;;
    esac
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
