# shellcheck shell=bash
# What replaces the build is called by the launcher's own functions.
# shellcheck disable=SC2154,SC2317
use cli

a_clone_of_the_client() {
  ATOLL_ROOT="$ATOLL_HOME/a clone" XDG_CACHE_HOME=$ATOLL_HOME/cache
  unset ATOLL_API_URL
  mkdir -p "$ATOLL_ROOT/cli/src/main" "$ATOLL_ROOT/cli/target"
  echo one >"$ATOLL_ROOT/cli/src/main/A.java"
  echo '<version>1.2.3</version>' >"$ATOLL_ROOT/pom.xml"
  built=0
  build_java() {
    assert_is cli "$1"
    built=$((built + 1))
    echo jar >"$ATOLL_ROOT/cli/target/atoll-cli-1.2.3.jar"
    : >"$ATOLL_ROOT/cli/target/classpath.txt"
  }
}

test_without_an_installation_an_api_elsewhere_is_enough() {
  a_clone_of_the_client
  cli_program sandbox ls --api-url http://elsewhere/api/v1
  assert_is "$DIST/lib/atoll-cli-1.2.3.jar" "$(class_path "$DIST" cli)"
  ATOLL_API_URL=http://elsewhere/api/v1 cli_program sandbox ls
  assert_is 1 "$built"
  echo two >"$ATOLL_ROOT/cli/src/main/A.java"
  cli_program --api-url=http://elsewhere/api/v1 sandbox ls
  assert_is 2 "$built"
  assert_is 1 "$(find "$XDG_CACHE_HOME/atoll/client" -mindepth 1 -maxdepth 1 | wc -l)"
}

test_without_an_installation_and_an_api_it_is_said_what_is_missing() {
  a_clone_of_the_client
  assert_fails 'not installed' cli_program sandbox exec demo -- curl --api-url x
  assert_fails '--api-url or ATOLL_API_URL' cli_program sandbox ls
}

test_the_address_of_the_gateway_is_found_where_sigpipe_is_ignored() {
  trap '' PIPE
  # shellcheck disable=SC2034
  CONFIG[bind]='10.0.0.1, ::1'
  local try
  for try in {1..50}; do assert_is 10.0.0.1 "$(gateway_address 2>&1)"; done
  CONFIG[bind]=::
  assert_is '[::1]' "$(gateway_address)"
}

test_the_key_of_this_installation_is_told_to_no_other() {
  unset ATOLL_API_URL ATOLL_API_KEY
  echo secret >"$ATOLL_HOME/admin.key"
  key_for() { (cli_environment "$@" && printf '%s' "${ATOLL_API_KEY:-none}"); }
  assert_is secret "$(key_for sandbox ls)"
  assert_is secret "$(key_for sandbox ls --api-url "$(api_url)")"
  assert_is none "$(key_for sandbox ls --api-url http://elsewhere/api/v1)"
  assert_is none "$(ATOLL_API_URL=http://elsewhere/api/v1 key_for sandbox ls)"
  assert_is own "$(ATOLL_API_KEY=own key_for --api-url=http://elsewhere/api/v1 sandbox ls)"
}

test_no_file_of_the_program_takes_the_place_of_a_closed_stream() {
  stream() { readlink "/proc/$BASHPID/fd/$1" >&9; }
  assert_is $'/dev/null\n/dev/null' "$( (fill_descriptors && stream 0 && stream 1) 9>&1 <&- >&-)"
  assert_is /dev/null "$( (fill_descriptors && stream 2) 9>&1 2>&-)"
  # A result that goes nowhere is no success.
  assert_has 'Bad file descriptor' "$( (fill_descriptors && printf result || true) 2>&1 >&-)"
}

test_every_command_explains_itself_and_does_nothing_else() {
  local command
  for command in setup up down status doctor logs quickstart test bench upgrade uninstall org boot version backup restore archive; do
    assert_has "atoll $command" "$("$ATOLL_ROOT/atoll" "$command" --help)"
    assert_has "atoll $command" "$("$ATOLL_ROOT/atoll" "$command" --purge -h)"
  done
}

test_words_that_a_command_does_not_know_are_refused() {
  use uninstall status version logs
  assert_fails 'knows --purge only' command_uninstall --purge all
  assert_fails 'knows --json only' command_status --json all
  assert_fails 'takes no arguments' command_version all
  assert_fails 'one role, or all' command_logs server edge
}
