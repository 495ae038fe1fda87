#!/usr/bin/env bash
# The stages of a test run, one after the other, each within its time. Started by 'atoll test', never alone.
set -euo pipefail
# shellcheck source=../common.sh
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages setup build suite

stages=$ATOLL_ROOT/launcher/test/stages
failures=0

# stage NAME SECONDS: runs stages/NAME.sh; its counts come from what it printed.
stage() {
  local name=$1 seconds=$2 began code=0 passed failed words=ok
  began=$(now_ms)
  printf '\n== %s (at most %s s)\n' "$name" "$seconds"
  timeout --kill-after=20 "$seconds" bash "$stages/$name.sh" </dev/null >"$SUITE_LOGS/$name.log" 2>&1 || code=$?
  read -r passed failed < <(bash "$stages/count.sh" "$SUITE_LOGS/$name.log")
  if [ "$code" -ne 0 ]; then
    words=FAILED
    [ "$code" -ne 124 ] && [ "$code" -ne 137 ] || words="FAILED: took more than $seconds s"
    [ "$failed" -gt 0 ] || failed=1
    failures=$((failures + 1))
    bash "$stages/excerpt.sh" "$SUITE_LOGS/$name.log"
    # What the roles said goes with the installation otherwise.
    [ ! -d "$ATOLL_HOME/logs" ] || cp -R "$ATOLL_HOME/logs" "$SUITE_LOGS/$name-roles"
  elif [ -n "$SUITE_PROGRESS" ] && suite_stages | grep -e "^$name " >/dev/null; then
    printf '%s %s %s %s\n' "$name" "$passed" "$failed" "$words, $(seconds_since "$began")" >>"$SUITE_PROGRESS"
  fi
  suite_result "$name" "$passed" "$failed" "$words, $(seconds_since "$began")"
  printf '%s: %s passed, %s failed (%s)\n' "$name" "$passed" "$failed" "$(seconds_since "$began")"
  return "$code"
}

# The unit tests need the program of gVisor too, before there is an installation that allows it.
# shellcheck disable=SC2034 # read by config_load
ATOLL_ISOLATION='container, gvisor'
config_load
setup_machine
packages_need "$TEST_PACKAGES"

# What an earlier part of the run has behind it counts in the summary.
[ -z "$SUITE_PROGRESS" ] || sed '1d; s/$/, earlier/' "$SUITE_PROGRESS" >>"$SUITE_RESULTS"

# The installation that the stages share: none, up, or failed.
platform=none

platform_needed() {
  [ "$platform" = none ] || return 0
  if stage platform 900; then platform=up; else platform=failed; fi
}

platform_done() {
  [ "$platform" = up ] || return 0
  platform=none
  stage down 150 || true
}

while read -r -u 3 name seconds need tier; do
  suite_part "$name" "$tier" || continue
  case $need in
    platform) platform_needed ;;
    *) platform_done ;;
  esac
  [ "$need $platform" = 'platform failed' ] || stage "$name" "$seconds" || true
done 3< <(suite_stages)
platform_done
[ "$failures" -eq 0 ]
