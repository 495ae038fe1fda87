# shellcheck shell=bash
# test: every test, on an installation of its own. Whatever happens, it ends in time and leaves the machine as it was: the
# stages run in a process group below a hard deadline, and what they installed is removed after them.
use suite

test_help() {
  cat <<'TEXT'
atoll test [--all] [--resume] [--only STAGE,...]

Sets up the machine and runs every test on an installation of its own, which it removes afterward.

  --all         the second tier too: drivers, virtual machines, generated calls, ten thousand random steps (at most 6 hours)
  --resume      go on with the last run of this tier that was cut short or was red, of these same sources: what passed in it
                is not run again
  --only ...    these stages and what they need: two machines, or two clones, share the second tier by it

TEXT
  printf 'Stages, those in parentheses of --all: %s\n' "$(suite_stages | awk '{ printf sep ($4 == "all" ? "(" $1 ")" : $1); sep = ", " }')"
}

command_test() {
  SUITE_TAGS=fast SUITE_SECONDS=4200 SUITE_ONLY='' SUITE_RESUME=''
  while [ $# -gt 0 ]; do
    case $1 in
      --all) SUITE_TAGS=all SUITE_SECONDS=21600 ;;
      --resume) SUITE_RESUME=yes ;;
      --only)
        shift
        suite_only "${1:-}"
        ;;
      --help | -h) test_help && return 0 ;;
      *) die "'atoll test' does not know '$1'" "./atoll test --help" ;;
    esac
    shift
  done
  [ -z "$SUITE_ONLY" ] || [ -z "$SUITE_RESUME" ] || die "--only and --resume do not go together" "./atoll test --help"
  need_root test
  suite_begin
  trap suite_end EXIT
  trap 'SUITE_CODE=130; exit 130' INT TERM HUP
  timeout --kill-after=30 "$SUITE_SECONDS" bash "$ATOLL_ROOT/launcher/test/stages.sh" </dev/null &
  SUITE_PROCESS=$!
  wait "$SUITE_PROCESS" || SUITE_CODE=$?
  exit "$SUITE_CODE"
}
