# shellcheck shell=bash
# test [--all] [--only STAGE]: every test, on an installation of its own. Whatever happens, it ends in time and leaves the
# machine as it was: the stages run in a process group below a hard deadline, and what they installed is removed after them.
use suite

command_test() {
  SUITE_TAGS=fast SUITE_SECONDS=4200 SUITE_ONLY=''
  while [ $# -gt 0 ]; do
    case $1 in
      --all) SUITE_TAGS=all SUITE_SECONDS=21600 ;;
      --only)
        shift
        SUITE_ONLY=${1:?--only names a stage}
        ;;
      *) die "'atoll test' knows --all and --only STAGE" ;;
    esac
    shift
  done
  need_root test
  suite_begin
  trap suite_end EXIT
  trap 'SUITE_CODE=130; exit 130' INT TERM HUP
  timeout --kill-after=30 "$SUITE_SECONDS" bash "$ATOLL_ROOT/launcher/test/stages.sh" </dev/null &
  SUITE_PROCESS=$!
  wait "$SUITE_PROCESS" || SUITE_CODE=$?
  exit "$SUITE_CODE"
}
