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
  [ -z "$SUITE_ONLY" ] || [ "$SUITE_ONLY" = "$name" ] || [[ " ${3:-} " == *" $SUITE_ONLY "* ]] || return 0
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

stage launcher 180 || true
stage native 400 || true
stage java 1500 || true
if stage platform 900 'conformance scenarios fuzz security walk'; then
  stage conformance 900 || true
  stage scenarios 2400 || true
  if [ "$SUITE_TAGS" = all ]; then stage gvisor 2400 || true; fi
  if [ "$SUITE_TAGS" = all ]; then stage microvm 3600 || true; fi
  if [ "$SUITE_TAGS" = all ]; then stage security 3600 || true; else stage security 700 || true; fi
  if [ "$SUITE_TAGS" = all ] || [ "$SUITE_ONLY" = fuzz ]; then stage fuzz 1500 || true; fi
  if [ "$SUITE_TAGS" = all ] || [ "$SUITE_ONLY" = walk ]; then stage walk 9000 || true; fi
  stage down 150 'conformance scenarios fuzz security walk' || true
fi
if [ "$SUITE_TAGS" = all ] || [ "$SUITE_ONLY" = bare-debian ]; then stage bare-debian 1200 || true; fi
[ "$failures" -eq 0 ]
