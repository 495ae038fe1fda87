# shellcheck shell=bash
# logs [ROLE] [-f] [-n LINES]

command_logs() {
  local role='' follow='' lines=200
  config_load
  while [ $# -gt 0 ]; do
    case $1 in
      -f | --follow) follow=-F ;;
      -n | --lines)
        shift
        lines=${1:-}
        is_number "$lines" 0 1000000 || die "'$lines' is not a number of lines"
        ;;
      postgres | node | server | edge | setup | supervise)
        [ -z "$role" ] || die "'atoll logs' shows one role, or all"
        role=$1
        ;;
      *) die "'atoll logs' does not know '$1'" "atoll logs [postgres|node|server|edge|setup|supervise] [-f] [-n LINES]" ;;
    esac
    shift
  done
  local -a files
  mapfile -t files < <(compgen -G "$ATOLL_HOME/logs/${role:-*}.log")
  [ "${#files[@]}" -gt 0 ] || die "there are no logs in $ATOLL_HOME/logs"
  # shellcheck disable=SC2086 # an option or nothing
  exec tail -n "$lines" $follow -- "${files[@]}"
}
