# shellcheck shell=bash
# What up does to the machine is replaced; the launcher's own functions call what replaces it.
# shellcheck disable=SC2317
use up

# An up that is ended in the middle of its start, on a machine where the namespace is pinned or is not.
interrupted_up() {
  local pinned=$1 signal=$2
  printf 'id = abcd\n' >"$ATOLL_HOME/identity"
  use down
  need_whole() { :; }
  setup_machine() { :; }
  build_and_install() { :; }
  identity_make() { identity_load; }
  users_make() { :; }
  folders_make() { :; }
  config_persist() { :; }
  namespace_is_pinned() { [ -n "$pinned" ]; }
  platform_down() { say "the platform goes down"; }
  start_or_keep() {
    kill -"$signal" "$BASHPID"
    say "it went on"
  }
  use() { :; } # down is read already
  (platform_up) 2>&1
}

test_who_interrupts_up_keeps_what_was_there_before() {
  local output code signal
  for signal in INT TERM; do
    code=0
    output=$(interrupted_up yes "$signal") || code=$?
    assert_is 130 "$code"
    assert_has "what was there before is left as it is" "$output"
    [[ $output != *'goes down'* ]]
    [[ $output != *'it went on'* ]]
  done
}

test_who_interrupts_the_first_up_has_nothing_left() {
  local output code signal
  for signal in INT TERM; do
    code=0
    output=$(interrupted_up '' "$signal") || code=$?
    assert_is 130 "$code"
    assert_has 'the platform goes down' "$output"
  done
}
